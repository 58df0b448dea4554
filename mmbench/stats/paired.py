"""Is B better than A on the same samples? Paired tests on sums, so that they hold for every metric.

Both sides give per-sample statistics of shape (n, k); ``aggregate`` turns totals of shape (..., k) into values.
Samples that share a cluster are drawn, or exchanged, together.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from mmbench.stats.intervals import MIN_CLUSTERS, Interval, is_proportion, percentile, unseen
from mmbench.stats.replicates import cluster_sums, poisson_weights

Vector = NDArray[np.float64]
Aggregate = Callable[[Vector], Vector]
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference B - A of one metric on the same samples.

    Attributes:
        a, b: the two values; ``delta`` is ``b - a``.
        interval: of ``delta``; Bonett & Price's for independent right/wrong samples, else by a paired bootstrap
            over clusters; None if there are too few clusters.
        standard_error: of ``delta``, from the same replicates.
        p_value: two-sided, of the hypothesis that A and B are exchangeable.
        test: how ``p_value`` was computed.
        superiority: the share of replicates in which B is ahead, ties counted half.
    """

    a: float
    b: float
    delta: float
    interval: Interval | None
    standard_error: float
    p_value: float
    test: str
    superiority: float


def bootstrap_difference(
    a: Vector, b: Vector, keys: NDArray[np.uint64], aggregate: Aggregate, replicates: int, seed: int
) -> Vector:
    """Return ``replicates`` paired bootstrap values of ``aggregate(b) - aggregate(a)``.

    Both sides get the same weights (Koehn 2004), which depend on seed and cluster only.
    """
    totals_a, totals_b = np.zeros((replicates, a.shape[1])), np.zeros((replicates, b.shape[1]))
    for start in range(0, len(a), _BLOCK):
        part = slice(start, start + _BLOCK)
        weights = poisson_weights(keys[part], replicates, seed).T.astype(np.float64)
        totals_a += weights @ a[part]
        totals_b += weights @ b[part]
    return aggregate(totals_b) - aggregate(totals_a)


def randomization_p_value(
    a: Vector, b: Vector, keys: NDArray[np.uint64], aggregate: Aggregate, trials: int, seed: int
) -> float:
    """Return the two-sided p-value of approximate randomisation (Noreen 1989; Riezler & Maxwell 2005).

    In each trial every cluster exchanges its A and B with probability one half; p is
    ``(1 + trials at least as extreme) / (1 + trials)``.
    """
    names, groups = np.unique(keys, return_inverse=True)
    sums_a, sums_b = cluster_sums(a, groups, len(names)), cluster_sums(b, groups, len(names))
    gap = sums_b - sums_a
    total_a, total_b = sums_a.sum(axis=0), sums_b.sum(axis=0)
    observed = abs(float(aggregate(total_b) - aggregate(total_a)))
    rng = np.random.default_rng([seed, 0x5A])
    extreme = 0
    for start in range(0, trials, _BLOCK):
        swaps = rng.integers(0, 2, size=(min(_BLOCK, trials - start), len(names)), dtype=np.int8)
        moved = swaps.astype(np.float64) @ gap
        values = np.abs(aggregate(total_b - moved) - aggregate(total_a + moved))
        extreme += int(np.count_nonzero(values >= observed * (1 - 1e-12)))
    return (extreme + 1) / (trials + 1)


def mcnemar_p_value(only_a: int, only_b: int) -> float:
    """Return the exact two-sided p-value of McNemar's test (McNemar 1947), from the discordant counts.

    >>> round(mcnemar_p_value(3, 12), 4)
    0.0352
    """
    from scipy.stats import binom

    discordant = only_a + only_b
    if discordant == 0:
        return 1.0
    return min(1.0, 2 * float(binom.cdf(min(only_a, only_b), discordant, 0.5)))


def paired_proportions(only_a: int, only_b: int, n: int, level: float = 0.95) -> Interval:
    """Return Bonett & Price's interval of the difference B - A of paired proportions (Bonett & Price 2012).

    The adjusted Wald interval: one imagined sample is added to each discordant count, so that it is neither empty
    nor too short where few samples, or none, are discordant.

    >>> interval = paired_proportions(3, 12, 100)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0113, 0.1652)
    """
    a, b = (only_a + 1) / (n + 2), (only_b + 1) / (n + 2)
    half = NormalDist().inv_cdf(0.5 + level / 2) * math.sqrt((a + b - (b - a) ** 2) / (n + 2))
    return Interval(max(-1.0, b - a - half), min(1.0, b - a + half), level, "paired adjusted wald|bonett-price")


def difference_interval(
    values: Vector,
    delta: float,
    *,
    clusters: int,
    n: int,
    seed: int,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    level: float = 0.95,
) -> Interval | None:
    """Return the expanded percentile interval of a difference from its paired replicates.

    None if there are too few clusters; where no replicate differs, what an unseen share of extreme samples could
    do, if the metric's ``bounds`` tell.
    """
    if clusters < MIN_CLUSTERS:
        return None
    method = f"paired bootstrap|poisson|replicates:{len(values)}|seed:{seed}"
    method += "|clustered" if clusters < n else ""
    found = percentile(values, level, method, clusters)
    if found is None or found.high - found.low > 1e-12 * max(1.0, abs(delta)):
        return found
    width = bounds[1] - bounds[0]
    return unseen(delta, (-width, width), clusters, level) if math.isfinite(width) else None


def compare_statistics(
    a: Vector,
    b: Vector,
    keys: NDArray[np.uint64],
    aggregate: Aggregate,
    *,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    replicates: int = 2000,
    trials: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> Difference:
    """Compare two sets of per-sample statistics, each of shape (n, k), aligned sample by sample.

    Right/wrong metrics of independent samples get McNemar's exact test, all others approximate randomisation.
    ``bounds`` are the smallest and largest value of the metric.
    """
    value_a, value_b = float(aggregate(a.sum(axis=0))), float(aggregate(b.sum(axis=0)))
    clusters, n = len(np.unique(keys)), len(keys)
    values = bootstrap_difference(a, b, keys, aggregate, replicates, seed)
    finite = values[np.isfinite(values)]
    if clusters == n and is_proportion(a) and is_proportion(b):
        gap = b[:, 0] - a[:, 0]
        only_a, only_b = int((gap < 0).sum()), int((gap > 0).sum())
        p_value, test = mcnemar_p_value(only_a, only_b), "mcnemar|exact"
        interval: Interval | None = _in_units(paired_proportions(only_a, only_b, n, level), aggregate)
    else:
        interval = difference_interval(
            values, value_b - value_a, clusters=clusters, n=n, seed=seed, bounds=bounds, level=level
        )
        p_value = randomization_p_value(a, b, keys, aggregate, trials, seed)
        test = f"approximate randomisation|trials:{trials}|seed:{seed}"
    ahead = float(np.mean(finite > 0) + 0.5 * np.mean(finite == 0)) if len(finite) else float("nan")
    error = float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
    return Difference(value_a, value_b, value_b - value_a, interval, error, p_value, test, ahead)


def _in_units(found: Interval, aggregate: Aggregate) -> Interval:
    """Turn a difference of shares into one of the metric's values, such as percent."""
    ends = aggregate(np.array([[0.0, 1.0], [1.0, 1.0]]))
    low, high = sorted(float(end * (ends[1] - ends[0])) for end in (found.low, found.high))
    return Interval(low, high, found.level, found.method)
