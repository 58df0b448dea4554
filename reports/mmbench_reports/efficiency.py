"""What the work took, as a table: a column a figure, and only those figures that some run knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mmbench.store.records import Efficiency, Percentiles, TaskRecord
from mmbench_reports.columns import Column
from mmbench_reports.numbers import NOTHING, bytes_text, count_text, seconds_text
from mmbench_reports.tables import Block


@dataclass(frozen=True)
class Figure:
    """A column: its heading, the small print under it, and the value; "" where it is not known."""

    name: str
    note: str
    text: Callable[[Efficiency], str]


@dataclass(frozen=True)
class Work:
    """What one task took in one run."""

    column: Column
    record: TaskRecord
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The figures that are known, and a row a task and run, by task."""

    figures: tuple[Figure, ...]
    works: list[tuple[Block, list[Work]]]


def _rate(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _spread(found: Percentiles | None) -> str:
    return " / ".join(seconds_text(value) for value in (found.p50, found.p95, found.p99)) if found else ""


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


FIGURES = (
    Figure("Samples", "", lambda work: count_text(work.samples)),
    Figure("Samples/s", "", lambda work: _rate(work.samples_per_second)),
    Figure("Time", "whole", lambda work: seconds_text(work.seconds)),
    Figure("Model", "waited for", lambda work: seconds_text(work.model_seconds) if work.model_seconds else ""),
    Figure("Harness", "all else", lambda work: seconds_text(work.harness_seconds) if work.model_seconds else ""),
    Figure("Requests", "distinct", lambda work: count_text(work.requests) if work.requests else ""),
    Figure("From store", "of requests", lambda work: _share(work.cache_hit_rate)),
    Figure("Tokens in", "all samples", lambda work: count_text(work.input_tokens) if work.input_tokens else ""),
    Figure("Tokens out", "all samples", lambda work: count_text(work.output_tokens) if work.output_tokens else ""),
    Figure("Tokens/s in", "asked now", lambda work: _rate(work.input_tokens_per_second)),
    Figure("Tokens/s out", "asked now", lambda work: _rate(work.output_tokens_per_second)),
    Figure("First token", "p50 / p95 / p99", lambda work: _spread(work.first_token)),
    Figure("Latency", "p50 / p95 / p99", lambda work: _spread(work.latency)),
    Figure("Memory", "peak, host", lambda work: bytes_text(work.peak_host_bytes)),
    Figure("GPU memory", "peak", lambda work: bytes_text(work.peak_device_bytes)),
    Figure(
        "Energy",
        "GPU",
        lambda work: "" if work.energy_joules is None else f"{work.energy_joules / 3600:,.3g} Wh",
    ),
)


def table_of(columns: Sequence[Column], blocks: Sequence[Block]) -> Table:
    """Gather what the runs' manifests say."""
    rows = [
        (block, column, record)
        for block in blocks
        for column in columns
        if (record := column.task(block.place)) and record.efficiency.samples
    ]
    known = tuple(figure for figure in FIGURES if any(figure.text(record.efficiency) for _, _, record in rows))
    works: list[tuple[Block, list[Work]]] = []
    for block, column, record in rows:
        if not works or works[-1][0] is not block:
            works.append((block, []))
        cells = tuple(figure.text(record.efficiency) or NOTHING for figure in known)
        works[-1][1].append(Work(column, record, cells))
    return Table(known, works)
