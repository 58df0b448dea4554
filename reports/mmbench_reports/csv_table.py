"""All results as CSV, a line each, for spreadsheets and scripts."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmbench.store.records import Result, TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.columns import Column, columns_of, place_of
from mmbench_reports.plain import plain

FIELDS = (
    "model",
    "run",
    "task",
    "dataset",
    "status",
    "reason",
    "slice",
    "metric",
    "value",
    "low",
    "high",
    "level",
    "method",
    "n",
    "errors",
    "clusters",
    "higher_is_better",
    "range_low",
    "range_high",
    "signature",
    "model_fingerprint",
    "dataset_fingerprint",
)
"""The columns. A task without results has one line; numbers have full precision, and are empty where undefined."""

Value = str | int | float | bool | None


def render(runs: Sequence[Run], out: Path) -> None:
    """Write the results of all runs, one after the other.

    Args:
        runs: run folders.
        out: the file, which is replaced as a whole; UTF-8 with CRLF line ends (RFC 4180).

    Raises:
        StoreError: a run folder cannot be read, or the file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, FIELDS, restval="")
    writer.writeheader()
    for column in columns_of(runs):
        for row in _rows(column):
            writer.writerow({name: safe(value) for name, value in row.items()})
    write_atomic(out, text.getvalue().encode())


def safe(value: Value) -> Value:
    """Keep a spreadsheet from taking a text for a formula: an apostrophe goes before it.

    >>> safe("=1+1"), safe("plain"), safe(-0.5)
    ("'=1+1", 'plain', -0.5)
    """
    if not isinstance(value, str):
        return value
    text = plain(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def _rows(column: Column) -> Iterator[dict[str, Value]]:
    for task in column.manifest.tasks:
        head: dict[str, Value] = {
            "model": column.label,
            "run": column.run.path.name,
            "task": task.name,
            "dataset": task.dataset.name,
            "status": task.status,
            "reason": task.reason,
            "errors": task.errors,
            "model_fingerprint": column.manifest.model.fingerprint,
            "dataset_fingerprint": task.dataset.fingerprint,
        }
        results = _results(column, task)
        yield from ([head | _values(result) for result in results] if results else [head])


def _results(column: Column, task: TaskRecord) -> list[Result]:
    return [entry for entry in column.entries if (entry.task, entry.dataset) == place_of(task)]


def _values(result: Result) -> dict[str, Value]:
    interval = result.interval
    return {
        "slice": result.slice,
        "metric": result.metric,
        "value": result.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "level": interval.level if interval else None,
        "method": interval.method if interval else None,
        "n": result.n,
        "errors": result.errors,
        "clusters": result.clusters,
        "higher_is_better": result.higher_is_better,
        "range_low": result.range[0],
        "range_high": result.range[1],
        "signature": result.signature,
    }
