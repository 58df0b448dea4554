"""German: case, gender, three kinds of adjective endings, separable verbs, the verb second or last.

``style``: bit 1 preterite for perfect, bit 2 present for future and a plain verb for "is lying", bit 4 is unused.
"""

from collections.abc import Callable
from typing import Any

from mmbench_tasks.worlds.phrases.lexicon import City, GermanNoun, Mass, Name, Noun, Verb
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
from mmbench_tasks.worlds.phrases.numbers import german as number_words
from mmbench_tasks.worlds.phrases.style import PLAIN, Style

NOM, ACC, DAT = range(3)
_THE = {
    "m": ("der", "den", "dem"),
    "f": ("die", "die", "der"),
    "n": ("das", "das", "dem"),
    "p": ("die", "die", "den"),
}
_THIS = {"m": ("er", "en", "em"), "f": ("e", "e", "er"), "n": ("es", "es", "em"), "p": ("e", "e", "en")}
_A = {"m": ("", "en", "em"), "f": ("e", "e", "er"), "n": ("", "", "em"), "p": ("e", "e", "en")}
_WEAK = {"m": ("e", "en", "en"), "f": ("e", "e", "en"), "n": ("e", "e", "en"), "p": ("en", "en", "en")}
_MIXED = {"m": ("er", "en", "en"), "f": ("e", "e", "en"), "n": ("es", "es", "en"), "p": ("en", "en", "en")}
_STRONG = {"m": ("er", "en", "em"), "f": ("e", "e", "er"), "n": ("es", "es", "em"), "p": ("e", "e", "en")}
_OWN = {"1s": "mein", "1p": "unser", "m": "sein", "f": "ihr"}
_PRONOUNS = {
    "I": ("ich", "mich", "mir"),
    "we": ("wir", "uns", "uns"),
    "he": ("er", "ihn", "ihm"),
    "she": ("sie", "sie", "ihr"),
}
_IT = {"m": ("er", "ihn", "ihm"), "f": ("sie", "sie", "ihr"), "n": ("es", "es", "ihm")}
_SEIN = {"1s": "bin", "1p": "sind", "3s": "ist", "3p": "sind"}
_HABEN = {"1s": "habe", "1p": "haben", "3s": "hat", "3p": "haben"}
_WERDEN = {"1s": "werde", "1p": "werden", "3s": "wird", "3p": "werden"}
_MODALS = {
    "must": {"1s": "muss", "1p": "müssen", "3s": "muss", "3p": "müssen"},
    "want": {"1s": "will", "1p": "wollen", "3s": "will", "3p": "wollen"},
}
_SIDES = {"on": "auf", "under": "unter", "behind": "hinter", "beside": "neben", "front": "vor", "in": "in"}
_JOINTS = {"because": "weil", "while": "während"}
_DEGREES = {"": "", "very": "sehr ", "too": "zu "}
_SAYS = {
    "says": {"1s": "sage", "1p": "sagen", "3s": "sagt", "3p": "sagen"},
    "knows": {"1s": "weiß", "1p": "wissen", "3s": "weiß", "3p": "wissen"},
    "hopes": {"1s": "hoffe", "1p": "hoffen", "3s": "hofft", "3p": "hoffen"},
}


def noun_of(np: Phrase) -> GermanNoun:
    """Return the noun that governs gender: the container of a substance, or the form for the person's sex."""
    noun = np.holder or np.head
    assert isinstance(noun, Noun)
    return noun.de[np.female and len(noun.de) > 1]


def gender(np: Phrase) -> str:
    """Return m, f, n, or p for the plural."""
    if isinstance(np.head, Mass) and np.holder is None:
        return np.head.de[0]
    return "p" if np.plural else noun_of(np).gender


def phrase(np: Phrase, case: int = NOM, style: Style = PLAIN, negated: bool = False) -> str:
    """Write a noun phrase in a case; ``negated``: an indefinite one becomes "kein"."""
    head = np.head
    if isinstance(head, str):
        if head == "it":
            assert np.antecedent is not None
            return _IT[gender(np.antecedent)][case]
        return _PRONOUNS[head][case]
    if isinstance(head, Name):
        return head.id
    kind = gender(np)
    determiner, endings = _determiner(np, kind, case, negated)
    words = [determiner] if determiner else []
    words += [adjective.de[0] + endings[kind][case] for adjective in np.adjectives]
    words.append(_noun(np, kind, case))
    text = " ".join(words)
    return f"{text}, {relative(np, style)}," if np.relative else text


def _noun(np: Phrase, kind: str, case: int) -> str:
    if isinstance(np.head, Mass):
        substance = np.head.de[1]
        if np.holder is None:
            return substance
        return f"{np.holder.de[0].plural if np.plural else np.holder.de[0].singular} {substance}"
    noun = noun_of(np)
    if kind != "p":
        return noun.plural if noun.weak and case != NOM else noun.singular
    return noun.plural + "n" if case == DAT and noun.plural[-1] not in "ns" else noun.plural


def _determiner(np: Phrase, kind: str, case: int, negated: bool) -> tuple[str, dict[str, tuple[str, str, str]]]:
    """Return the article and the table of adjective endings that goes with it."""
    article = np.article
    if negated and article in ("a", "bare"):
        return "kein" + _A[kind][case], _MIXED
    if article == "a":
        return "ein" + _A[kind][case], _MIXED
    if article == "the":
        return _THE[kind][case], _WEAK
    if article == "this":
        return "dies" + _THIS[kind][case], _WEAK
    if article == "own":
        return _possessive(np.owner, _A[kind][case]), _MIXED
    if article == "count":
        return number_words(np.amount), _STRONG
    return "", _STRONG


def _possessive(owner: str, ending: str) -> str:
    """Return "mein-", "unser-" (unsere, unseren), "sein-" or "ihr-" with its ending."""
    return _OWN[owner] + ending


def relative(np: Phrase, style: Style) -> str:
    """Write the relative clause of a noun phrase, without its commas."""
    assert np.relative is not None
    clause, gap = np.relative
    kind = gender(np)
    if gap == "subject":
        return f"{_THE[kind][NOM]} {last(clause._replace(subject=np), style)}"
    if gap == "whose":
        whose = "dessen" if kind in "mn" else "deren"
        return f"{whose} {noun_of(clause.subject).singular} {last(clause, style)}"
    if gap == "where":
        return f"in {_THE[kind][DAT]} {phrase(clause.subject)} {last(clause, style)}"
    case = DAT if clause.verb.frame == "dat" else ACC
    pronoun = "denen" if kind == "p" and case == DAT else _THE[kind][case]
    return f"{pronoun} {phrase(clause.subject)} {last(clause._replace(object=None), style)}"


def _bracket(clause: Clause, style: Style) -> tuple[str, str]:
    """Return the finite verb and what closes the sentence: prefix, participle or infinitive."""
    verb, person = clause.verb, clause.subject.person
    infinitive, third, preterite, participle, auxiliary = verb.de
    whole = verb.prefix + infinitive
    if clause.modal:
        return _MODALS[clause.modal][person], whole
    if clause.tense == "future" and not (style & 2 and clause.time):
        return _WERDEN[person], whole
    if clause.tense == "past" and not style & 1:
        return (_SEIN if auxiliary == "s" else _HABEN)[person], participle
    if clause.tense == "past":
        return _preterite(preterite, person), verb.prefix
    return _present(verb, third, person), verb.prefix


def _preterite(form: str, person: str) -> str:
    if person in ("1s", "3s"):
        return form
    return form + ("n" if form.endswith("e") else "en")


def _present(verb: Verb, third: str, person: str) -> str:
    infinitive = verb.de[0]
    if person == "1s":
        return infinitive[: -1 if infinitive.endswith("ern") else -2] + "e"
    return third if person == "3s" else infinitive


def _middle(clause: Clause, style: Style, front: bool) -> list[str]:
    """Return what stands between the two parts of the verb: person, time, thing, place.

    What is known comes before the negation: "hat den Brief gestern nicht gelesen".
    """
    parts = ["gerade"] if clause.tense == "now" else []
    when = [] if front or clause.time is None else [clause.time.de]
    when += [clause.often.de] if clause.often else []
    never = ["nie"] if clause.negated == "never" else []
    if clause.other:
        parts.append(phrase(clause.other, DAT, style))
    thing = clause.object
    if thing is None:
        return parts + when + never + _without_object(clause)
    known = thing.article not in ("a", "bare") and not clause.verb.de_tail
    said = _object(clause, thing, style, known)
    not_ = ["nicht"] if clause.negated == "not" and (known or clause.verb.de_tail) else []
    place = clause.place
    where = [place.de[0]] if place and not isinstance(place, City) else []
    if known and (never or not_):
        return [*parts, said, *when, *never, *not_, *where]
    return [*parts, *when, *never, *not_, *([said, *where] if known else [*where, said])]


def _object(clause: Clause, thing: Phrase, style: Style, known: bool) -> str:
    """Write the object in its case, with its preposition; "nicht ein" becomes "kein"."""
    verb = clause.verb
    case = DAT if verb.frame in ("dat", "belong") else ACC
    without = clause.negated == "not" and not known and not verb.de_tail
    return _tidy([verb.de_tail, phrase(thing, case, style, negated=without)])


def _without_object(clause: Clause) -> list[str]:
    """nicht, place; and what belongs to the verb: a preposition before a town, else an object (Geige)."""
    verb, place = clause.verb, clause.place
    not_ = "nicht" if clause.negated == "not" else ""
    if isinstance(place, City):
        return [not_, verb.de_tail, place.de]
    where = place.de[verb.frame == "to"] if place else ""
    return [not_, where, verb.de_tail]


def main(clause: Clause, style: Style) -> str:
    """Write a main clause: the finite verb stands second."""
    clause, after = _extraposed(clause, style)
    finite, end = _bracket(clause, style)
    subject = phrase(clause.subject, NOM, style)
    middle = _middle(clause, style, clause.front)
    if clause.front and clause.time:
        parts = [clause.time.de, finite, subject, *middle, end]
    else:
        parts = [subject, finite, *middle, end]
    return _tidy(parts) + after


def _extraposed(clause: Clause, style: Style) -> tuple[Clause, str]:
    """Move a relative clause on the object behind the verb, where it reads best."""
    thing = clause.object
    if thing is None or thing.relative is None:
        return clause, ""
    return clause._replace(object=thing._replace(relative=None)), f", {relative(thing, style)},"


def last(clause: Clause, style: Style) -> str:
    """Write all of a subordinate clause but its subject: the finite verb stands last."""
    clause, after = _extraposed(clause, style)
    finite, end = _bracket(clause, style)
    middle = _middle(clause, style, False)
    if end and end == clause.verb.prefix:
        return _tidy([*middle, end + finite]) + after
    return _tidy([*middle, end, finite]) + after


def _tidy(parts: list[str]) -> str:
    return " ".join(part for part in parts if part)


def question(asked: Question, style: Style) -> str:
    """Write a yes-no question: the finite verb stands first."""
    finite, end = _bracket(asked.clause, style)
    middle = _middle(asked.clause, style, False)
    return _tidy([finite, phrase(asked.clause.subject, NOM, style), *middle, end])


def copula(said: Copula, style: Style) -> str:
    """Write "X ist (sehr) ADJECTIVE"."""
    return f"{phrase(said.subject, NOM, style)} {_be(said)} {_quality(said)}"


def _be(said: Copula) -> str:
    person = said.subject.person
    return ("waren" if person in ("1p", "3p") else "war") if said.past else _SEIN[person]


def _quality(said: Copula) -> str:
    return _DEGREES[said.degree] + said.adjective.de_predicative


def comparison(said: Comparison, style: Style) -> str:
    """Write "X ist ADJECTIVE-er als Y" or "X ist genauso ADJECTIVE wie Y"."""
    quality, than = _compared(said, style)
    return f"{phrase(said.subject, NOM, style)} {_SEIN[said.subject.person]} {quality} {than}"


def _compared(said: Comparison, style: Style) -> tuple[str, str]:
    """Return "ADJECTIVE-er" and "als Y", or "genauso ADJECTIVE" and "wie Y"."""
    other = phrase(said.other, NOM, style)
    if said.equal:
        return f"{'so' if style & 2 else 'genauso'} {said.adjective.de_predicative}", f"wie {other}"
    return said.adjective.de[1], f"als {other}"


def superlative(said: Superlative, style: Style) -> str:
    """Write "das ist der ADJECTIVE-ste NOUN in ..."."""
    noun, this = said.noun.de[0], "dies" if style & 2 else "das"
    return f"{this} ist {_THE[noun.gender][NOM]} {said.adjective.de[2]}e {noun.singular} {said.where.de}"


def _side(said: Location, case: int, style: Style) -> str:
    preposition, ground = _SIDES[said.side], phrase(said.ground, case, style)
    if preposition == "in" and ground.startswith("dem "):
        return "im " + ground[4:]
    if preposition == "in" and ground.startswith("das "):
        return "ins " + ground[4:]
    return f"{preposition} {ground}"


def location(said: Location, style: Style) -> str:
    """Write where something is (dative), is put (accusative), or that it exists there."""
    if said.by is not None:
        return _put(said, style)
    where, thing = _side(said, DAT, style), phrase(said.thing, NOM, style)
    if said.exists:
        verb = "sind" if said.thing.plural else "ist"
        return f"{where} {verb} {thing}"
    verb = _SEIN[said.thing.person] if style & 2 else _posture(said.thing)
    return f"{thing} {verb} {where}"


def _posture(np: Phrase) -> str:
    noun = np.antecedent.head if np.antecedent else np.head
    assert isinstance(noun, Noun)
    return ("lieg" if "lies" in noun.traits else "steh") + ("en" if np.plural else "t")


def _put(said: Location, style: Style) -> str:
    assert said.by is not None
    assert isinstance(said.thing.head, Noun)
    stem = "leg" if "lies" in said.thing.head.traits else "stell"
    thing, where = phrase(said.thing, ACC, style), _side(said, ACC, style)
    subject, person = phrase(said.by, NOM, style), said.by.person
    ending = {"1s": "e", "1p": "en", "3s": "t", "3p": "en"}[person]
    if said.past and not style & 1:
        return f"{subject} {_HABEN[person]} {thing} {where} ge{stem}t"
    if said.past:
        return f"{subject} {_preterite(stem + 'te', person)} {thing} {where}"
    return f"{subject} {stem}{ending} {thing} {where}"


def subordinate(said: Clause | Copula | Comparison, style: Style) -> str:
    """Write a clause with its verb at the end; what is compared with comes after the verb."""
    subject = phrase(said.subject, NOM, style)
    if isinstance(said, Comparison):
        quality, than = _compared(said, style)
        return f"{subject} {quality} {_SEIN[said.subject.person]} {than}"
    if isinstance(said, Copula):
        return f"{subject} {_quality(said)} {_be(said)}"
    return f"{subject} {last(said, style)}"


def joined(said: Joined, style: Style) -> str:
    """Write two clauses with their conjunction."""
    first, joint, second = said.first, said.joint, said.second
    if isinstance(first, Phrase):
        return f"{phrase(first, NOM, style)} {_SAYS[joint][first.person]}, dass {subordinate(second, style)}"
    if isinstance(first, Fixed):
        assert isinstance(second, Clause)
        return f"wenn {first.de}, {question(Question(second), style)}"
    if isinstance(second, Clause) and second.tense == "now":
        second = second._replace(tense="present")
    return f"{main(first, style)}, {_JOINTS[joint]} {subordinate(second, style)}"


def pair(said: Pair, style: Style) -> str:
    """Write two sentences; the pronoun has the gender of its noun."""
    if isinstance(said.second, Copula):
        assert isinstance(said.first, Clause)
        return f"{main(said.first, style)}. {capital(copula(said.second, style))}"
    assert isinstance(said.first, Phrase)
    return f"wo ist {phrase(said.first, NOM, style)}? {capital(location(said.second, style))}"


def both(said: Both, style: Style) -> str:
    """Write two main clauses; a subordinate clause before "und" ends with a comma."""
    first, second = sentence(said.first, style), sentence(said.second, style)
    if said.joint == "but":
        return f"{first}, aber {second}"
    open_clause = isinstance(said.first, Joined) and not isinstance(said.first.first, Fixed)
    return f"{first}{',' * open_clause} und {second}"


def sentence(said: Meaning, style: Style = PLAIN) -> str:
    """Write a sentence without capital and full stop."""
    return _SAY[type(said)](said, style)


_SAY: dict[type, Callable[[Any, Style], str]] = {
    Clause: main,
    Copula: copula,
    Comparison: comparison,
    Location: location,
    Question: question,
    Superlative: superlative,
    Joined: joined,
    Pair: pair,
    Both: both,
}
