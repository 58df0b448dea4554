"""The main metric of a task that goes on: its value so far, and a quick interval."""

import math

import numpy as np

from mmbench.metric import Metric, Vector
from mmbench.stats.linear import gradient

_Z = 1.959963984540054  # of 95 %
_WAIT = 4096
"""Samples that are kept apart until somebody asks."""
_WIDE = 64
"""Statistics of a metric above which no interval is kept up to date."""


class RunningScore:
    """One metric over the samples scored so far.

    The interval is the delta method's, as if every sample were a cluster of its own: good enough to watch a run
    by. What is reported at the end takes clusters into account.
    """

    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self._new: list[Vector] = []
        self._count = 0
        self._totals: Vector = np.zeros(1)
        self._squares: Vector = np.zeros((1, 1))

    def add(self, statistics: Vector) -> None:
        """Add one sample's statistics, shape (k,)."""
        self._new.append(statistics)
        if len(self._new) >= _WAIT:
            self._fold()

    def value(self) -> float:
        """Return the metric's value; NaN before the first sample."""
        self._fold()
        return float(self._metric.aggregate(self._totals)) if self._count else math.nan

    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval; None where there is no telling yet."""
        value = self.value()
        if self._count < 2 or not math.isfinite(value) or len(self._totals) > _WIDE:
            return None
        slope = gradient(self._metric.aggregate, self._totals)
        spread = slope @ (self._squares - np.outer(self._totals, self._totals) / self._count) @ slope
        if not spread > 0:
            return None
        reach = _Z * math.sqrt(spread * self._count / (self._count - 1))
        low, high = self._metric.range
        return max(value - reach, low), min(value + reach, high)

    def _fold(self) -> None:
        new, self._new = self._new, []
        if not new:
            return
        rows = np.stack(new)
        self._count += len(rows)
        self._totals = self._totals + rows.sum(axis=0)
        if rows.shape[1] <= _WIDE:
            self._squares = self._squares + rows.T @ rows
