"""Which interval a number gets: chosen by the user, or Wilson's for proportions and the bootstrap for the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mmbench.stats.intervals import (
    LEVEL,
    MIN_CLUSTERS,
    Interval,
    bca,
    clustered_wilson,
    percentile,
    student,
    unseen,
    wilson,
)
from mmbench.stats.linear import acceleration, standard_error

Vector = NDArray[np.float64]
Aggregate = Callable[[Vector], Vector]
Method = Literal["auto", "wilson", "bootstrap", "bca", "analytic"]
METHODS: tuple[str, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class Sums:
    """What an interval is made of.

    Attributes:
        totals: of the metric's statistics, shape (k,).
        resampled: their bootstrap replicates, shape (B, k).
        n: samples.
        clusters: independent groups among them, at most n.
        proportion: whether every sample's statistics are [0 or 1, 1].
        bounds: smallest and largest value of the metric.
        seed: of the replicates.
        strata: the name that samples were stratified by; "" for none.
        groups: the sums of each cluster, shape (clusters, k); only the analytic interval needs them.
    """

    totals: Vector
    resampled: Vector
    n: int
    clusters: int
    proportion: bool
    bounds: tuple[float, float]
    seed: int
    strata: str = ""
    groups: Vector | None = None


def interval_of(aggregate: Aggregate, sums: Sums, level: float = LEVEL, method: str = "auto") -> Interval | None:
    """Return the interval of a metric; None if there is none by this method.

    "auto" is Wilson's for proportions, at the effective sample size where samples are clustered, and the expanded
    percentile bootstrap for everything else. "wilson" leaves all but proportions without an interval. Too few
    clusters, or a metric that is undefined on too many replicates, give none. Where no replicate differs, the
    interval says what an unseen share of extreme samples could do.
    """
    if sums.proportion and method in ("auto", "wilson"):
        exact = _wilson(sums, level)
        ends = aggregate(np.array([[exact.low, 1.0], [exact.high, 1.0]]))
        return Interval(float(ends.min()), float(ends.max()), level, exact.method)
    if method == "wilson" or sums.clusters < (2 if method == "analytic" else MIN_CLUSTERS):
        return None
    value = float(aggregate(sums.totals))
    found = _analytic(aggregate, sums, value, level) if method == "analytic" else None
    if method != "analytic":
        found = _bootstrap(aggregate, sums, value, level, method)
    if found is None or found.high - found.low > 1e-12 * max(1.0, abs(value)):
        return found
    return unseen(value, sums.bounds, sums.clusters, level)


def _wilson(sums: Sums, level: float) -> Interval:
    successes = float(sums.totals[0])
    if sums.clusters == sums.n and not sums.strata:
        return wilson(successes, sums.n, level)
    counts = sums.resampled[:, 1]
    shares = sums.resampled[counts > 0, 0] / counts[counts > 0]
    gain = bool(sums.strata)
    found = clustered_wilson(successes, sums.n, sums.clusters, float(shares.var()), level, gain=gain)
    name = "wilson" + ("|clustered" if sums.clusters < sums.n else "") + _stratified(sums)
    return Interval(found.low, found.high, level, name)


def _bootstrap(aggregate: Aggregate, sums: Sums, value: float, level: float, method: str) -> Interval | None:
    drawn = f"|poisson|replicates:{len(sums.resampled)}|seed:{sums.seed}{_design(sums)}"
    with np.errstate(invalid="ignore", divide="ignore"):
        values = aggregate(sums.resampled)
    if method == "bca":
        skew = acceleration(aggregate, sums.totals, sums.resampled)
        return bca(values, value, skew, sums.clusters, level, f"bca{drawn}")
    return percentile(values, level, f"bootstrap{drawn}", sums.clusters)


def _analytic(aggregate: Aggregate, sums: Sums, value: float, level: float) -> Interval:
    """Return value +- t * standard error, kept within the metric's bounds."""
    if sums.groups is None:
        raise ValueError("the analytic interval needs the sums of each cluster")
    half = student((1 - level) / 2, sums.clusters) * standard_error(aggregate, sums.groups)
    name = f"analytic|t|df:{sums.clusters - 1}{_design(sums)}"
    return Interval(max(sums.bounds[0], value - half), min(sums.bounds[1], value + half), level, name)


def _design(sums: Sums) -> str:
    return ("|clustered" if sums.clusters < sums.n else "") + _stratified(sums)


def _stratified(sums: Sums) -> str:
    return f"|stratified:{sums.strata}" if sums.strata else ""
