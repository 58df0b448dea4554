"""Ranks and how sure they are.

A model's rank interval reaches from one more than the number of models that are significantly better, to all
models but those that are significantly worse (as in Mogstad, Romano, Shaikh & Wilhelm 2024). Differences are
tested by a paired bootstrap: models that answered the same samples are weighted alike in each replicate.
Bonferroni's correction over the other models makes the interval hold against all of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmbench.metric import Metric
from mmbench.stats.intervals import LEVEL, MIN_CLUSTERS
from mmbench.stats.replicates import Replicates, poisson_weights

Vector = NDArray[np.float64]
REPLICATES = 2000
_CHUNK = 1024


@dataclass(frozen=True)
class Rank:
    """A place among ``of`` models, from 1; ``low`` to ``high`` are the places that the data do not exclude."""

    rank: int
    low: int
    high: int
    of: int

    @property
    def text(self) -> str:
        """The interval as text."""
        return str(self.low) if self.low == self.high else f"{self.low}–{self.high}"


def replicated(metric: Metric, statistics: Vector, keys: NDArray[np.uint64], seed: int) -> Vector:
    """Return bootstrap values of a metric, shape (REPLICATES,), from statistics (n, k) and cluster keys (n,)."""
    sums = Replicates(statistics.shape[1], REPLICATES)
    for start in range(0, len(statistics), _CHUNK):
        part = slice(start, start + _CHUNK)
        sums.add(statistics[part], poisson_weights(keys[part], REPLICATES, seed))
    with np.errstate(invalid="ignore", divide="ignore"):
        values: Vector = metric.aggregate(sums.resampled)
    if len(np.unique(keys)) < MIN_CLUSTERS:
        return np.full_like(values, np.nan)
    return values


def ranks_of(values: Sequence[float], replicates: Sequence[Vector]) -> list[Rank]:
    """Rank models by values of which larger is better; equal values share a rank.

    Args:
        values: one a model.
        replicates: bootstrap values of each, paired; NaN where nothing can be said.

    >>> sure = [np.linspace(v - 0.01, v + 0.01, 50) for v in (0.9, 0.5, 0.5)]
    >>> [(r.rank, r.text) for r in ranks_of([0.9, 0.5, 0.5], sure)]
    [(1, '1'), (2, '2–3'), (2, '2–3')]
    """
    count = len(values)
    ranks = []
    for index, value in enumerate(values):
        signs = [
            _sign(other - value, replicates[place] - replicates[index], count - 1)
            for place, other in enumerate(values)
            if place != index
        ]
        rank = 1 + sum(other > value for other in values)
        ranks.append(Rank(rank, 1 + signs.count(1), count - signs.count(-1), count))
    return ranks


def _sign(delta: float, replicates: Vector, tests: int) -> int:
    """Return 1 or -1 for a difference that is significant, 0 for one that is not.

    The p-value is twice the share of replicates in which the difference is gone or turned (Efron & Tibshirani
    1993), so that it suits shares of few comparisons as well, which are anything but normal.
    """
    defined = replicates[np.isfinite(replicates)]
    if not delta or len(defined) < 0.9 * len(replicates) or len(defined) < 2:
        return 0
    against = float(np.mean(defined * np.sign(delta) <= 0))
    return int(np.sign(delta)) if 2 * against < (1 - LEVEL) / tests else 0


def win_rates(values: Sequence[NDArray[np.float64]]) -> Vector:
    """Return each model's share of comparisons won, ties half.

    Args:
        values: a task each: values (models,) or (models, replicates) of which larger is better; -inf for a task
            that was not run, which loses against every value; NaN for a replicate of which nothing can be said.

    >>> win_rates([np.array([0.9, 0.5, -np.inf]), np.array([0.1, 0.1, 0.2])])
    array([0.625, 0.375, 0.5  ])
    """
    total = np.zeros_like(values[0])
    for task in values:
        ahead = (task[:, None] > task[None, :]).sum(axis=1)
        level = (task[:, None] == task[None, :]).sum(axis=1) - 1
        total += np.where(np.isnan(task).any(axis=0), np.nan, ahead + level / 2)
    shares: Vector = total / (len(values) * (len(values[0]) - 1))
    return shares
