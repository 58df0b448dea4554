import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.stats.replicates import Replicates, cluster_keys, poisson_weights


def _keys(n):
    return cluster_keys([str(i) for i in range(n)])


def test_weights_are_poisson_with_mean_one():
    weights = poisson_weights(_keys(2000), 500, seed=3)
    share = np.bincount(weights.ravel(), minlength=6)[:6] / weights.size
    expected = np.exp(-1) / np.array([1, 1, 2, 6, 24, 120])
    assert share == pytest.approx(expected, abs=1.5e-3)
    assert np.corrcoef(weights[:50].astype(float))[np.triu_indices(50, 1)] == pytest.approx(0, abs=0.25)
    assert np.corrcoef(weights[:, :20].T.astype(float))[np.triu_indices(20, 1)] == pytest.approx(0, abs=0.12)


def test_weights_depend_on_key_and_seed_only():
    keys = _keys(10)
    whole = poisson_weights(keys, 40, seed=1)
    assert np.array_equal(poisson_weights(keys[3:4], 40, seed=1)[0], whole[3])
    assert np.array_equal(poisson_weights(keys, 16, seed=1), whole[:, :16])
    assert not np.array_equal(poisson_weights(keys, 40, seed=2), whole)


def test_golden_weights():
    """The same on every machine: stored replicates of two runs must pair up."""
    assert poisson_weights(cluster_keys(["a", "b"]), 12, seed=0).tolist() == GOLDEN


GOLDEN = [[0, 1, 1, 0, 0, 0, 0, 0, 2, 1, 1, 1], [1, 2, 2, 0, 3, 0, 1, 3, 2, 1, 0, 2]]


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 2**32))
def test_order_and_shards_do_not_matter(n, cut, seed):
    rng = np.random.default_rng(seed)
    statistics, keys = rng.integers(0, 9, (n, 3)).astype(float), _keys(n)
    weights = poisson_weights(keys, 32, seed=0)
    whole = Replicates(3, 32)
    whole.add(statistics, weights)
    order = rng.permutation(n)
    left, right = Replicates(3, 32), Replicates(3, 32)
    left.add(statistics[order[:cut]], weights[order[:cut]])
    right.add(statistics[order[cut:]], weights[order[cut:]])
    left.merge(right)
    assert left.n == whole.n
    assert np.array_equal(left.totals, whole.totals)
    assert np.array_equal(left.resampled, whole.resampled)


def test_spread_equals_the_standard_error_of_a_mean():
    values = np.random.default_rng(0).normal(5, 2, 400)
    sums = Replicates(2, 2000)
    sums.add(np.stack([values, np.ones(400)], axis=1), poisson_weights(_keys(400), 2000, seed=0))
    means = sums.resampled[:, 0] / sums.resampled[:, 1]
    assert means.std() == pytest.approx(values.std() / 20, rel=0.06)


def test_samples_of_one_cluster_move_together():
    values = np.repeat(np.random.default_rng(1).normal(0, 1, 50), 8)
    statistics = np.stack([values, np.ones(400)], axis=1)
    clustered, naive = Replicates(2, 1000), Replicates(2, 1000)
    clustered.add(statistics, poisson_weights(np.repeat(_keys(50), 8), 1000, seed=0))
    naive.add(statistics, poisson_weights(_keys(400), 1000, seed=0))
    ratio = np.std(clustered.resampled[:, 0] / clustered.resampled[:, 1]) / np.std(
        naive.resampled[:, 0] / naive.resampled[:, 1]
    )
    assert ratio == pytest.approx(np.sqrt(8), rel=0.12)
