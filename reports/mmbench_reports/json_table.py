"""The report as one JSON document: what the page says, for programs."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from mmbench.store.records import Manifest, Result
from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import Column, columns_of
from mmbench_reports.tables import Block, Contrast, Line, Problem, problems_of
from mmbench_reports.verdict import verdict_of

SCHEMA_VERSION = 2


class OneRun(msgspec.Struct, frozen=True):
    """A run: its name in this report, its folder's name, and both of its records whole."""

    label: str
    folder: str
    manifest: Manifest
    results: list[Result]


class Comparison(msgspec.Struct, frozen=True):
    """One metric of one task or slice over all runs, in their order.

    ``values`` are None where a run has none. ``best`` is the label of the run that is significantly better
    than all others, None if there is none. ``caveat`` says why the values must not be compared; "" if they may.
    """

    task: str
    dataset: str
    slice: str
    metric: str
    values: list[float | None]
    best: str | None
    caveat: str


class Gap(msgspec.Struct, frozen=True):
    """How a run's main value differs from that of the first run, on the ``samples`` that both answered.

    ``p_value`` is adjusted (Holm) over all gaps; ``low`` and ``high`` are the ends of the 95% interval.
    """

    run: str
    task: str
    dataset: str
    metric: str
    delta: float
    low: float | None
    high: float | None
    p_value: float
    test: str
    samples: int
    side: str


class Missing(msgspec.Struct, frozen=True):
    """What did not go as it should; ``task`` and ``dataset`` are None where it is the whole run."""

    run: str
    task: str | None
    dataset: str | None
    status: str
    reason: str


class Report(msgspec.Struct, frozen=True):
    """The whole document."""

    schema_version: int
    headline: str
    details: tuple[str, ...]
    missing: list[Missing]
    table: list[Comparison]
    differences: list[Gap]
    runs: list[OneRun]


def render(runs: Sequence[Run], out: Path) -> None:
    """Write a report of one run, or of several side by side.

    Args:
        runs: run folders; order is that of all lists.
        out: the file, which is replaced as a whole.

    Raises:
        StoreError: a run folder cannot be read, or the file cannot be written.
    """
    write_atomic(out, msgspec.json.format(msgspec.json.encode(report_of(runs)), indent=2) + b"\n")


def report_of(runs: Sequence[Run]) -> Report:
    """Return the report as a record.

    Raises:
        StoreError: a run folder cannot be read.
    """
    columns = columns_of(runs)
    blocks = blocks_of(columns)
    verdict = verdict_of(columns, blocks)
    return Report(
        schema_version=SCHEMA_VERSION,
        headline=verdict.headline,
        details=verdict.details,
        missing=[_missing(found) for found in problems_of(columns)],
        table=[
            _comparison(columns, block.task, block.dataset, line)
            for block in blocks
            for line in (*block.lines, *(line for lines in block.slices.values() for line in lines))
        ],
        differences=[_gap(columns, block, contrast) for block in blocks for contrast in block.contrasts],
        runs=[
            OneRun(column.label, column.run.path.name, column.manifest, list(column.entries)) for column in columns
        ],
    )


def _missing(problem: Problem) -> Missing:
    task, dataset = problem.place or (None, None)
    return Missing(problem.column.label, task, dataset, problem.status, problem.reason)


def _gap(columns: Sequence[Column], block: Block, contrast: Contrast) -> Gap:
    found = contrast.difference
    return Gap(
        run=columns[contrast.index].label,
        task=block.task,
        dataset=block.dataset,
        metric=block.lines[0].metric,
        delta=found.delta,
        low=found.interval.low if found.interval else None,
        high=found.interval.high if found.interval else None,
        p_value=contrast.p_value,
        test=found.test,
        samples=contrast.samples,
        side=contrast.side,
    )


def _comparison(columns: Sequence[Column], task: str, dataset: str, line: Line) -> Comparison:
    best = [column.label for column, cell in zip(columns, line.cells, strict=True) if cell.best]
    return Comparison(
        task=task,
        dataset=dataset,
        slice=line.slice,
        metric=line.metric,
        values=[cell.result.value if cell.result else None for cell in line.cells],
        best=best[0] if best else None,
        caveat=line.caveat,
    )
