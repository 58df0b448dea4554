import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import binomtest

from mmbench.stats.intervals import clustered_wilson, percentile, wilson


@given(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_wilson_equals_scipy(counts, level):
    successes, n = counts
    expected = binomtest(successes, n).proportion_ci(level, method="wilson")
    interval = wilson(successes, n, level)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_is_not_empty_at_the_ends():
    assert wilson(20, 20).low < 1
    assert wilson(0, 20).high > 0


def test_percentile_takes_the_middle():
    interval = percentile(np.arange(1001.0), 0.9, "m")
    assert (interval.low, interval.high) == pytest.approx((50.0, 950.0))
    assert interval.method == "m"


def test_percentile_of_mostly_undefined_replicates_is_none():
    values = np.full(100, np.nan)
    values[:80] = 1.0
    assert percentile(values) is None


def test_clustered_wilson_uses_the_design_effect_and_students_t():
    p, n, clusters = 0.8, 1000, 100
    binomial = p * (1 - p) / n
    shrink = (stats.t.ppf(0.975, n - 1) / stats.t.ppf(0.975, clusters - 1)) ** 2

    def expected(size):
        return pytest.approx(wilson(p * size * shrink, size * shrink).low)

    assert clustered_wilson(800, n, clusters, binomial).low == expected(n)
    assert clustered_wilson(800, n, clusters, 4 * binomial).low == expected(250)
    assert clustered_wilson(800, n, clusters, 50 * binomial).low == expected(100)
    assert clustered_wilson(800, n, clusters, binomial / 2).low == expected(n)
    assert clustered_wilson(800, n, clusters, binomial / 2, gain=True).low == expected(2 * n)
    assert clustered_wilson(n, n, clusters, 0.0).low == pytest.approx(wilson(100, 100).low)


def test_clustered_wilson_covers_where_the_naive_interval_does_not():
    """200 pictures with 10 questions each whose difficulty they share (moderate: 400 repetitions)."""
    rng = np.random.default_rng(0)
    hits = naive = 0
    for _ in range(400):
        level = rng.beta(2, 1, 200)
        right = rng.random((200, 10)) < level[:, None]
        sums = right.sum(axis=1)
        variance = float(np.var(sums, ddof=1) / 200 / 100)
        total = int(sums.sum())
        interval = clustered_wilson(total, 2000, 200, variance)
        plain = wilson(total, 2000)
        hits += interval.low <= 2 / 3 <= interval.high
        naive += plain.low <= 2 / 3 <= plain.high
    assert hits / 400 == pytest.approx(0.95, abs=0.03)
    assert naive / 400 < 0.85
