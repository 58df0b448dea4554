"""Confidence intervals for single numbers."""

import math
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


def wilson(successes: float, n: int, level: float = 0.95) -> Interval:
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
    return Interval(max(0.0, centre - half), min(1.0, centre + half), level, "wilson")


def percentile(values: NDArray[np.float64], level: float = 0.95, method: str = "bootstrap") -> Interval | None:
    """Return the percentile interval of bootstrap replicates (Efron 1979); None if too few are defined."""
    defined = values[np.isfinite(values)]
    if len(defined) < 0.9 * len(values) or len(defined) < 2:
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(float(low), float(high), level, method)
