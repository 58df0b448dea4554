"""The table of results: a block a task, a line a metric, a cell a run. Every renderer shows this one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mmbench.stats.paired import Difference
from mmbench.store.records import Result, TaskRecord, TaskStatus
from mmbench_reports.columns import Column, Place
from mmbench_reports.numbers import NOTHING, Bounds, interval_text, position, value_text

NOT_ASKED = "not run"
ALPHA = 0.05
"""Below this an adjusted p-value counts as a real difference."""


@dataclass(frozen=True)
class Cell:
    """One value of one run. Where there is no ``result``, ``note`` says why.

    ``best`` marks a value that is significantly better than all others in its line; see
    :mod:`mmbench_reports.blocks`.
    """

    result: Result | None
    note: str = ""
    best: bool = False

    @property
    def value(self) -> str:
        """The value as text."""
        return value_text(self.result.value, self.result.range) if self.result else NOTHING

    @property
    def interval(self) -> str:
        """The interval as text; "" for none."""
        return interval_text(self.result.interval, self.result.range) if self.result else ""

    @property
    def goodness(self) -> float | None:
        """How good the value is, from 0 (the worst there is) to 1 (the best); None where there are no bounds."""
        if self.result is None or self.result.value is None:
            return None
        share = position(self.result.value, self.result.range)
        return share if share is None or self.result.higher_is_better else 1 - share

    @property
    def heat(self) -> int | None:
        """Goodness in ten steps, 0 to 9."""
        return None if self.goodness is None else min(9, int(self.goodness * 10))


@dataclass(frozen=True)
class Line:
    """A metric, on the whole dataset (``slice`` "") or on a slice, over all runs.

    ``caveat`` says why values in this line must not be compared; "" if they may.
    """

    metric: str
    slice: str
    signature: str
    bounds: Bounds
    higher_is_better: bool
    cells: tuple[Cell, ...]
    caveat: str = ""

    @property
    def n(self) -> str:
        """The number of scored samples; of several runs with different numbers, the least and the most."""
        counts = {cell.result.n for cell in self.cells if cell.result}
        return "–".join(f"{count:,}" for count in (sorted({min(counts), max(counts)}) if counts else ()))


@dataclass(frozen=True)
class Contrast:
    """How a run's main value differs from that of the first run, on the samples that both answered.

    ``p_value`` is adjusted (Holm) over all contrasts of the report.
    """

    index: int
    difference: Difference
    samples: int
    p_value: float
    higher_is_better: bool
    bounds: Bounds

    @property
    def is_clear(self) -> bool:
        """Whether chance does not explain the difference."""
        return self.p_value < ALPHA

    @property
    def side(self) -> Literal["better", "worse", "equal"]:
        """Which way it goes."""
        delta = self.difference.delta if self.higher_is_better else -self.difference.delta
        return "better" if delta > 0 else "worse" if delta < 0 else "equal"


@dataclass(frozen=True)
class Block:
    """A task on a dataset. ``lines`` are its metrics, the main one first; ``slices`` the same for each slice.

    ``name`` is what a sentence calls it: the task, with the dataset only where the report has several.
    ``contrasts`` are the differences of the other runs from the first, by the main metric.
    """

    task: str
    dataset: str
    name: str
    lines: tuple[Line, ...]
    slices: dict[str, tuple[Line, ...]]
    contrasts: tuple[Contrast, ...] = ()

    @property
    def place(self) -> Place:
        """The task's name and its dataset's."""
        return self.task, self.dataset

    @property
    def label(self) -> str:
        """The task's name, and its dataset's."""
        return f"{self.task} · {self.dataset}"

    def contrast_of(self, index: int) -> Contrast | None:
        """Return how a run differs from the first; None if they were not compared."""
        return next((one for one in self.contrasts if one.index == index), None)

    @property
    def families(self) -> dict[str, dict[str, tuple[Line, ...]]]:
        """The slices by their names, then by their values."""
        found: dict[str, dict[str, tuple[Line, ...]]] = {}
        for slice_, lines in self.slices.items():
            name, _, value = slice_.partition("=")
            found.setdefault(name, {})[value] = lines
        return found

    def stands_out(self, line: Line, index: int) -> Literal["above", "below", ""]:
        """Tell whether a run's whole interval on a slice lies above or below its value on all samples."""
        here = line.cells[index].result
        whole = next(other.cells[index].result for other in self.lines if other.metric == line.metric)
        if here is None or here.interval is None or whole is None or whole.value is None:
            return ""
        if here.interval.low > whole.value:
            return "above"
        return "below" if here.interval.high < whole.value else ""


@dataclass(frozen=True)
class Problem:
    """A task, or a whole run (``place`` None), that did not go as it should; ``status`` says it in two words."""

    column: Column
    place: Place | None
    status: TaskStatus | str
    reason: str


def problems_of(columns: Sequence[Column]) -> list[Problem]:
    """Return what was skipped, failed, cut short or left without an answer."""
    found: list[Problem] = []
    for column in columns:
        manifest = column.manifest
        if manifest.status in ("running", "failed"):
            reason = manifest.reason or ("It was still going on." if manifest.status == "running" else "")
            found.append(Problem(column, None, manifest.status, reason))
        for task in manifest.tasks:
            place = (task.name, task.dataset.name)
            if task.status != "done":
                found.append(Problem(column, place, task.status, task.reason))
        done = [task for task in manifest.tasks if task.status == "done"]
        if any(task.errors for task in done):
            found.append(Problem(column, None, "no answer", _unanswered(done)))
    return found


def _unanswered(tasks: Sequence[TaskRecord]) -> str:
    """Say in one sentence how many samples have no answer, where, and why the first has none."""
    errors, samples = sum(task.errors for task in tasks), sum(task.efficiency.samples for task in tasks)
    lacking = [task for task in tasks if task.errors]
    where = ", ".join(f"{task.name}:{task.dataset.name} {task.errors:,}" for task in lacking)
    return f"{errors:,} of {samples:,} samples ({where}). The first: {lacking[0].first_error}"
