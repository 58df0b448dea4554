"""What every exchange format needs: finished tasks with their results, and where their rows came from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmbench.errors import UsageError
from mmbench.store.records import Result, TaskRecord
from mmbench.store.run import Run

_HUB = re.compile(
    r"(?:hub|mirror):(?P<path>[\w.-]+/[\w.-]+)(?:@(?P<revision>\S+))? (?P<config>\S+?)/(?P<split>\S+)"
)


@dataclass(frozen=True)
class HubSource:
    """Where rows lie on the Hub."""

    path: str
    config: str
    split: str
    revision: str | None


def finished(run: Run) -> Iterator[tuple[TaskRecord, list[Result]]]:
    """Yield finished tasks with their results on the whole dataset that have a value, the main metric first."""
    for record in run.manifest.tasks:
        place = (record.name, record.dataset.name)
        found = [
            entry
            for entry in run.entries
            if (entry.task, entry.dataset) == place and not entry.slice and entry.value is not None
        ]
        if record.status == "done" and found:
            yield record, found


def hub_source(record: TaskRecord) -> HubSource | None:
    """Read where a task's rows came from; None if that is not the Hub."""
    found = _HUB.match(record.dataset.source)
    return HubSource(found["path"], found["config"], found["split"], found["revision"]) if found else None


def only(runs: Sequence[Run], name: str) -> Run:
    """Return the one run of a format that holds no more.

    Raises:
        UsageError: there are several.
    """
    if len(runs) != 1:
        raise UsageError(f"format '{name}' holds one run a file, not {len(runs)}. Write one file for each.")
    return runs[0]


def standard_error(result: Result) -> float | None:
    """Return the standard error that a 95% interval of normal shape would have; None without an interval."""
    if result.interval is None:
        return None
    return (result.interval.high - result.interval.low) / (2 * 1.959964)
