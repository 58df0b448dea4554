"""The head of the page: each run's main metric on each task."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmbench.store.records import Result
from mmbench_reports.columns import Column, Place, place_of, places
from mmbench_reports.numbers import NOTHING, interval_text, value_text


@dataclass(frozen=True)
class Line:
    """One task: its main metric and each run's value and interval, as text."""

    task: str
    dataset: str
    metric: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class Overview:
    """What the page says before any sample."""

    title: str
    columns: Sequence[Column]
    lines: list[Line]

    @property
    def is_empty(self) -> bool:
        """Whether no run has ended yet."""
        return all(column.manifest.status == "running" for column in self.columns)

    @property
    def several(self) -> bool:
        """Whether runs are compared."""
        return len(self.columns) > 1


def overview_of(columns: Sequence[Column]) -> Overview:
    """Gather the main results of the runs."""
    return Overview(
        title=" vs ".join(column.label for column in columns),
        columns=columns,
        lines=[_line(columns, place) for place in places(columns)],
    )


def _line(columns: Sequence[Column], place: Place) -> Line:
    mains = [_main(column, place) for column in columns]
    metric = next((main.metric for main in mains if main), "")
    return Line(*place, metric, [_cell(column, place, main) for column, main in zip(columns, mains, strict=True)])


def _main(column: Column, place: Place) -> Result | None:
    return next((one for one in column.entries if (one.task, one.dataset, one.slice) == (*place, "")), None)


def _cell(column: Column, place: Place, main: Result | None) -> tuple[str, str]:
    if main is not None:
        return value_text(main.value, main.range), interval_text(main.interval, main.range)
    task = next((task for task in column.manifest.tasks if place_of(task) == place), None)
    return (task.status if task else NOTHING), ""
