"""Meanings: what a sentence says, without the words of any language."""

from typing import NamedTuple

from mmbench_tasks.worlds.phrases.lexicon import Adjective, City, Mass, Name, Noun, Place, Time, Verb

PERSONS = {"I": "1s", "we": "1p", "he": "3s", "she": "3s", "it": "3s"}


class Phrase(NamedTuple):
    """A noun phrase.

    Attributes:
        head: a countable noun, a name, a substance or a pronoun (a string: I, we, he, she, it).
        article: a, the, this, bare (no article: plurals, substances), count, own (a possessive), none (names).
        plural: more than one.
        adjectives: at most one of each kind; size and age before colour.
        amount: the number, for ``article`` count.
        owner: whose, for ``article`` own: "1s", "1p", "m" (his) or "f" (her).
        female: which of two forms, for nouns that have a male and a female one.
        holder: what the substance comes in (a cup of tea).
        relative: a clause whose subject or object is this phrase.
        antecedent: what "it" stands for; it decides the pronoun's gender.
    """

    head: Noun | Name | Mass | str
    article: str = "none"
    plural: bool = False
    adjectives: tuple[Adjective, ...] = ()
    amount: int = 1
    owner: str = ""
    female: bool = False
    holder: Noun | None = None
    relative: "Relative | None" = None
    antecedent: "Phrase | None" = None

    @property
    def person(self) -> str:
        """1s, 1p, 3s or 3p."""
        if isinstance(self.head, str):
            return PERSONS[self.head]
        return "3p" if self.plural else "3s"

    @property
    def sex(self) -> str:
        """Whom English calls he ("m") or she ("f"); "" where it does not tell."""
        if isinstance(self.head, str):
            return {"he": "m", "she": "f"}.get(self.head, "")
        if isinstance(self.head, Name):
            return self.head.sex
        # das Mädchen is neuter: "sein" and "ihr" both have their friends, so nothing may depend on it.
        if isinstance(self.head, Noun) and not self.plural and self.head.id != "girl":
            return "m" if "male" in self.head.traits else "f" if "female" in self.head.traits else ""
        return ""

    @property
    def human(self) -> bool:
        """Whether it is who or which."""
        return isinstance(self.head, str | Name) or (isinstance(self.head, Noun) and "person" in self.head.traits)


class Clause(NamedTuple):
    """An event or a state.

    Attributes:
        tense: past, present (habits, states), now (in progress), future.
        other: the person to whom, for verbs with two objects.
        negated: "", "not" or "never".
        modal: "", "must" or "want".
        front: the time stands first.
    """

    verb: Verb
    subject: Phrase
    tense: str
    object: Phrase | None = None
    other: Phrase | None = None
    negated: str = ""
    modal: str = ""
    time: Time | None = None
    often: Time | None = None
    place: Place | City | None = None
    front: bool = False


class Relative(NamedTuple):
    """A clause with a gap that the noun fills: "subject", "object", "whose" (of its subject) or "where"."""

    clause: Clause
    gap: str


class Copula(NamedTuple):
    """Somebody or something is or was ADJECTIVE; ``degree``: "", "very" or "too"."""

    subject: Phrase
    adjective: Adjective
    degree: str = ""
    past: bool = False


class Comparison(NamedTuple):
    """``subject`` is more ADJECTIVE than ``other``, or as ADJECTIVE as it (``equal``)."""

    subject: Phrase
    other: Phrase
    adjective: Adjective
    equal: bool = False


class Superlative(NamedTuple):
    """This is the most ADJECTIVE one ``where``."""

    noun: Noun
    adjective: Adjective
    where: "Fixed"


class Location(NamedTuple):
    """A thing is somewhere, is put there (``by`` somebody), or exists there (``exists``)."""

    thing: Phrase
    side: str
    ground: Phrase
    by: Phrase | None = None
    past: bool = False
    exists: bool = False


class Question(NamedTuple):
    """A yes-no question."""

    clause: Clause


class Fixed(NamedTuple):
    """Words that are written out in every language."""

    id: str
    en: str
    de: str
    fr: str
    zh: str


class Joined(NamedTuple):
    """Two clauses: because, but, while, if; or says, knows, hopes with a speaker first."""

    joint: str
    first: Clause | Phrase | Fixed
    second: Clause | Copula | Comparison


class Pair(NamedTuple):
    """Two sentences, the second about "it": a statement and what it is like, or where it is."""

    first: Clause | Phrase
    second: Copula | Location


class Both(NamedTuple):
    """Two main clauses; ``joint``: "and" or "but"."""

    first: "Meaning"
    joint: str
    second: Clause | Copula | Location


Meaning = Clause | Copula | Comparison | Superlative | Location | Question | Joined | Pair | Both
