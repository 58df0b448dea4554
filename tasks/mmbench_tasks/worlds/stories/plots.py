"""Plots, settings and names: the tables in ``data/``."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Event(NamedTuple):
    """One step of a plot; all texts have slots in braces.

    Attributes:
        id: unique within its plot.
        person: the slot of the one who acts.
        main: it belongs into the long summary.
        tellings: ways to tell it.
        do, did: the verb phrase, infinitive and past.
        summary: its place in the long summary.
        questions: slot -> questions that it answers; {S} stands for the one who acts.
        state: the slot that says where the object is afterwards; "" if it stays.
    """

    id: str
    person: str
    main: bool
    tellings: tuple[str, ...]
    do: str
    did: str
    summary: str
    questions: dict[str, tuple[str, ...]]
    state: str


class Plot(NamedTuple):
    """A small chain of events.

    Attributes:
        short: summaries in a sentence.
        bridges: slot -> questions that need two events.
        sums: name of a quantity -> questions that need a calculation.
        open: questions that it does not answer.
    """

    id: str
    short: tuple[str, ...]
    events: tuple[Event, ...]
    bridges: dict[str, tuple[str, ...]]
    sums: dict[str, tuple[str, ...]]
    open: tuple[str, ...]


class Setting(NamedTuple):
    """A place of work with its things, rooms and small distractions."""

    id: str
    phrase: str
    objects: tuple[str, ...]
    fragile: tuple[str, ...]
    places: tuple[str, ...]
    items: tuple[str, ...]
    groups: tuple[str, ...]
    asides: tuple[str, ...]
    openings: tuple[str, ...]
    without: frozenset[str]


def _read(name: str) -> list[str]:
    lines = files(__package__).joinpath(f"data/{name}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("//")]


def _ways(text: str) -> tuple[str, ...]:
    return tuple(way.strip() for way in text.split(" / "))


@cache
def plots() -> tuple[Plot, ...]:
    """Return all plots."""
    found: list[list[str]] = []
    for line in _read("plots"):
        if line.startswith("= "):
            found.append([])
        found[-1].append(line)
    return tuple(_plot(lines) for lines in found)


def _plot(lines: list[str]) -> Plot:
    short: tuple[str, ...] = ()
    events: list[list[str]] = []
    rest: dict[str, dict[str, tuple[str, ...]]] = {"&": {}, "#": {}}
    unanswered: tuple[str, ...] = ()
    for line in lines[1:]:
        mark, text = line.split(" ", 1)
        if mark == "short:":
            short = _ways(text)
        elif mark in ("*", "-"):
            events.append([line])
        elif mark in rest:
            slot, questions = text.split(": ", 1)
            rest[mark][slot] = _ways(questions)
        elif mark == "!":
            unanswered = _ways(text)
        else:
            events[-1].append(line)
    return Plot(lines[0][2:], short, tuple(_event(event) for event in events), rest["&"], rest["#"], unanswered)


def _event(lines: list[str]) -> Event:
    mark, name, person = lines[0].split()
    texts: dict[str, str] = {}
    questions: dict[str, tuple[str, ...]] = {}
    for line in lines[1:]:
        key, text = line.split(" ", 1)
        if key == "?":
            slot, asked = text.split(": ", 1)
            questions[slot] = _ways(asked)
        else:
            texts[key] = text
    return Event(
        id=name,
        person=person,
        main=mark == "*",
        tellings=_ways(texts[">"]),
        do=texts["do:"],
        did=texts["did:"],
        summary=texts["long:"],
        questions=questions,
        state=texts.get("@", ""),
    )


@cache
def decoys() -> tuple[str, ...]:
    """Return what people of a story also do, without a full stop."""
    return tuple(_read("decoys"))


@cache
def settings() -> tuple[Setting, ...]:
    """Return all settings."""
    found: list[dict[str, str]] = []
    for line in _read("settings"):
        if line.startswith("= "):
            found.append({"=": line[2:]})
        else:
            key, text = line.split(": ", 1)
            found[-1][key] = text
    return tuple(_setting(cells) for cells in found)


def _setting(cells: dict[str, str]) -> Setting:
    name, phrase = (cell.strip() for cell in cells["="].split("|"))
    objects, fragile, places, items, groups, asides, openings = (
        tuple(entry.strip() for entry in cells[key].split(";"))
        for key in ("objects", "fragile", "places", "items", "groups", "aside", "open")
    )
    without = frozenset(cells.get("without", "").split())
    return Setting(name, phrase, objects, fragile, places, items, groups, asides, openings, without)


@cache
def people() -> tuple[tuple[str, bool], ...]:
    """Return the given names, and whether each is a woman's."""
    found = []
    for line in _read("names"):
        sex, names = line.split(": ", 1)
        found += [(name.strip(), sex == "f") for name in names.split(";")]
    return tuple(found)
