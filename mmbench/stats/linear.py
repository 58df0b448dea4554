"""A metric seen from close by: its slope at the totals, and so the influence of each sample on its value.

Near its totals every metric is a straight line, so that its standard error follows from that of a mean (the delta
method; the infinitesimal jackknife). What is linear adds up, which is why variances can be split here.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Aggregate = Callable[[Vector], Vector]
_STEP = 1e-6


def gradient(aggregate: Aggregate, totals: Vector) -> Vector:
    """Return the derivatives of a metric by its totals, shape (k,); 0 where it has none.

    >>> gradient(lambda t: t[..., 0] / t[..., 1], np.array([3.0, 4.0])).round(4).tolist()
    [0.25, -0.1875]
    """
    steps = np.diag(_STEP * np.maximum(np.abs(totals), 1.0))
    with np.errstate(all="ignore"):
        here, up, down = (aggregate(each) for each in (totals, totals + steps, totals - steps))
    widths = np.diag(steps)
    central = (up - down) / (2 * widths)
    slopes: Vector = np.where(np.isfinite(central), central, (up - here) / widths)
    slopes[~np.isfinite(slopes)] = 0.0
    return slopes


def linearized(aggregate: Aggregate, totals: Vector, resampled: Vector) -> Vector:
    """Return what bootstrap replicates (B, k) would be if the metric were linear, around 0, shape (B,)."""
    values: Vector = (resampled - totals) @ gradient(aggregate, totals)
    centred: Vector = values - values.mean()
    return centred


def acceleration(aggregate: Aggregate, totals: Vector, resampled: Vector) -> float:
    """Return BCa's acceleration: a sixth of the skewness of the samples' influence.

    A Poisson(1) weight has variance and third cumulant 1, so the linearised replicates have the variance and the
    third cumulant of the influences summed, which is the jackknife's acceleration, without a pass over samples.
    """
    values = linearized(aggregate, totals, resampled)
    spread = float(np.mean(values**2))
    return float(np.mean(values**3)) / spread**1.5 / 6 if spread > 0 else 0.0


def standard_error(aggregate: Aggregate, groups: Vector) -> float:
    """Return the standard error of a metric by the delta method, from the sums of each cluster, shape (c, k).

    For a mean of unclustered samples this is the textbook s / sqrt(n).
    """
    count = len(groups)
    influence = groups @ gradient(aggregate, groups.sum(axis=0))
    return float(np.sqrt(count / (count - 1) * np.sum((influence - influence.mean()) ** 2)))


def split_variance(
    aggregate: Aggregate, totals: Vector, resampled: Vector, within: Vector, groups: int
) -> tuple[float, float]:
    """Split the variance of a value into what the choice of samples adds and what the drawing of answers adds.

    Args:
        aggregate: the metric.
        totals: of its statistics, each sample's being the mean over its answers, shape (k,).
        resampled: bootstrap replicates of the totals, shape (B, k); they vary with both.
        within: the covariance of each sample's mean over its answers, summed over samples, shape (k, k).
        groups: independent groups of samples.

    Returns:
        Variance between samples, at least 0, and variance within them: together the squared standard error.
    """
    slope = gradient(aggregate, totals)
    drawn = float(slope @ within @ slope)
    whole = float(np.mean(linearized(aggregate, totals, resampled) ** 2)) * groups / max(groups - 1, 1)
    return max(whole - drawn, 0.0), drawn
