import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mmbench.stats.intervals import percentile, wilson


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.9, 0.95, 0.99]))
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
