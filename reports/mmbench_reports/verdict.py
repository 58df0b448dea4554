"""The headline: what the table says, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmbench_reports.columns import Column
from mmbench_reports.numbers import counted, value_text
from mmbench_reports.tables import Block, Line

_NAMED = 3
"""Tasks that a headline names before it says "and more"."""


@dataclass(frozen=True)
class Verdict:
    """A headline and the sentences beneath it."""

    headline: str
    details: tuple[str, ...]


def verdict_of(columns: Sequence[Column], blocks: Sequence[Block]) -> Verdict:
    """Say what the runs show. A difference is called clear only where a paired test finds it (Holm, 5%)."""
    done = [block for block in blocks if block.lines]
    if not done:
        return Verdict(_nothing(columns), ())
    if len(columns) == 1:
        return Verdict(_headline_of_one(columns[0], done), ())
    fair = [block for block in done if not block.lines[0].caveat and _shared(block.lines[0], len(columns))]
    if not fair:
        return Verdict(f"{listed([column.label for column in columns])} have no task in common.", ())
    return _two(columns, fair) if len(columns) == 2 else _many(columns, fair)


def listed(names: Sequence[str], most: int = 6) -> str:
    """Join names for a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"]), listed(["a", "b", "c", "d"], 2)
    ('a', 'a and b', 'a, b and c', 'a, b and 2 more')
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _nothing(columns: Sequence[Column]) -> str:
    if any(column.manifest.status == "running" for column in columns):
        return f"{listed([column.label for column in columns])}: no results yet."
    return f"{listed([column.label for column in columns])} finished no task."


def _headline_of_one(column: Column, done: Sequence[Block]) -> str:
    scores = []
    for block in done:
        result = block.lines[0].cells[0].result
        if result and result.value is not None:
            scores.append(f"{value_text(result.value, result.range)} {result.metric} on {block.name}")
    if len(scores) > _NAMED:
        scores = [*scores[:_NAMED], counted(len(scores) - _NAMED, "more task")]
    return f"{column.label} scores {listed(scores)}." if scores else f"{column.label} has no defined score."


def _shared(line: Line, runs: int) -> bool:
    return sum(cell.result is not None and cell.result.value is not None for cell in line.cells) == runs


def _two(columns: Sequence[Column], fair: Sequence[Block]) -> Verdict:
    labels = [column.label for column in columns]
    wins: tuple[list[str], list[str]] = ([], [])
    level: list[str] = []
    for block in fair:
        best = next((index for index, cell in enumerate(block.lines[0].cells) if cell.best), None)
        (level if best is None else wins[best]).append(block.name)
    ahead = 0 if len(wins[0]) >= len(wins[1]) else 1
    return Verdict(
        _headline_of_two(labels[ahead], labels[1 - ahead], len(wins[ahead]), len(wins[1 - ahead]), len(fair)),
        tuple(_who_where(labels, wins, level)),
    )


def _headline_of_two(ahead: str, behind: str, more: int, fewer: int, tasks: int) -> str:
    if not more:
        return f"No clear difference between {ahead} and {behind}."
    if more == fewer:
        return f"{ahead} and {behind} are each clearly better on {counted(more, 'task')}."
    share = "" if tasks == 1 else f" on all {tasks} tasks" if more == tasks else f" on {more} of {tasks} tasks"
    return f"{ahead} is clearly better than {behind}{share}" + (f", clearly worse on {fewer}." if fewer else ".")


def _who_where(labels: Sequence[str], wins: tuple[list[str], list[str]], level: list[str]) -> list[str]:
    told = [f"{label} leads on {listed(tasks)}." for label, tasks in zip(labels, wins, strict=True) if tasks]
    if level:
        told.append(f"On {listed(level)} the difference may be chance.")
    return told


def _many(columns: Sequence[Column], fair: Sequence[Block]) -> Verdict:
    best = [_leader(block.lines[0]) for block in fair]
    counts = [best.count(column.index) for column in columns]
    top = max(counts)
    leaders = [column.label for column, count in zip(columns, counts, strict=True) if count == top]
    clear = [
        f"{column.label} on {listed([block.name for block in fair if block.lines[0].cells[column.index].best])}"
        for column in columns
        if any(block.lines[0].cells[column.index].best for block in fair)
    ]
    share = f"{top} of {counted(len(fair), 'task')}"
    headline = (
        f"{leaders[0]} scores best on {share}."
        if len(leaders) == 1
        else f"{listed(leaders)} each score best on {share}."
    )
    told = (
        f"Clearly ahead of all others: {'; '.join(clear)}." if clear else "Nobody is clearly ahead of all others."
    )
    return Verdict(headline, (told,))


def _leader(line: Line) -> int:
    """Return the index of the best value; the first of equals."""
    values = [cell.result.value for cell in line.cells if cell.result]
    sign = 1 if line.higher_is_better else -1
    return max(range(len(values)), key=lambda index: sign * (values[index] or 0.0))
