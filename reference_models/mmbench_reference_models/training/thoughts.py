"""What a reply follows from, to be written before it: a source with ``think: true`` teaches to reason first.

Thoughts stand in ``<think>`` tags, as reasoning models write them. They are made of what embedded rows tell of
themselves: the sentences that a question needs, or what there is in the picture.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmbench.errors import UsageError
from mmbench.metrics.reasoning import CLOSE, OPEN

Row = Mapping[str, Any]

MOST_TOKENS = 192
"""How long thoughts may become: what a checkpoint that learnt to think says of itself."""

_THING = re.compile(r"(?P<kind>[a-z ]+) at (?P<x>\d+),\d+, \d+% visible(?P<letter>, letter [a-z])?")
_ON_WALL = {
    "clock": (re.compile(r"clock: (.+)"), r"a clock at \1"),
    "reading": (re.compile(r"sign: (.+)"), r"a sign says \1"),
    "chart": (re.compile(r"(\w+ chart): (.+)"), r"a \1, \2"),
}
"""What a question may be about that is not about things, by the first word of its type."""


def thought_of(task: str, row: Row) -> str:
    """Return what the answer to a row follows from.

    Raises:
        UsageError: the row does not tell.
    """
    column, told = _TOLD.get(task, ("", _seen))
    if column not in row:
        raise UsageError(f"the rows of '{task}' do not tell what an answer follows from. Leave out `think`.")
    return f"{OPEN}{told(row)}{CLOSE}"


def _evidence(row: Row) -> str:
    """Return the sentences of the text that the question needs."""
    sentences = [row["context"][begin:end] for begin, end in row["evidence"]]
    return " ".join(sentences) or "The text does not say."


def _seen(row: Row) -> str:
    """Return what is on the wall if the question is about that, else the things from left to right."""
    lines: Sequence[str] = row["facts"]
    subject = row["type"].partition("_")[0]
    if subject in _ON_WALL:
        line, told = _ON_WALL[subject]
        return "; ".join(found.expand(told).replace("=", " ") for found in map(line.match, lines) if found)
    things = sorted(filter(None, map(_THING.match, lines)), key=lambda thing: int(thing["x"]))
    return "; ".join(f"a {thing['kind']}{thing['letter'] or ''}" for thing in things)


_TOLD: Mapping[str, tuple[str, Callable[[Row], str]]] = {"qa": ("evidence", _evidence), "vqa": ("facts", _seen)}
"""The column that tells, and how it is told, by task."""
