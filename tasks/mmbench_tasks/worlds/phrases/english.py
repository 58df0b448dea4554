"""English: agreement, articles, do-support, the order of adverbs.

``style`` holds three switches that choose among ways to say the same: bit 1 contractions ("didn't"), bit 2 other
relative pronouns ("that" for "who", none for "that"), bit 4 a modal verb of one word ("must" for "has to").
"""

from collections.abc import Callable
from typing import Any

from mmbench_tasks.worlds.phrases.lexicon import City, Mass, Name, Noun
from mmbench_tasks.worlds.phrases.meaning import (
    Both,
    Clause,
    Comparison,
    Copula,
    Fixed,
    Joined,
    Location,
    Meaning,
    Pair,
    Phrase,
    Question,
    Superlative,
)
from mmbench_tasks.worlds.phrases.numbers import capital
from mmbench_tasks.worlds.phrases.numbers import english as number_words
from mmbench_tasks.worlds.phrases.style import PLAIN, Style

_BE = {"1s": "am", "1p": "are", "3s": "is", "3p": "are"}
_OWN = {"1s": "my", "1p": "our", "m": "his", "f": "her"}
_OBJECT = {"I": "me", "we": "us", "he": "him", "she": "her"}
_SIDES = {
    "on": "on",
    "under": "under",
    "behind": "behind",
    "beside": "next to",
    "front": "in front of",
    "in": "in",
}
_VOWELS = frozenset("aeiouAEIOU")
_SHORT = {
    "is not": "isn't", "are not": "aren't", "does not": "doesn't", "do not": "don't", "did not": "didn't",
    "will not": "won't",
}  # fmt: skip


def phrase(np: Phrase, style: Style = PLAIN, negated: bool = False) -> str:
    """Write a noun phrase; ``negated``: an indefinite one in the scope of "not" takes "any" in the plural."""
    head = np.head
    if isinstance(head, str):
        return head
    if isinstance(head, Name):
        return head.id
    if isinstance(head, Mass):
        noun = f"{head_word(np)} of {head.en}" if np.holder else head.en
    else:
        noun = head.en[np.plural]
    words = " ".join([*(adjective.en[0] for adjective in np.adjectives), noun])
    text = _determiner(np, words, negated) + words
    return f"{text} {relative(np, style)}" if np.relative else text


def head_word(np: Phrase) -> str:
    """Return the container of a substance in its number."""
    assert np.holder is not None
    return np.holder.en[np.plural]


def _determiner(np: Phrase, words: str, negated: bool) -> str:
    article = np.article
    if article == "a":
        return "an " if words[0] in _VOWELS else "a "
    if article == "the":
        return "the "
    if article == "own":
        return _OWN[np.owner] + " "
    if article == "count":
        return number_words(np.amount) + " "
    if article == "this":
        return "these " if np.plural else "this "
    return "any " if negated else ""


def relative(np: Phrase, style: Style) -> str:
    """Write the relative clause of a noun phrase."""
    assert np.relative is not None
    clause, gap = np.relative
    if gap == "subject":
        pronoun = "that" if style & 2 or not np.human else "who"
        return f"{pronoun} {predicate(clause._replace(subject=np), style)}"
    if gap == "whose":
        assert isinstance(clause.subject.head, Noun)
        return f"whose {clause.subject.head.en[0]} {predicate(clause, style)}"
    if gap == "where":
        return f"where {phrase(clause.subject)} {predicate(clause, style)}"
    pronoun = "" if style & 2 else "whom " if np.human else "that "
    return f"{pronoun}{phrase(clause.subject)} {predicate(clause._replace(object=None), style)}"


def predicate(clause: Clause, style: Style) -> str:
    """Write everything after the subject."""
    auxiliary, main = _verb(clause, style)
    often = clause.often.en if clause.often else "never" if clause.negated == "never" else ""
    time = "" if clause.time is None or clause.front else clause.time.en
    return " ".join(part for part in (auxiliary, often, main, _complements(clause, style), time) if part)


def _verb(clause: Clause, style: Style) -> tuple[str, str]:
    """Return the auxiliary ("" if none) and the rest of the verb."""
    base, third, past, _, progressive = clause.verb.en
    singular = clause.subject.person == "3s"
    negated = clause.negated == "not"
    if clause.modal == "must":
        return ("must", base) if style & 4 else ("", f"{'has' if singular else 'have'} to {base}")
    if clause.modal == "want":
        base, third, past = f"want to {base}", f"wants to {base}", ""
    if clause.tense == "now":
        return _BE[clause.subject.person], progressive
    if clause.tense == "future":
        return _no("will not", style) if negated else "will", base
    if clause.tense == "past":
        return (_no("did not", style), base) if negated else ("", past)
    if negated:
        return _no("does not" if singular else "do not", style), base
    return "", third if singular else base


def _no(text: str, style: Style) -> str:
    return _SHORT[text] if style & 1 else text


def _complements(clause: Clause, style: Style) -> str:
    verb, thing, other = clause.verb, clause.object, clause.other
    parts: list[str] = []
    negated = clause.negated == "not"
    if verb.frame == "d" and other and verb.en_tail:
        parts = [phrase(thing, style, negated) if thing else "", verb.en_tail, _object(other, style)]
    elif verb.frame == "d" and other:
        parts = [_object(other, style), phrase(thing, style, negated) if thing else ""]
    else:
        parts = [verb.en_tail, _object(thing, style, negated) if thing else ""]
    place = clause.place
    if isinstance(place, City):
        parts.append(place.en)
    elif place:
        parts.append(place.en[verb.frame == "to"])
    return " ".join(part for part in parts if part)


def _object(np: Phrase, style: Style, negated: bool = False) -> str:
    return _OBJECT[np.head] if isinstance(np.head, str) else phrase(np, style, negated)


def clause(clause: Clause, style: Style) -> str:
    """Write a clause without capital and full stop."""
    front = f"{clause.time.en}, " if clause.front and clause.time else ""
    return f"{front}{phrase(clause.subject, style)} {predicate(clause, style)}"


def question(asked: Question, style: Style) -> str:
    """Write a yes-no question."""
    inner = asked.clause
    auxiliary, main = _verb(inner, style)
    singular = inner.subject.person == "3s"
    if not auxiliary:
        base = inner.verb.en[0]
        auxiliary = "did" if inner.tense == "past" else "does" if singular else "do"
        main = f"want to {base}" if inner.modal == "want" else f"have to {base}" if inner.modal else base
    often = inner.often.en if inner.often else ""
    time = inner.time.en if inner.time else ""
    parts = (auxiliary, phrase(inner.subject, style), often, main, _complements(inner, style), time)
    return " ".join(part for part in parts if part)


def copula(said: Copula, style: Style) -> str:
    """Write "X is (very) ADJECTIVE"."""
    person = said.subject.person
    be = ("were" if person in ("1p", "3p") else "was") if said.past else _BE[person]
    degree = said.degree + " " if said.degree else ""
    return f"{phrase(said.subject, style)} {be} {degree}{said.adjective.en[0]}"


def comparison(said: Comparison, style: Style) -> str:
    """Write "X is ADJECTIVE-er than Y" or "X is as ADJECTIVE as Y"."""
    adjective = f"as {said.adjective.en[0]} as" if said.equal else f"{said.adjective.en[1]} than"
    return f"{phrase(said.subject, style)} {_BE[said.subject.person]} {adjective} {phrase(said.other, style)}"


def superlative(said: Superlative, _: Style) -> str:
    """Write "this is the ADJECTIVE-est NOUN in ..."."""
    return f"this is the {said.adjective.en[2]} {said.noun.en[0]} {said.where.en}"


def location(said: Location, style: Style) -> str:
    """Write where something is, is put, or that it exists there."""
    where = f"{_SIDES[said.side]} {phrase(said.ground, style)}"
    thing = phrase(said.thing, style)
    if said.exists:
        be = "are" if said.thing.plural else "is"
        return f"there {be} {thing} {where}"
    if said.by is None:
        return f"{thing} {_BE[said.thing.person]} {where}"
    verb = "put" if said.past or said.by.person != "3s" else "puts"
    return f"{phrase(said.by, style)} {verb} {thing} {where}"


def joined(said: Joined, style: Style) -> str:
    """Write two clauses with their conjunction."""
    first, joint, second = said.first, said.joint, sentence(said.second, style)
    if isinstance(first, Phrase):
        verb = joint if first.person == "3s" else joint[:-1]
        return f"{phrase(first, style)} {verb} that {second}"
    if isinstance(first, Fixed):
        return f"if {first.en}, {second}"
    return f"{clause(first, style)} {joint} {second}"


def pair(said: Pair, style: Style) -> str:
    """Write two sentences; the pronoun is "it"."""
    if isinstance(said.second, Copula):
        assert isinstance(said.first, Clause)
        return f"{clause(said.first, style)}. {capital(copula(said.second, style))}"
    assert isinstance(said.first, Phrase)
    return f"where is {phrase(said.first, style)}? {capital(location(said.second, style))}"


def both(said: Both, style: Style) -> str:
    """Write two main clauses."""
    return f"{sentence(said.first, style)}, {said.joint} {sentence(said.second, style)}"


def sentence(said: Meaning, style: Style = PLAIN) -> str:
    """Write a sentence without capital and full stop."""
    return _SAY[type(said)](said, style)


_SAY: dict[type, Callable[[Any, Style], str]] = {
    Clause: clause,
    Copula: copula,
    Comparison: comparison,
    Location: location,
    Question: question,
    Superlative: superlative,
    Joined: joined,
    Pair: pair,
    Both: both,
}
