"""Phenomena: for each, a way to write the heart of a review with a given sentiment."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from mmbench_tasks.worlds.reviews import opinions, wording
from mmbench_tasks.worlds.reviews.domains import NEGATIVE, POSITIVE, Aspect, Domain
from mmbench_tasks.worlds.reviews.opinions import OTHER, Opinion
from mmbench_tasks.worlds.streams import Stream

NEUTRAL = "0"
_SHORT = ("a minute", "two minutes", "three minutes", "five minutes")
_LONG = ("two hours", "three hours", "half a day", "a whole day")


class Duration(NamedTuple):
    """A sentence about a time; ``long_is_good`` says which kind of time one hopes for."""

    domain: str
    long_is_good: bool
    text: str
    aspect: str


@cache
def durations(domain: str) -> tuple[Duration, ...]:
    """Return the sentences about times in a domain."""
    lines = files(__package__).joinpath("data/durations.txt").read_text("utf-8").splitlines()
    cells = ([cell.strip() for cell in line.split("|")] for line in lines if not line.startswith("#"))
    return tuple(Duration(name, way == ">", text, aspect) for name, way, text, aspect in cells if name == domain)


def _two(chance: Stream, domain: Domain) -> tuple[Aspect, Aspect]:
    first, second = chance.sample(domain.aspects, 2)
    return first, second


def plain(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """Good words for good things; facts and a shrug for neither."""
    first = chance.choice(domain.aspects)
    if sign == NEUTRAL:
        fact, verdict = chance.choice(first.facts), chance.choice(wording.LUKEWARM)
        return Opinion(f"{fact}. {verdict}", {}, fact)
    return opinions.plain(chance, domain, first, sign)


def negation(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """The scope of a negation decides."""
    first = chance.choice(domain.aspects)
    if sign == NEUTRAL:
        return opinions.neither(chance, domain, first)
    return opinions.negated(chance, domain, first, sign)


def contrast(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """One good, one bad; the sentence says which of them decides."""
    first, second = _two(chance, domain)
    best = POSITIVE if sign == NEUTRAL else sign
    main, one_key = opinions.bare(chance, domain, first, best)
    side, other_key = opinions.bare(chance, domain, second, OTHER[best])
    if sign == NEUTRAL:
        one, other = (main, side) if chance.chance(0.5) else (side, main)
        text = chance.choice(wording.UNDECIDED).format(one=one, other=other)
    else:
        text = chance.choice(wording.DECIDING).format(main=main, side=side)
    judged = {first.phrase: best, second.phrase: OTHER[best]}
    return Opinion(opinions.capitals(text), judged, f"{one_key} | {other_key}")


def intensity(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """One good, one bad; the stronger word wins."""
    first, second = _two(chance, domain)
    best = POSITIVE if sign == NEUTRAL else sign
    degrees = ("weak", "weak") if sign == NEUTRAL else ("strong", "weak")
    one, one_key = opinions.bare(chance, domain, first, best, degrees[0])
    other, other_key = opinions.bare(chance, domain, second, OTHER[best], degrees[1])
    if chance.chance(0.5):
        one, other = other, one
    text = chance.choice(wording.LINKS).format(one=one, other=other)
    judged = {first.phrase: best, second.phrase: OTHER[best]}
    return Opinion(opinions.capitals(text), judged, f"{one_key} | {other_key}")


def comparison(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """What is said of a rival holds here, too, or does not."""
    aspect = chance.choice(domain.aspects)
    about = opinions.words(domain, aspect)
    if sign == NEUTRAL:
        x = chance.choice(aspect.gradable[chance.choice((POSITIVE, NEGATIVE))])
        return Opinion(opinions.fill(chance.choice(wording.UNJUDGED), about, x), {}, f"{aspect.id} {x}")
    same = chance.chance(0.5)
    x = chance.choice(aspect.gradable[sign if same else OTHER[sign]])
    text = opinions.fill(chance.choice(wording.LIKEWISE if same else wording.OPPOSITE), about, x)
    return Opinion(text, {aspect.phrase: sign}, f"{aspect.id} {x}")


def irony(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """What happened decides; the exclamation after it may mean its opposite."""
    if sign == NEUTRAL:
        fact = chance.choice(chance.choice(domain.aspects).facts)
        return Opinion(f"{fact}. {chance.choice(wording.SHRUG)}", {}, fact)
    cry = chance.choice(wording.PRAISE if chance.chance(0.5) else wording.BLAME)
    if chance.chance(0.3):
        aspect = chance.choice(domain.aspects)
        remark = chance.choice(aspect.remarks[sign])
        return Opinion(f"{remark}. {cry}", {aspect.phrase: sign}, remark)
    said = chance.choice(durations(domain.id))
    time = chance.choice(_LONG if said.long_is_good == (sign == POSITIVE) else _SHORT)
    aspect = next(aspect for aspect in domain.aspects if aspect.id == said.aspect)
    return Opinion(f"{said.text.format(d=time)}. {cry}", {aspect.phrase: sign}, f"{said.text} {time}")


PHENOMENA: dict[str, Callable[[Stream, Domain, str], Opinion]] = {
    "plain": plain,
    "negation": negation,
    "contrast": contrast,
    "intensity": intensity,
    "comparison": comparison,
    "irony": irony,
}
SIGNS = (NEGATIVE, NEUTRAL, POSITIVE)
