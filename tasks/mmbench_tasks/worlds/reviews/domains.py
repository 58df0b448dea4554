"""What people review: domains with their aspects, read from ``data/domains.txt``."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

POSITIVE, NEGATIVE = "+", "-"


class Aspect(NamedTuple):
    """One side of a thing.

    ``gradable`` and ``extreme`` adjectives, and whole ``remarks``, are keyed by polarity, "+" or "-"; ``facts``
    say nothing good or bad.
    """

    id: str
    phrase: str
    plural: bool
    gradable: dict[str, tuple[str, ...]]
    extreme: dict[str, tuple[str, ...]]
    remarks: dict[str, tuple[str, ...]]
    facts: tuple[str, ...]

    @property
    def noun(self) -> str:
        """The phrase without its article."""
        return self.phrase.removeprefix("the ")

    @property
    def pronoun(self) -> str:
        """It or they."""
        return "they" if self.plural else "it"


class Domain(NamedTuple):
    """A kind of thing that is reviewed; ``past``: one tells of a visit, else of something one has."""

    id: str
    past: bool
    thing: str
    rival: str
    preposition: str
    openers: tuple[str, ...]
    aspects: tuple[Aspect, ...]


@cache
def domains() -> tuple[Domain, ...]:
    """Return all domains."""
    text = files(__package__).joinpath("data/domains.txt").read_text("utf-8")
    blocks = text.split("\n@ ")[1:]
    return tuple(_domain(block.splitlines()) for block in blocks)


def _domain(lines: list[str]) -> Domain:
    name, tense, thing, rival, at = (cell.strip() for cell in lines[0].split("|"))
    starts = [i for i, line in enumerate(lines) if i and "|" in line]
    ends = [*starts[1:], len(lines)]
    aspects = tuple(_aspect(lines[start:end]) for start, end in zip(starts, ends, strict=True))
    return Domain(name, tense == "past", thing, rival, at, _entries(lines[1][2:]), aspects)


def _aspect(lines: list[str]) -> Aspect:
    name, phrase, number = (cell.strip() for cell in lines[0].split("|"))
    rows = dict(line.split(" ", 1) for line in lines[1:] if line)
    found = {mark: _entries(text) for mark, text in rows.items()}
    return Aspect(
        name,
        phrase,
        number == "p",
        {sign: found[f"{sign}g"] for sign in (POSITIVE, NEGATIVE)},
        {sign: found[f"{sign}x"] for sign in (POSITIVE, NEGATIVE)},
        {sign: found[sign] for sign in (POSITIVE, NEGATIVE)},
        found["="],
    )


def _entries(text: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in text.split(";"))
