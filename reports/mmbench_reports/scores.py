"""What each metric says of one sample, from its stored statistics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from mmbench import plugins
from mmbench.errors import UsageError
from mmbench.metric import Metric
from mmbench.store.records import Result
from mmbench_reports.columns import Place
from mmbench_reports.numbers import position, value_text
from mmbench_reports.tables import Block

Verdict = Literal["right", "partly", "wrong", "error", "scored"]
"""How a sample went by its main metric; "scored" where that has no bounds, or says nothing of one sample."""


@dataclass(frozen=True)
class Score:
    """One metric's value on one sample."""

    metric: str
    text: str


class Scorer:
    """Scores single samples of one task of one run.

    The metric itself aggregates one sample's statistics, if the task is installed and its metric has the signature
    with which the run was scored. Else only [score, 1] of a metric that runs from 0 to 1 can be read.
    """

    def __init__(self, place: Place, results: Sequence[Result]) -> None:
        self.place = place
        self._results = {result.metric: result for result in results}

    def scores(self, statistics: Mapping[str, Sequence[float]]) -> list[Score]:
        """Return the scores as text in the order of the table, without metrics that score no single sample."""
        told = []
        for name, result in self._results.items():
            value = self._value(result, statistics.get(name, ()))
            if value is not None:
                told.append(Score(name, value_text(value, result.range)))
        return told

    def share(self, statistics: Mapping[str, Sequence[float]]) -> float | None:
        """Return the main metric's score from 0 (worst) to 1 (best); None where it has none."""
        main = next(iter(self._results.values()), None)
        value = None if main is None else self._value(main, statistics.get(main.metric, ()))
        if main is None or value is None:
            return None
        share = position(value, main.range)
        return share if share is None or main.higher_is_better else 1 - share

    def verdict(self, statistics: Mapping[str, Sequence[float]], error: str | None) -> Verdict:
        """Say how a sample went."""
        if error is not None:
            return "error"
        share = self.share(statistics)
        if share is None:
            return "scored"
        return "right" if share >= 1 else "wrong" if share <= 0 else "partly"

    def _value(self, result: Result, statistics: Sequence[float]) -> float | None:
        metric = _metrics(self.place).get((result.metric, result.signature))
        if not statistics:
            return None
        if metric is None:
            is_mean = result.range == (0, 1) and len(statistics) == 2 and statistics[1] == 1
            return statistics[0] if is_mean else None
        value = float(metric.aggregate(np.asarray(statistics)))
        return value if np.isfinite(value) else None


def scorer_of(block: Block, index: int) -> Scorer:
    """Return the scorer of a run's column in a block."""
    results = [line.cells[index].result for line in block.lines]
    return Scorer(block.place, [result for result in results if result])


@cache
def _metrics(place: Place) -> dict[tuple[str, str], Metric]:
    """Return the metrics of an installed task by name and signature; none if it is not installed or broken."""
    task, dataset = place
    try:
        found = plugins.load("tasks", task)()
    except (UsageError, plugins.BrokenPluginError):
        return {}
    own = found.datasets[dataset].metrics if dataset in found.datasets else ()
    return {(metric.name, metric.signature): metric for metric in own or found.metrics}
