"""Quality against what it costs: the mean of the main metrics against the time of a sample, and against size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmbench_reports.checkpoints import folder_of, parameters
from mmbench_reports.columns import Column
from mmbench_reports.numbers import seconds_text, size_text
from mmbench_reports.plots import NARROW, WIDE
from mmbench_reports.rows import Samples
from mmbench_reports.scatter import Cost, Dot, scatter
from mmbench_reports.tables import Block

MOST = 5_000
"""Samples of a task whose latency is looked at."""
TIME = Cost("mean time of a sample", seconds_text)
SIZE = Cost("parameters", size_text)


@dataclass(frozen=True)
class Tradeoff:
    """A plot in two layouts, and what is on its horizontal axis."""

    title: str
    charts: tuple[str, ...]


def tradeoffs_of(columns: Sequence[Column], blocks: Sequence[Block]) -> list[Tradeoff]:
    """Return the plots that at least two models can be on.

    Raises:
        StoreError: samples.parquet of a run cannot be read.
    """
    if len(columns) < 2:
        return []
    fair = [block for block in blocks if _is_fair(block)]
    quality = {column.index: _quality(column, fair) for column in columns} if fair else {}
    found = []
    for title, cost, costs in (("time", TIME, _seconds(columns, fair)), ("size", SIZE, _sizes(columns))):
        dots = [
            Dot(column.label, costs[column.index], quality[column.index], column.index)
            for column in columns
            if column.index in costs and column.index in quality
        ]
        told = f"Mean of the main metrics against {cost.title}."
        charts = tuple(chart for layout in (WIDE, NARROW) if (chart := scatter(dots, cost, layout, told)))
        if charts:
            found.append(Tradeoff(title, charts))
    return found


def _is_fair(block: Block) -> bool:
    """Whether all runs have a main value that lies between bounds."""
    line = block.lines[0] if block.lines else None
    return line is not None and not line.caveat and all(cell.goodness is not None for cell in line.cells)


def _quality(column: Column, fair: Sequence[Block]) -> float:
    values = [block.lines[0].cells[column.index].goodness or 0.0 for block in fair]
    return sum(values) / len(values)


def _seconds(columns: Sequence[Column], fair: Sequence[Block]) -> dict[int, float]:
    """Return each run's mean time of a sample, tasks counted alike; none for runs that measured none."""
    found = {}
    for column in columns:
        means = [mean for block in fair if (mean := _mean_latency(Samples(column.run, block.place))) > 0]
        if means and len(means) == len(fair):
            found[column.index] = sum(means) / len(means)
    return found


def _mean_latency(samples: Samples) -> float:
    times = list(_latencies(samples))
    return sum(times) / len(times) if times else 0.0


def _latencies(samples: Samples) -> Iterator[float]:
    for row in samples.said(MOST):
        yield sum(response["latency"] for response in row["responses"] or ())


def _sizes(columns: Sequence[Column]) -> dict[int, float]:
    folders = {column.index: folder_of(column.manifest) for column in columns}
    counts = {index: parameters(folder) for index, folder in folders.items() if folder}
    return {index: float(count) for index, count in counts.items() if count}
