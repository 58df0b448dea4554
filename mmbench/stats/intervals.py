"""Confidence intervals: Wilson's, the percentile bootstrap and BCa, and what can be said where nothing varies."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


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


def proportions(statistics: Vector) -> NDArray[np.bool_]:
    """Tell of each sample whether its statistics, shape (n, k), are those of a plain proportion: [0 or 1, 1]."""
    if statistics.shape[1] != 2:
        return np.zeros(len(statistics), bool)
    hits, counts = statistics[:, 0], statistics[:, 1]
    found: NDArray[np.bool_] = (counts == 1.0) & ((hits == 0.0) | (hits == 1.0))
    return found


def is_proportion(statistics: Vector) -> bool:
    """Tell whether the statistics of all samples, shape (n, k), are those of a plain proportion."""
    return statistics.shape[1] == 2 and bool(proportions(statistics).all())


def student(tail: float, groups: int) -> float:
    """Return the upper ``tail`` quantile of Student's t with ``groups - 1`` degrees of freedom."""
    from scipy.special import stdtrit

    return -float(stdtrit(groups - 1, tail))


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


def clustered_wilson(
    successes: float, n: int, clusters: int, variance: float, level: float = 0.95, *, gain: bool = False
) -> Interval:
    """Return Wilson's interval at the effective sample size of clustered trials (Korn & Graubard 1998).

    The effective size is ``n`` over the design effect, i.e. over the ratio of ``variance`` (of the proportion,
    from a Poisson bootstrap over clusters) to the binomial variance, and at least the number of clusters. It
    shrinks by the square of t with n - 1 over t with clusters - 1 degrees of freedom, since few clusters do not
    tell the variance well. At 0 % and 100 % nothing can be estimated: then every cluster counts as one trial.
    ``gain`` lets a design that is better than random, such as strata, raise it above n.
    """
    p = successes / n
    binomial = p * (1 - p) / n
    if binomial == 0:
        return Interval(*_ends(wilson(p * clusters, clusters, level)), level, "wilson|clustered")
    ratio = binomial / max(variance, 1e-300)
    effective = max(n * (ratio if gain else min(1.0, ratio)), clusters)
    tail = (1 - level) / 2
    effective *= (student(tail, n) / student(tail, clusters)) ** 2 if clusters > 1 else 1.0
    found = wilson(p * effective, effective, level)
    return Interval(found.low, found.high, level, "wilson|clustered")


def percentile(
    values: Vector, level: float = 0.95, method: str = "bootstrap", groups: int | None = None
) -> Interval | None:
    """Return the percentile interval of bootstrap replicates (Efron 1979); None if too few are defined.

    With ``groups``, the number of units that were drawn, its quantiles are moved outwards from those of the normal
    to those of Student's t (the expanded percentile interval, Hesterberg 2015): without it, intervals from few
    units are too short. Hesterberg also reaches out by groups / (groups - 1), for the variance; Poisson weights
    need no such factor, since their sum varies too, which makes means of them vary by about as much more.
    """
    defined = _defined(values)
    if defined is None:
        return None
    tail = (1 - level) / 2 if groups is None else NormalDist().cdf(-student((1 - level) / 2, groups))
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(float(low), float(high), level, method)


def bca(
    values: Vector, value: float, acceleration: float, groups: int, level: float, method: str
) -> Interval | None:
    """Return the bias-corrected and accelerated interval (Efron 1987), expanded for few ``groups`` as above.

    Args:
        values: of the metric on bootstrap replicates, shape (B,).
        value: of the metric on the samples.
        acceleration: a sixth of the skewness of the samples' influence on the value.
        groups: the number of units that were drawn.
        level: the probability that the interval covers the truth.
        method: what to call it.
    """
    defined = _defined(values)
    if defined is None:
        return None
    normal = NormalDist()
    below = float(np.mean(defined < value) + 0.5 * np.mean(defined == value))
    edge = 0.5 / len(defined)
    bias = normal.inv_cdf(min(max(below, edge), 1 - edge))
    reach = student((1 - level) / 2, groups)
    tails = [_corrected(bias, bias + side, acceleration) for side in (-reach, reach)]
    low, high = np.quantile(defined, tails)
    return Interval(float(low), float(high), level, method)


def unseen(value: float, bounds: tuple[float, float], groups: int, level: float) -> Interval | None:
    """Return what a share of extreme samples that did not show could do to a value; None if there is no bound.

    Where all samples are alike, replicates are too, and their interval would be empty. But had a share of s among
    ``groups`` units been of the worst kind, none of them would have shown with probability (1 - s)^groups (the
    "rule of three", Hanley & Lippman-Hand 1983).

    >>> interval = unseen(100.0, (0.0, 100.0), 60, 0.95)
    >>> round(interval.low, 1), interval.high
    (94.0, 100.0)
    """
    if not all(map(math.isfinite, bounds)):
        return None
    share = unseen_share((1 - level) / 2, groups)
    low, high = (value + share * (bound - value) for bound in bounds)
    return Interval(low, high, level, "unseen share")


def unseen_share(tail: float, groups: int) -> float:
    """Return the largest share that none of ``groups`` draws shows with at least probability ``tail``."""
    return float(1 - tail ** (1 / groups))


def _corrected(bias: float, reach: float, acceleration: float) -> float:
    return NormalDist().cdf(bias + reach / max(1 - acceleration * reach, 1e-9))


def _defined(values: Vector) -> Vector | None:
    """Return the finite values; None if they are too few to speak for all."""
    defined: Vector = values[np.isfinite(values)]
    return None if len(defined) < 0.9 * len(values) or len(defined) < 2 else defined


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high
