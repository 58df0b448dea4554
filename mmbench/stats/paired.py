"""Is B better than A on the same samples? Paired tests on sums, so that they hold for every metric.

Both sides give per-sample statistics of shape (n, k); ``aggregate`` turns totals of shape (..., k) into values.
Samples that share a cluster are drawn, or exchanged, together.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmbench.stats.intervals import MIN_CLUSTERS, Interval, is_proportion, percentile
from mmbench.stats.replicates import poisson_weights

Vector = NDArray[np.float64]
Aggregate = Callable[[Vector], Vector]
_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference B - A of one metric on the same samples.

    Attributes:
        a, b: the two values; ``delta`` is ``b - a``.
        interval: of ``delta``, by a paired bootstrap over clusters; None if there are too few clusters.
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


def cluster_sums(statistics: Vector, groups: NDArray[np.intp], count: int) -> Vector:
    """Add up the rows of each cluster: (n, k) and group numbers (n,) give (count, k)."""
    sums = np.zeros((count, statistics.shape[1]))
    np.add.at(sums, groups, statistics)
    return sums


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


def compare_statistics(
    a: Vector,
    b: Vector,
    keys: NDArray[np.uint64],
    aggregate: Aggregate,
    *,
    replicates: int = 2000,
    trials: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> Difference:
    """Compare two sets of per-sample statistics, each of shape (n, k), aligned sample by sample.

    Right/wrong metrics of independent samples get McNemar's exact test, all others approximate randomisation.
    """
    value_a, value_b = float(aggregate(a.sum(axis=0))), float(aggregate(b.sum(axis=0)))
    clusters = len(np.unique(keys))
    values = bootstrap_difference(a, b, keys, aggregate, replicates, seed)
    finite = values[np.isfinite(values)]
    method = f"paired bootstrap|poisson|replicates:{replicates}|seed:{seed}"
    method += "|clustered" if clusters < len(keys) else ""
    interval = percentile(values, level, method) if clusters >= MIN_CLUSTERS else None
    if clusters == len(keys) and is_proportion(a) and is_proportion(b):
        gap = b[:, 0] - a[:, 0]
        p_value = mcnemar_p_value(int((gap < 0).sum()), int((gap > 0).sum()))
        test = "mcnemar|exact"
    else:
        p_value = randomization_p_value(a, b, keys, aggregate, trials, seed)
        test = f"approximate randomisation|trials:{trials}|seed:{seed}"
    ahead = float(np.mean(finite > 0) + 0.5 * np.mean(finite == 0)) if len(finite) else float("nan")
    error = float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
    return Difference(value_a, value_b, value_b - value_a, interval, error, p_value, test, ahead)
