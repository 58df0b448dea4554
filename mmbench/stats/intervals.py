"""Confidence intervals for single numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval that covers the true value with probability ``level``, and how it was made."""

    low: float
    high: float
    level: float
    method: str


LEVEL = 0.95
MIN_CLUSTERS = 5
"""With fewer independent groups than this a bootstrap interval would pretend to know; none is given."""


def is_proportion(statistics: NDArray[np.float64]) -> bool:
    """Tell whether statistics of shape (n, k) are those of a plain proportion: [0 or 1, 1]."""
    return (
        statistics.shape[1] == 2
        and bool(np.all(statistics[:, 1] == 1.0))
        and bool(np.all((statistics[:, 0] == 0.0) | (statistics[:, 0] == 1.0)))
    )


def interval_of_sums(
    aggregate: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    totals: NDArray[np.float64],
    resampled: NDArray[np.float64],
    *,
    n: int,
    clusters: int,
    proportion: bool,
    level: float,
    seed: int,
) -> Interval | None:
    """Return the interval of a metric from its totals (k,) and their bootstrap replicates (B, k).

    Wilson's for proportions, at the effective sample size where samples are clustered; else the percentile
    bootstrap; None if there are too few clusters for one.
    """
    if proportion:
        exact = _proportion(totals, resampled, n, clusters, level)
        ends = aggregate(np.array([[exact.low, 1.0], [exact.high, 1.0]]))
        return Interval(float(ends.min()), float(ends.max()), level, exact.method)
    if clusters < MIN_CLUSTERS:
        return None
    method = f"bootstrap|poisson|replicates:{len(resampled)}|seed:{seed}"
    method += "|clustered" if clusters < n else ""
    return percentile(aggregate(resampled), level, method)


def _proportion(
    totals: NDArray[np.float64], resampled: NDArray[np.float64], n: int, clusters: int, level: float
) -> Interval:
    if clusters == n:
        return wilson(float(totals[0]), n, level)
    counts = resampled[:, 1]
    shares = resampled[counts > 0, 0] / counts[counts > 0]
    return clustered_wilson(float(totals[0]), n, clusters, float(shares.var()), level)


def wilson(successes: float, n: float, level: float = 0.95) -> Interval:
    """Return Wilson's score interval for a proportion of independent trials (Wilson 1927).

    Holds its level at 0 %, at 100 % and for small n, where the normal interval does not.

    >>> interval = wilson(95, 100)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.8882, 0.9785)
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if successes <= 0 else max(0.0, centre - half)
    high = 1.0 if successes >= n else min(1.0, centre + half)
    return Interval(low, high, level, "wilson")


def clustered_wilson(successes: float, n: int, clusters: int, variance: float, level: float = 0.95) -> Interval:
    """Return Wilson's interval at the effective sample size of clustered trials (Korn & Graubard 1998).

    The effective size is ``n`` over the design effect, i.e. over the ratio of ``variance`` (of the proportion,
    from a clustered bootstrap) to the binomial variance, and at least the number of clusters. At 0 % and 100 %
    nothing can be estimated: then every cluster counts as one trial.
    """
    p = successes / n
    binomial = p * (1 - p) / n
    effective = clusters if binomial == 0 else n * min(1.0, binomial / max(variance, 1e-300))
    effective = max(effective, clusters)
    found = wilson(p * effective, effective, level)
    return Interval(found.low, found.high, level, "wilson|clustered")


def percentile(values: NDArray[np.float64], level: float = 0.95, method: str = "bootstrap") -> Interval | None:
    """Return the percentile interval of bootstrap replicates (Efron 1979); None if too few are defined."""
    defined = values[np.isfinite(values)]
    if len(defined) < 0.9 * len(values) or len(defined) < 2:
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(float(low), float(high), level, method)
