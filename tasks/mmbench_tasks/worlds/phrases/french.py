"""French: elision, contraction, agreement of adjectives and participles, negation in two parts, two auxiliaries.

``style``: bit 1 "aller" for the future tense and the present for "être en train de", bit 2 inversion for
"est-ce que", bit 4 the feminine for I and we.
"""

from collections.abc import Callable
from typing import Any

from mmbench_tasks.worlds.phrases.lexicon import City, FrenchNoun, Mass, Name, Noun
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
from mmbench_tasks.worlds.phrases.numbers import french as number_words
from mmbench_tasks.worlds.phrases.style import PLAIN, Style

_VOWELS = frozenset("aeiouyàâéèêëîïôûœhAEIOUYÀÂÉÈÊËÎÏÔÛŒH")
_OWN = {
    "1s": ("mon", "ma", "mes"),
    "1p": ("notre", "notre", "nos"),
    "m": ("son", "sa", "ses"),
    "f": ("son", "sa", "ses"),
}
_PRONOUNS = {"I": "je", "we": "nous", "he": "il", "she": "elle"}
_SELF = {"1s": "me", "1p": "nous", "3s": "se", "3p": "se"}
_PERSON = {"1s": 1, "3s": 2, "1p": 3, "3p": 4}
_ETRE = ("", "suis", "est", "sommes", "sont")
_AVOIR = ("", "ai", "a", "avons", "ont")
_ALLER = ("", "vais", "va", "allons", "vont")
_FUTURE = ("", "ai", "a", "ons", "ont")
_MODALS = {"must": ("", "dois", "doit", "devons", "doivent"), "want": ("", "veux", "veut", "voulons", "veulent")}
_SIDES = {
    "on": "sur",
    "under": "sous",
    "behind": "derrière",
    "beside": "à côté de",
    "front": "devant",
    "in": "dans",
}
_JOINTS = {"because": "parce que", "while": "pendant que"}
_SAYS = {
    "says": ("", "dis", "dit", "disons", "disent"),
    "knows": ("", "sais", "sait", "savons", "savent"),
    "hopes": ("", "espère", "espère", "espérons", "espèrent"),
}
_DEGREES = {"": "", "very": "très ", "too": "trop "}


def elided(word: str, following: str) -> str:
    """Join a word that loses its vowel (ne, de, que, se, le, je) to what follows.

    >>> elided("que", "Anna arrive"), elided("de", "Paul")
    ("qu'Anna arrive", 'de Paul')
    """
    return f"{word[:-1]}'{following}" if following[0] in _VOWELS else f"{word} {following}"


def noun_of(np: Phrase) -> FrenchNoun:
    """Return the noun that governs gender: the container of a substance, or the form for the person's sex."""
    noun = np.holder or np.head
    assert isinstance(noun, Noun)
    return noun.fr[np.female and len(noun.fr) > 1]


def agreement(np: Phrase, style: Style = PLAIN) -> tuple[bool, bool]:
    """Return (feminine, plural), as adjectives and participles need them."""
    head = np.head
    if np.antecedent:
        return agreement(np.antecedent)
    if isinstance(head, str):
        return head == "she" or (head in ("I", "we") and bool(style & 4)), head == "we"
    if isinstance(head, Name):
        return head.sex == "f", False
    if isinstance(head, Mass) and np.holder is None:
        return head.fr[0] == "f", False
    return noun_of(np).gender == "f", np.plural


def phrase(np: Phrase, style: Style = PLAIN, negated: bool = False, after: str = "") -> str:
    """Write a noun phrase; ``negated``: a, some become "de"; ``after``: "à" or "de" to contract with."""
    head = np.head
    if isinstance(head, str):
        if head == "it":
            return "elle" if agreement(np)[0] else "il"
        return _PRONOUNS[head]
    if isinstance(head, Name):
        return _prepose(after, "", head.id)
    feminine, plural = agreement(np)
    words = _words(np, feminine, plural)
    text = _prepose(after, _article(np, feminine, plural, words, negated), words)
    return f"{text} {relative(np, style)}" if np.relative else text


def _words(np: Phrase, feminine: bool, plural: bool) -> str:
    if isinstance(np.head, Mass):
        substance = np.head.fr[1]
        if np.holder is None:
            return substance
        noun = f"{np.holder.fr[0].plural if plural else np.holder.fr[0].singular} {elided('de', substance)}"
    else:
        found = noun_of(np)
        noun = found.plural if plural else found.singular
    if not np.adjectives:
        return noun
    form = feminine + 2 * plural
    before = [adjective for adjective in np.adjectives if adjective.before]
    after = [adjective.fr[form] for adjective in np.adjectives if not adjective.before]
    for adjective in reversed(before):
        vowel = form == 0 and noun[0] in _VOWELS
        noun = f"{adjective.fr_vowel if vowel else adjective.fr[form]} {noun}"
    return " ".join([noun, *after])


def _article(np: Phrase, feminine: bool, plural: bool, words: str, negated: bool) -> str:
    article = np.article
    if negated and article in ("a", "bare"):
        return "de"
    if article == "bare":
        if isinstance(np.head, Mass) and np.head.fr[0] != "p":
            return "de l'" if words[0] in _VOWELS else "de la" if feminine else "du"
        return "de" if any(adjective.before for adjective in np.adjectives) else "des"
    if article == "a":
        return "une" if feminine else "un"
    if article == "the":
        return "les" if plural else "l'" if words[0] in _VOWELS else "la" if feminine else "le"
    if article == "own":
        forms = _OWN[np.owner]
        return forms[2] if plural else forms[feminine and words[0] not in _VOWELS]
    if article == "this":
        return "ces" if plural else "cette" if feminine else "cet" if words[0] in _VOWELS else "ce"
    return number_words(np.amount, feminine)


_CONTRACTED = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}


def _prepose(preposition: str, article: str, words: str) -> str:
    """Join preposition, article and noun: à + le = au, de + l' = de l', de + un = d'un."""
    if article == "de":
        text = elided("de", words)
    elif article.endswith("'"):
        text = article + words
    else:
        text = f"{article} {words}" if article else words
    if not preposition:
        return text
    if (preposition, article) in _CONTRACTED:
        return f"{_CONTRACTED[preposition, article]} {words}"
    return elided("de", text) if preposition == "de" else f"{preposition} {text}"


def relative(np: Phrase, style: Style) -> str:
    """Write the relative clause of a noun phrase; a participle agrees with the noun that is its object."""
    assert np.relative is not None
    clause, gap = np.relative
    if gap == "subject":
        return "qui " + predicate(clause._replace(subject=np), style)
    if gap == "whose":
        owned = phrase(clause.subject._replace(article="the"))
        return f"dont {owned} {predicate(clause, style)}"
    subject = phrase(clause.subject)
    if gap == "where":
        return "où " + _with_subject(subject, predicate(clause, style))
    rest = predicate(clause._replace(object=None), style, object_first=np)
    return elided("que", _with_subject(subject, rest))


def _with_subject(subject: str, rest: str) -> str:
    return elided(subject, rest) if subject == "je" else f"{subject} {rest}"


def predicate(clause: Clause, style: Style, object_first: Phrase | None = None) -> str:
    """Write everything after the subject."""
    finite, main = _verb(clause, style, object_first)
    if clause.negated:
        finite = elided("ne", finite) + (" jamais" if clause.negated == "never" else " pas")
    elif clause.often:
        finite += f" {clause.often.fr}"
    time = "" if clause.time is None or clause.front else clause.time.fr
    return " ".join(part for part in (finite, main, _complements(clause, style), time) if part)


def _verb(clause: Clause, style: Style, object_first: Phrase | None) -> tuple[str, str]:
    """Return the finite verb, its reflexive pronoun included, and the participle or infinitive."""
    infinitive, *_, participle, auxiliary, future = clause.verb.fr
    person = _PERSON[clause.subject.person]
    self = _SELF[clause.subject.person] if "r" in auxiliary else ""
    whole = _reflexive(self, infinitive)
    if clause.modal:
        return _MODALS[clause.modal][person], whole
    if clause.tense == "future":
        return (_ALLER[person], whole) if style & 1 else (_reflexive(self, future + _FUTURE[person]), "")
    if clause.tense == "now" and not style & 1:
        return _ETRE[person], "en train " + elided("de", whole)
    if clause.tense != "past":
        return _reflexive(self, clause.verb.fr[person]), ""
    if "e" in auxiliary:
        feminine, plural = agreement(clause.subject, style)
        return _reflexive(self, _ETRE[person]), participle + "e" * feminine + "s" * plural
    if object_first:
        feminine, plural = agreement(object_first)
        participle += "e" * feminine + "s" * (plural and not participle.endswith("s"))
    return _AVOIR[person], participle


def _reflexive(self: str, verb: str) -> str:
    if not self:
        return verb
    return f"{self} {verb}" if self == "nous" else elided(self, verb)


def _complements(clause: Clause, style: Style) -> str:
    verb, thing, other, place = clause.verb, clause.object, clause.other, clause.place
    preposition = "à" if thing and verb.fr_tail.endswith("à") else ""
    parts = [verb.fr_tail.removesuffix("à").strip() if preposition else verb.fr_tail]
    if thing:
        negated = clause.negated != "" and not preposition
        parts.append(phrase(thing, style, negated, after=preposition))
    if other:
        parts.append(phrase(other, style, after="à"))
    if isinstance(place, City):
        parts.append(place.fr)
    elif place:
        parts.append(place.fr[verb.frame == "to"])
    return " ".join(part for part in parts if part)


def clause(clause: Clause, style: Style) -> str:
    """Write a clause without capital and full stop."""
    front = f"{clause.time.fr}, " if clause.front and clause.time else ""
    return front + _with_subject(phrase(clause.subject, style), predicate(clause, style))


def question(asked: Question, style: Style) -> str:
    """Write a yes-no question, with "est-ce que" or with inversion (third person only)."""
    inner = asked.clause
    if not style & 2 or inner.subject.person[0] == "1" or inner.negated:
        return "est-ce " + elided("que", clause(inner, style))
    feminine, plural = agreement(inner.subject)
    finite, main = _verb(inner, style, None)
    link = "-" if finite[-1] in "td" else "-t-"
    inverted = f"{finite}{link}{'elle' if feminine else 'il'}{'s' * plural}"
    subject = "" if isinstance(inner.subject.head, str) else phrase(inner.subject, style)
    often = inner.often.fr if inner.often else ""
    time = inner.time.fr if inner.time else ""
    parts = (subject, inverted, often, main, _complements(inner, style), time)
    return " ".join(part for part in parts if part)


def copula(said: Copula, style: Style) -> str:
    """Write "X est (très) ADJECTIVE"; the adjective agrees."""
    feminine, plural = agreement(said.subject, style)
    person = said.subject.person
    verb = _IMPERFECT[person] if said.past else _ETRE[_PERSON[person]]
    quality = _DEGREES[said.degree] + said.adjective.fr[feminine + 2 * plural]
    return _with_subject(phrase(said.subject, style), f"{verb} {quality}")


_IMPERFECT = {"1s": "étais", "1p": "étions", "3s": "était", "3p": "étaient"}


def comparison(said: Comparison, style: Style) -> str:
    """Write "X est plus (aussi) ADJECTIVE que Y"."""
    feminine, plural = agreement(said.subject, style)
    quality = f"{'aussi' if said.equal else 'plus'} {said.adjective.fr[feminine + 2 * plural]}"
    verb = _ETRE[_PERSON[said.subject.person]]
    than = elided("que", phrase(said.other, style))
    return _with_subject(phrase(said.subject, style), f"{verb} {quality} {than}")


def superlative(said: Superlative, _: Style) -> str:
    """Write "c'est la plus ADJECTIVE NOUN de ..." or "c'est le NOUN le plus ADJECTIVE de ..."."""
    noun = said.noun.fr[0]
    article = "la" if noun.gender == "f" else "le"
    quality = f"{article} plus {said.adjective.fr[noun.gender == 'f']}"
    if said.adjective.before:
        return f"c'est {quality} {noun.singular} {said.where.fr}"
    the = "l'" if noun.singular[0] in _VOWELS else article + " "
    return f"c'est {the}{noun.singular} {quality} {said.where.fr}"


def _side(said: Location, style: Style) -> str:
    if said.side == "beside":
        return "à côté " + phrase(said.ground, style, after="de")
    return f"{_SIDES[said.side]} {phrase(said.ground, style)}"


def location(said: Location, style: Style) -> str:
    """Write where something is, is put, or that it exists there."""
    where, thing = _side(said, style), phrase(said.thing, style)
    if said.exists:
        return f"il y a {thing} {where}"
    if said.by is None:
        return f"{thing} {_ETRE[_PERSON[said.thing.person]]} {where}"
    person = _PERSON[said.by.person]
    put = ("mettre", "mets", "met", "mettons", "mettent", "mis") if style & 1 else _POSER
    verb = f"{_AVOIR[person]} {put[5]}" if said.past else put[person]
    return _with_subject(phrase(said.by, style), f"{verb} {thing} {where}")


_POSER = ("poser", "pose", "pose", "posons", "posent", "posé")


def joined(said: Joined, style: Style) -> str:
    """Write two clauses with their conjunction."""
    # "pendant que" and a progressive in its clause say the same twice.
    inner = (
        said.second._replace(tense="present")
        if said.joint == "while" and isinstance(said.second, Clause)
        else said.second
    )
    first, joint, second = said.first, said.joint, sentence(inner, style)
    if isinstance(first, Phrase):
        verb = _SAYS[joint][_PERSON[first.person]]
        return _with_subject(phrase(first, style), f"{verb} {elided('que', second)}")
    if isinstance(first, Fixed):
        return f"{first.fr}, {second}"
    return f"{clause(first, style)} {elided(_JOINTS[joint], second)}"


def pair(said: Pair, style: Style) -> str:
    """Write two sentences; the pronoun has the gender of its noun."""
    if isinstance(said.second, Copula):
        assert isinstance(said.first, Clause)
        return f"{clause(said.first, style)}. {capital(copula(said.second, style))}"
    assert isinstance(said.first, Phrase)
    return f"où est {phrase(said.first, style)} ? {capital(location(said.second, style))}"


def both(said: Both, style: Style) -> str:
    """Write two main clauses."""
    joint = " et" if said.joint == "and" else ", mais"
    return f"{sentence(said.first, style)}{joint} {sentence(said.second, style)}"


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
