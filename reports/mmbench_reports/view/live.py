"""How runs stand that have not ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mmbench.errors import StoreError
from mmbench.store.live import LiveTask, read_live
from mmbench.store.records import IntervalRecord
from mmbench.store.run import load_run
from mmbench_reports.columns import Column
from mmbench_reports.numbers import count_text, interval_text, value_text

SILENT = 60
"""Seconds without news after which a run is said to be silent."""


@dataclass(frozen=True)
class Bar:
    """One task of a run: how far it is, and its running score."""

    task: LiveTask

    @property
    def counts(self) -> str:
        """How many samples of how many."""
        total = self.task.total
        return count_text(self.task.samples) + (f" of {count_text(total)}" if total is not None else "")

    @property
    def score(self) -> str:
        """The running value of the main metric."""
        return "" if self.task.score is None else value_text(self.task.score, self.task.range)

    @property
    def interval(self) -> str:
        """Its interval."""
        low, high = self.task.low, self.task.high
        if low is None or high is None:
            return ""
        return interval_text(IntervalRecord(low, high, 0.95, ""), self.task.range)


@dataclass(frozen=True)
class Standing:
    """A run that was going on when the server was started."""

    column: Column
    is_running: bool
    silent: int
    bars: list[Bar]


def standings(columns: Sequence[Column]) -> list[Standing]:
    """Return the runs that had not ended when they were opened, as they stand now."""
    return [_standing(column) for column in columns if column.manifest.status == "running"]


def _standing(column: Column) -> Standing:
    live = read_live(column.run.path)
    try:
        is_running = load_run(column.run.path).manifest.status == "running"
    except StoreError:
        is_running = True
    silent = int((datetime.now(UTC) - datetime.fromisoformat(live.updated)).total_seconds()) if live else 0
    return Standing(
        column,
        is_running,
        silent if silent >= SILENT else 0,
        [Bar(task) for task in live.tasks] if live else [],
    )
