"""How a run differs from the first over all tasks: the mean difference of the main metrics, better upwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmbench.metric import Vector
from mmbench.stats.intervals import LEVEL, MIN_CLUSTERS, Interval, percentile
from mmbench.stats.multiplicity import adjust
from mmbench_reports.columns import Column
from mmbench_reports.numbers import Bounds
from mmbench_reports.pairs import REPLICATES, Pairs
from mmbench_reports.tables import ALPHA, Block


@dataclass(frozen=True)
class Overall:
    """A run's mean difference from the first run, as a share of the metrics' ranges; more than 0 is better.

    ``interval`` is the 95% percentile interval of a paired bootstrap over the samples of every task, None if there
    are too few of them; ``p_value`` is two-sided, from the same replicates, and adjusted (Holm) over the runs.
    """

    index: int
    delta: float
    interval: Interval | None
    p_value: float

    @property
    def is_clear(self) -> bool:
        """Whether chance does not explain the difference."""
        return self.p_value < ALPHA


def unit_of(bounds: Bounds, higher_is_better: bool) -> float | None:
    """Return what a metric's differences are divided by to become shares that grow with quality.

    The metric's range, or 1 for error rates, which have no upper bound but are shares of what was to be said;
    negative where lower is better; None for metrics that have neither.

    >>> unit_of((0, 100), True), unit_of((0, None), False), unit_of((1, None), False)
    (100, -1.0, None)
    """
    low, high = bounds
    sign = 1 if higher_is_better else -1
    if low is not None and high is not None:
        return sign * (high - low)
    return -1.0 if low == 0 and not higher_is_better else None


def counted(blocks: Sequence[Block]) -> list[Block]:
    """Return the tasks that the mean is over: those in which runs were compared, by a metric that has a unit."""
    return [block for block in blocks if block.contrasts and _unit(block)]


def overall_of(columns: Sequence[Column], blocks: Sequence[Block]) -> dict[int, Overall]:
    """Return the mean difference of each run from the first, by index; none for runs that lack a task.

    Raises:
        StoreError: samples.parquet of a run cannot be read.
    """
    tasks = counted(blocks)
    datasets = sorted({block.dataset for block in tasks})  # the same draws for tasks over the same things
    draws = [_Draws(columns, block, datasets.index(block.dataset)) for block in tasks]
    found = []
    for column in columns[1:]:
        drawn = [one for draw in draws if (one := draw.of(column.index)) is not None]
        if drawn and len(drawn) == len(draws):
            found.append(_mean(column.index, drawn))
    adjusted = adjust([one.p_value for one in found])
    return {one.index: replace(one, p_value=p_value) for one, p_value in zip(found, adjusted, strict=True)}


@dataclass(frozen=True)
class _Drawn:
    """A task's difference, its bootstrap replicates, both as shares, and the number of clusters."""

    delta: float
    replicates: Vector
    clusters: int


class _Draws:
    """The differences of all runs from the first in one task."""

    def __init__(self, columns: Sequence[Column], block: Block, seed: int) -> None:
        self.pairs, self.block, self.seed = Pairs(columns, block.place), block, seed

    def of(self, index: int) -> _Drawn | None:
        """Return a run's; None if it was not compared."""
        contrast, unit = self.block.contrast_of(index), _unit(self.block)
        results = [cell.result for cell in self.block.lines[0].cells]
        drawn = self.pairs.replicates(0, index, results, self.seed) if contrast else None
        if contrast is None or unit is None or drawn is None:
            return None
        return _Drawn(contrast.difference.delta / unit, drawn[0] / unit, drawn[1])


def _mean(index: int, drawn: Sequence[_Drawn]) -> Overall:
    delta = float(np.mean([one.delta for one in drawn]))
    values: Vector = np.mean([one.replicates for one in drawn], axis=0)
    clusters = min(one.clusters for one in drawn)
    method = f"paired bootstrap|poisson|replicates:{REPLICATES}"
    interval = percentile(values, LEVEL, method, clusters) if clusters >= MIN_CLUSTERS else None
    return Overall(index, delta, interval, _p_value(delta, values))


def _unit(block: Block) -> float | None:
    return unit_of(block.lines[0].bounds, block.lines[0].higher_is_better)


def _p_value(delta: float, values: Vector) -> float:
    """Return twice the share of replicates in which the difference is gone or turned (Efron & Tibshirani 1993)."""
    against = int(np.sum(values * np.sign(delta) <= 0)) if delta else len(values)
    return min(1.0, 2 * (1 + against) / (1 + len(values)))
