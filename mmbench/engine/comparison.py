"""One metric on the same samples of two runs: all that can be said about the difference."""

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mmbench.metric import Metric, Vector
from mmbench.stats.paired import Difference, compare_statistics
from mmbench.stats.power import minimum_detectable_effect, samples_needed
from mmbench.store.records import TaskRecord

if TYPE_CHECKING:
    import pandas as pd

EXTREMES = 5
"""How many of the samples that differ most are named."""


@dataclass(frozen=True, slots=True)
class SampleGap:
    """One sample, and the metric's value on it alone in A and in B."""

    id: str
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric on one slice of one dataset, B against A.

    Attributes:
        task, dataset, metric, slice: what is compared; ``slice`` is "" for all samples.
        higher_is_better: which sign of ``difference.delta`` is an improvement.
        percent: values are shares of one.
        n: samples that both runs answered; ``clusters`` independent groups among them.
        difference: values, interval, p-value and probability of superiority.
        adjusted_p: the p-value adjusted over all comparisons of whole datasets; None for slices.
        better, worse, equal: samples whose own score rose, fell or stayed (in the metric's own direction).
        effect: the difference in standard deviations of a single group's difference (Cohen's d for paired
            samples); NaN where nothing varies.
        detectable: the smallest difference that this comparison finds with 80 % power.
        needed: samples that would show the observed difference with 80 % power; None if it is 0.
        extremes: the samples on which the runs differ most; none for slices.
    """

    task: str
    dataset: str
    metric: str
    slice: str
    higher_is_better: bool
    percent: bool
    n: int
    clusters: int
    difference: Difference
    adjusted_p: float | None
    better: int
    worse: int
    equal: int
    effect: float
    detectable: float
    needed: int | None
    extremes: list[SampleGap] = field(default_factory=list)

    @property
    def p_value(self) -> float:
        """The adjusted p-value where there is one, else the plain one."""
        return self.difference.p_value if self.adjusted_p is None else self.adjusted_p

    @property
    def improves(self) -> bool:
        """Whether B's value is better than A's, be it by chance."""
        return (self.difference.delta > 0) == self.higher_is_better and self.difference.delta != 0

    def row(self) -> dict[str, Any]:
        """Return one row of a table, without the extremes."""
        made = asdict(self)
        del made["extremes"]
        found = made.pop("difference")
        bounds = found.pop("interval") or {"low": None, "high": None, "level": None, "method": None}
        return {**made, **found, **bounds}


@dataclass(frozen=True, slots=True)
class Report:
    """All comparisons of two runs, and everything that makes them less than comparable."""

    a: str
    b: str
    comparisons: list[Comparison]
    notes: list[str] = field(default_factory=list)

    def to_frame(self) -> "pd.DataFrame":
        """Return a table, a row a comparison."""
        import pandas as pd

        return pd.DataFrame([item.row() for item in self.comparisons])


@dataclass(frozen=True)
class Sides:
    """Statistics of the same samples in two runs, each of shape (n, k), with their ids and clusters."""

    ids: list[str]
    keys: NDArray[np.uint64]
    a: Vector
    b: Vector


def compare_sides(record: TaskRecord, metric: Metric, name: str, sides: Sides, seed: int) -> Comparison:
    """Compare one metric on the samples of slice ``name``; p-values are yet to be adjusted."""
    difference = compare_statistics(sides.a, sides.b, sides.keys, metric.aggregate, bounds=metric.range, seed=seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        before, after = metric.aggregate(sides.a), metric.aggregate(sides.b)
    gap = after - before if metric.higher_is_better else before - after
    error, clusters = difference.standard_error, len(np.unique(sides.keys))
    known = math.isfinite(error) and error > 0
    return Comparison(
        task=record.name,
        dataset=record.dataset.name,
        metric=metric.name,
        slice=name,
        higher_is_better=metric.higher_is_better,
        percent=metric.range == (0, 1),
        n=len(sides.keys),
        clusters=clusters,
        difference=difference,
        adjusted_p=None,
        better=int(np.sum(gap > 0)),
        worse=int(np.sum(gap < 0)),
        equal=int(np.sum(~((gap > 0) | (gap < 0)))),
        effect=difference.delta / (error * math.sqrt(clusters)) if known else math.nan,
        detectable=minimum_detectable_effect(error) if known else math.nan,
        needed=samples_needed(len(sides.keys), error, difference.delta) if known and difference.delta else None,
        extremes=[] if name else _extremes(sides.ids, before, after),
    )


def _extremes(ids: list[str], before: Vector, after: Vector) -> list[SampleGap]:
    sizes = np.nan_to_num(np.abs(after - before), posinf=0.0)
    order = np.argsort(-sizes, kind="stable")[:EXTREMES]
    return [SampleGap(ids[i], float(before[i]), float(after[i])) for i in order if sizes[i] > 0]
