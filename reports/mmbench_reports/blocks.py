"""Builds the table of results and marks in it what is significantly best.

A value is best if a paired test, on the samples that both answered, tells it from every other value of its line.
The largest p-value of a line is that of its claim; p-values are then adjusted over all lines (Holm), main metrics
and others apart. Values of slices are not marked: there are too many of them to be sure of any.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mmbench.stats.multiplicity import adjust
from mmbench.stats.paired import Difference
from mmbench.store.records import Result
from mmbench_reports.columns import Column, Place, places
from mmbench_reports.pairs import Pairs
from mmbench_reports.tables import ALPHA, NOT_ASKED, Block, Cell, Contrast, Line

MOST = 20_000
"""Samples of a task beyond which only its main metric is compared: the others would take minutes."""
_Claim = tuple[Place, int, int, float]
"""A place, a line of it, the run that may be best there, and the p-value of that."""


def blocks_of(columns: Sequence[Column]) -> list[Block]:
    """Build the table. A task that no run finished has no lines.

    Raises:
        StoreError: samples.parquet of a run cannot be read.
    """
    known = places(columns)
    tasks = Counter(task for task, _ in known)
    blocks = [
        _block(columns, (task, dataset), task if tasks[task] == 1 else f"{task} ({dataset})")
        for task, dataset in known
    ]
    return _compared(columns, blocks) if len(columns) > 1 else blocks


def _block(columns: Sequence[Column], place: Place, name: str) -> Block:
    found = [_results(column, place) for column in columns]
    keys = list(dict.fromkeys(key for results in found for key in results))
    data = _caveat_of_data(columns, place)
    lines = [_line(columns, place, key, [results.get(key) for results in found], data) for key in keys]
    slices: dict[str, tuple[Line, ...]] = {}
    for line in lines:
        if line.slice:
            slices[line.slice] = (*slices.get(line.slice, ()), line)
    return Block(*place, name, tuple(line for line in lines if not line.slice), slices)


def _results(column: Column, place: Place) -> dict[tuple[str, str], Result]:
    return {(entry.metric, entry.slice): entry for entry in column.entries if (entry.task, entry.dataset) == place}


def _line(
    columns: Sequence[Column],
    place: Place,
    key: tuple[str, str],
    results: Sequence[Result | None],
    data: str,
) -> Line:
    known = [result for result in results if result]
    first = known[0]
    caveat = data
    if any(result.signature != first.signature for result in known):
        caveat = "computed with different settings of the metric"
    cells = tuple(
        Cell(result, "" if result else _why_empty(column, place))
        for column, result in zip(columns, results, strict=True)
    )
    return Line(key[0], key[1], first.signature, first.range, first.higher_is_better, cells, caveat)


def _why_empty(column: Column, place: Place) -> str:
    record = column.task(place)
    if record is None:
        return NOT_ASKED
    return "no such value" if record.status == "done" else record.status


def _caveat_of_data(columns: Sequence[Column], place: Place) -> str:
    records = [record for column in columns if (record := column.task(place)) and record.status == "done"]
    if len({record.dataset.fingerprint for record in records}) > 1:
        return "not measured on the same rows"
    if len({(record.version, record.shots) for record in records}) > 1:
        return "not asked in the same way"
    return ""


def _compared(columns: Sequence[Column], blocks: Sequence[Block]) -> list[Block]:
    """Mark best values and add the differences from the first run."""
    mains: list[_Claim] = []
    others: list[_Claim] = []
    contrasts: list[tuple[Place, Contrast]] = []
    for block in blocks:
        pairs = Pairs(columns, block.place)
        for place, number, leader, p_value in _claims(pairs, block):
            (others if number else mains).append((place, number, leader, p_value))
        contrasts += [(block.place, found) for found in _contrasts(pairs, block)]
    best = {
        (place, number): leader
        for family in (mains, others)
        for (place, number, leader, _), p_value in zip(family, adjust([claim[3] for claim in family]), strict=True)
        if p_value < ALPHA
    }
    adjusted = adjust([found.p_value for _, found in contrasts])
    clear = [(place, replace(found, p_value=p)) for (place, found), p in zip(contrasts, adjusted, strict=True)]
    return [
        replace(
            block,
            lines=tuple(_marked(line, best.get((block.place, index))) for index, line in enumerate(block.lines)),
            contrasts=tuple(found for place, found in clear if place == block.place),
        )
        for block in blocks
    ]


def _marked(line: Line, best: int | None) -> Line:
    cells = tuple(replace(cell, best=index == best) for index, cell in enumerate(line.cells))
    return line if best is None else replace(line, cells=cells)


def _claims(pairs: Pairs, block: Block) -> Iterator[_Claim]:
    """Yield for each comparable line who leads, and how likely chance alone would put it there."""
    for number, line in enumerate(block.lines):
        results = [cell.result for cell in line.cells]
        order = _order(line, results)
        if line.caveat or len(order) < 2 or (number and _size(line) > MOST):
            continue
        p_value = _p_value_of_lead(pairs, results, order)
        if p_value is not None:
            yield block.place, number, order[0], p_value


def _size(line: Line) -> int:
    return max((cell.result.n for cell in line.cells if cell.result), default=0)


def _order(line: Line, results: Sequence[Result | None]) -> list[int]:
    """Return the runs that have a value, best first."""
    known = [(index, found.value) for index, found in enumerate(results) if found and found.value is not None]
    return [index for index, _ in sorted(known, key=lambda pair: -pair[1] if line.higher_is_better else pair[1])]


def _p_value_of_lead(pairs: Pairs, results: Sequence[Result | None], order: Sequence[int]) -> float | None:
    """Return the largest p-value of the leader against the others; None if any of them cannot be compared."""
    leader, *others = order
    p_values = []
    for other in others:
        found = pairs.difference(other, leader, results)
        if found is None:
            return None
        p_values.append(found.p_value if _leads(found, results[leader]) else 1.0)
        if p_values[-1] >= ALPHA:
            break  # no correction makes it smaller
    return max(p_values)


def _leads(found: Difference, result: Result | None) -> bool:
    """Tell whether the leader is ahead on the common samples too."""
    assert result is not None
    return found.delta > 0 if result.higher_is_better else found.delta < 0


def _contrasts(pairs: Pairs, block: Block) -> Iterator[Contrast]:
    if not block.lines or block.lines[0].caveat:
        return
    line = block.lines[0]
    results = [cell.result for cell in line.cells]
    for index in range(1, len(results)):
        found = pairs.difference(0, index, results)
        if found is not None and np.isfinite(found.p_value):
            yield Contrast(index, found, pairs.common(0, index), found.p_value, line.higher_is_better, line.bounds)
