"""Opinions on one aspect, and the words that carry them."""

from typing import NamedTuple

from mmbench_tasks.worlds.reviews import wording
from mmbench_tasks.worlds.reviews.domains import NEGATIVE, POSITIVE, Aspect, Domain
from mmbench_tasks.worlds.streams import Stream

OTHER = {POSITIVE: NEGATIVE, NEGATIVE: POSITIVE}


class Opinion(NamedTuple):
    """Sentences, and how the writer judges each aspect in them: "+", "-" or "0"; ``extreme``: in strong words."""

    text: str
    judged: dict[str, str]
    key: str
    extreme: bool = False


class Words(NamedTuple):
    """The words of an aspect in the tense of its domain, ready for a template."""

    aspect: Aspect
    verb: str
    gaps: dict[str, str]


def words(domain: Domain, aspect: Aspect) -> Words:
    """Return what fills the gaps of templates, adjectives apart."""
    plural = aspect.plural
    verb = ("were" if plural else "was") if domain.past else ("are" if plural else "is")
    rival = domain.rival
    gaps = {
        "A": f"{aspect.phrase} {verb}",
        "a": aspect.phrase,
        "v": verb,
        "p": aspect.pronoun,
        "noun": aspect.noun,
        "is": "was" if domain.past else "is",
        "was": "were" if plural else "was",
        "find": "found" if domain.past else "find",
        "seem": "seemed" if domain.past else ("seem" if plural else "seems"),
        "rival": rival,
        "at": domain.preposition,
        "At": domain.preposition,
    }
    return Words(aspect, verb, gaps)


def fill(template: str, about: Words, x: str = "", y: str = "", good: str = "", bad: str = "") -> str:
    """Fill a template and capitalise its sentences."""
    return capitals(template.format(x=x, y=y, good=good, bad=bad, **about.gaps))


def capitals(text: str) -> str:
    """Capitalise the first letter of every sentence.

    >>> capitals("the room? spotless. fine")
    'The room? Spotless. Fine'
    """
    for mark in (". ", "? "):
        text = mark.join(piece[:1].upper() + piece[1:] for piece in text.split(mark))
    return text


def lowered(sentence: str) -> str:
    """Begin a sentence with a small letter, so that it can stand inside another."""
    first = sentence.split(" ", 1)[0]
    return sentence if first == "I" or first.startswith("I'") else sentence[0].lower() + sentence[1:]


def adjectives(chance: Stream, aspect: Aspect, sign: str) -> tuple[str, str]:
    """Draw two adjectives of one polarity; one in three is extreme."""
    first = chance.choice(aspect.extreme[sign] if chance.chance(0.3) else aspect.gradable[sign])
    second = chance.choice(aspect.gradable[sign])
    return (first, second) if first != second else adjectives(chance, aspect, sign)


def plain(chance: Stream, domain: Domain, aspect: Aspect, sign: str) -> Opinion:
    """Say it straight, with an adjective or a remark."""
    if chance.chance(0.4):
        remark = chance.choice(aspect.remarks[sign])
        return Opinion(remark + ".", {aspect.phrase: sign}, remark)
    x, y = adjectives(chance, aspect, sign)
    text = fill(chance.choice(wording.PLAIN), words(domain, aspect), x, y)
    return Opinion(text, {aspect.phrase: sign}, f"{aspect.id} {x}", x in aspect.extreme[sign])


def negated(chance: Stream, domain: Domain, aspect: Aspect, sign: str) -> Opinion:
    """Say it with a negation, which turns the adjective round or leaves it standing."""
    flipped = chance.chance(0.5)
    named = OTHER[sign] if flipped else sign
    x, y = adjectives(chance, aspect, named)
    template = chance.choice(wording.FLIPPING if flipped else wording.STANDING)
    text = fill(template, words(domain, aspect), x, y)
    return Opinion(text, {aspect.phrase: sign}, f"{aspect.id} {x}", x in aspect.extreme[named])


def neither(chance: Stream, domain: Domain, aspect: Aspect) -> Opinion:
    """Say that it is neither good nor bad."""
    good, bad = chance.choice(aspect.gradable[POSITIVE]), chance.choice(aspect.gradable[NEGATIVE])
    text = fill(chance.choice(wording.NEITHER), words(domain, aspect), good=good, bad=bad)
    return Opinion(text, {aspect.phrase: "0"}, f"{aspect.id} {good} {bad}")


def hearsay(chance: Stream, domain: Domain, aspect: Aspect, sign: str) -> str:
    """Report what somebody else thinks; the writer does not judge."""
    x, _ = adjectives(chance, aspect, sign)
    report = {gap: chance.choice(verbs) for gap, verbs in wording.REPORTS.items()}
    text = chance.choice(wording.HEARSAY).format(
        who=chance.choice(wording.WHO), x=x, **report, **words(domain, aspect).gaps
    )
    return f"{capitals(text)} {chance.choice(wording.DISCLAIMERS)}"


def bare(chance: Stream, domain: Domain, aspect: Aspect, sign: str, degree: str = "") -> tuple[str, str]:
    """Return a clause without capital and full stop, "the room was (very) clean", and its key."""
    if not degree and chance.chance(0.35):
        remark = chance.choice(aspect.remarks[sign])
        return lowered(remark), remark
    about = words(domain, aspect)
    if degree == "strong" and chance.chance(0.1):
        x = chance.choice(aspect.extreme[sign])
        return f"{about.gaps['A']} {chance.choice(wording.UTTERLY)} {x}", f"{aspect.id} {x}"
    x = chance.choice(aspect.gradable[sign])
    if degree == "strong":
        return f"{about.gaps['A']} {chance.choice(wording.STRONG)} {x}", f"{aspect.id} {x}"
    said = chance.choice(wording.SLIGHTLY).format(x=x) if degree == "weak" else x
    return f"{about.gaps['A']} {said}", f"{aspect.id} {x}"
