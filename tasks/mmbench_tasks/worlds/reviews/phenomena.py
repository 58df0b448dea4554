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


One = Callable[[Stream, Domain, Aspect, str], Opinion]


def paired(chance: Stream, domain: Domain, sign: str, one: One) -> Opinion:
    """Judge two aspects alike; one well and one badly, equally strongly, where the whole is neutral."""
    signs = chance.shuffled((POSITIVE, NEGATIVE)) if sign == NEUTRAL else [sign, sign]
    while True:
        parts = [one(chance, domain, aspect, way) for aspect, way in zip(_two(chance, domain), signs, strict=True)]
        if sign != NEUTRAL or parts[0].extreme == parts[1].extreme:
            break
    judged = parts[0].judged | parts[1].judged
    return Opinion(" ".join(part.text for part in parts), judged, " | ".join(part.key for part in parts))


def negation(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """The scope of a negation decides."""
    if sign == NEUTRAL and chance.chance(0.3):
        return opinions.neither(chance, domain, chance.choice(domain.aspects))
    return paired(chance, domain, sign, opinions.negated)


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
    degrees = chance.choice((("weak", "weak"), ("strong", "strong"))) if sign == NEUTRAL else ("strong", "weak")
    one, one_key = opinions.bare(chance, domain, first, best, degrees[0])
    other, other_key = opinions.bare(chance, domain, second, OTHER[best], degrees[1])
    if chance.chance(0.5):
        one, other = other, one
    text = chance.choice(wording.LINKS).format(one=one, other=other)
    judged = {first.phrase: best, second.phrase: OTHER[best]}
    return Opinion(opinions.capitals(text), judged, f"{one_key} | {other_key}")


def comparison(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """What is said of a rival holds here, too, or does not."""
    return paired(chance, domain, sign, _compared)


def _compared(chance: Stream, domain: Domain, aspect: Aspect, sign: str) -> Opinion:
    same = chance.chance(0.5)
    x = chance.choice(aspect.gradable[sign if same else OTHER[sign]])
    template = chance.choice(wording.LIKEWISE if same else wording.OPPOSITE)
    text = opinions.fill(template, opinions.words(domain, aspect), x)
    return Opinion(text, {aspect.phrase: sign}, f"{aspect.id} {x}")


def irony(chance: Stream, domain: Domain, sign: str) -> Opinion:
    """What happened decides; the exclamations after it may mean their opposite."""
    return paired(chance, domain, sign, _happened)


def _happened(chance: Stream, domain: Domain, aspect: Aspect, sign: str) -> Opinion:
    """Tell what happened, without an adjective, and exclaim."""
    cry = chance.choice(wording.PRAISE if chance.chance(0.5) else wording.BLAME)
    times = [said for said in durations(domain.id) if said.aspect == aspect.id]
    if not times or chance.chance(0.3):
        remark = chance.choice(aspect.remarks[sign])
        return Opinion(f"{remark}. {cry}", {aspect.phrase: sign}, remark)
    said = chance.choice(times)
    time = chance.choice(_LONG if said.long_is_good == (sign == POSITIVE) else _SHORT)
    return Opinion(f"{said.text.format(d=time)}. {cry}", {aspect.phrase: sign}, f"{said.text} {time}")


PHENOMENA: dict[str, Callable[[Stream, Domain, str], Opinion]] = {
    "negation": negation,
    "contrast": contrast,
    "intensity": intensity,
    "comparison": comparison,
    "irony": irony,
}
SIGNS = (NEGATIVE, NEUTRAL, POSITIVE)
