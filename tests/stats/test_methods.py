import numpy as np
import pytest
from scipy import stats

from mmbench.metrics.perplexity import Perplexity
from mmbench.stats.intervals import unseen
from mmbench.stats.linear import acceleration, gradient, standard_error
from mmbench.stats.methods import METHODS, Sums, interval_of
from mmbench.stats.replicates import Replicates, cluster_keys, cluster_sums, poisson_weights


def _mean(totals):
    return totals[..., 0] / totals[..., 1]


def _ratio(totals):
    return np.exp(totals[..., 0] / totals[..., 1])


def _sums(statistics, *, size=1, replicates=4000, bounds=(-np.inf, np.inf), proportion=False, **more):
    n = len(statistics)
    groups = np.arange(n) // size
    keys = cluster_keys([str(group) for group in groups])
    made = Replicates(statistics.shape[1], replicates)
    made.add(statistics, poisson_weights(keys, replicates, 0))
    count = int(groups[-1]) + 1
    return Sums(
        made.totals,
        made.resampled,
        n,
        count,
        proportion,
        bounds,
        0,
        groups=cluster_sums(statistics, groups, count),
        **more,
    )


def _scores(values):
    return np.stack([values, np.ones(len(values))], axis=1)


SKEWED = np.random.default_rng(3).gamma(0.7, 1.0, 120)


def test_bca_agrees_with_scipy():
    """SciPy's interval does not reach out for few samples; with 120 that is one per cent of its length."""
    theirs = stats.bootstrap((SKEWED,), np.mean, method="BCa", n_resamples=20_000, rng=np.random.default_rng(0))
    ours = interval_of(_mean, _sums(_scores(SKEWED), replicates=20_000), method="bca")
    length = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.03 * length)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.03 * length)
    plain = interval_of(_mean, _sums(_scores(SKEWED), replicates=20_000), method="bootstrap")
    assert ours.low > plain.low + 0.01 * length
    assert ours.method == "bca|poisson|replicates:20000|seed:0"


def test_the_acceleration_is_the_jackknifes():
    jackknife = (SKEWED.sum() - SKEWED) / (len(SKEWED) - 1)
    gap = jackknife.mean() - jackknife
    expected = (gap**3).sum() / (gap**2).sum() ** 1.5 / 6
    sums = _sums(_scores(SKEWED), replicates=40_000)
    assert acceleration(_mean, sums.totals, sums.resampled) == pytest.approx(expected, abs=0.006)


def test_the_percentile_interval_agrees_with_scipy():
    values = np.random.default_rng(0).normal(2, 1, 400)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(0)
    ).confidence_interval
    ours = interval_of(_mean, _sums(_scores(values), replicates=20_000))
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.004)


def test_the_analytic_interval_of_a_mean_is_students():
    values = np.random.default_rng(1).normal(2, 1, 25)
    ours = interval_of(_mean, _sums(_scores(values)), method="analytic")
    theirs = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-6)
    assert ours.method == "analytic|t|df:24"


def test_the_analytic_interval_of_clustered_samples_is_that_of_the_cluster_means():
    values = np.repeat(np.random.default_rng(1).normal(2, 1, 20), 5)
    ours = interval_of(_mean, _sums(_scores(values), size=5), method="analytic")
    theirs = stats.ttest_1samp(values[::5], 0.0).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-6)
    assert ours.method == "analytic|t|df:19|clustered"


def test_the_delta_method_agrees_with_the_bootstrap_for_perplexity():
    rng = np.random.default_rng(2)
    words = rng.integers(5, 40, 500).astype(float)
    statistics = np.stack([rng.gamma(words), words], axis=1)
    metric = Perplexity()
    sums = _sums(statistics)
    error = standard_error(metric.aggregate, sums.groups)
    assert error == pytest.approx(metric.aggregate(sums.resampled).std(), rel=0.04)


def test_gradient_of_a_ratio():
    assert gradient(_ratio, np.array([3.0, 4.0])) == pytest.approx(np.exp(0.75) * np.array([0.25, -0.1875]))
    assert gradient(lambda totals: np.full(totals.shape[:-1], np.nan), np.ones(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("method", ["auto", "bootstrap", "bca", "analytic"])
@pytest.mark.parametrize(("value", "inside"), [(100.0, (88, 100)), (0.0, (0, 12)), (50.0, (44, 56))])
def test_equal_samples_do_not_give_an_empty_interval(method, value, inside):
    sums = _sums(_scores(np.full(30, value)), bounds=(0.0, 100.0))
    found = interval_of(_mean, sums, method=method)
    assert (found.low, found.high) == pytest.approx(inside, abs=0.5)
    assert found.method == "unseen share"


def test_equal_samples_of_an_unbounded_metric_have_no_interval():
    assert interval_of(_mean, _sums(_scores(np.full(30, 2.0)), bounds=(0.0, np.inf))) is None
    assert unseen(2.0, (0.0, np.inf), 30, 0.95) is None


def test_wilson_is_for_proportions_only_and_auto_takes_it_there():
    right = _scores((np.arange(40) < 30).astype(float))
    wilson = interval_of(_mean, _sums(right, proportion=True), method="wilson")
    assert wilson == interval_of(_mean, _sums(right, proportion=True))
    assert wilson.method == "wilson"
    assert interval_of(_mean, _sums(right), method="wilson") is None
    others = {interval_of(_mean, _sums(right, proportion=True), method=name).low for name in METHODS[2:]}
    assert len(others) == 3


def test_too_few_clusters_have_no_bootstrap():
    values = _scores(np.random.default_rng(0).normal(0, 1, 40))
    for method in ("auto", "bootstrap", "bca"):
        assert interval_of(_mean, _sums(values, size=10), method=method) is None
    assert interval_of(_mean, _sums(values, size=10), method="analytic") is not None


def test_the_analytic_interval_needs_the_clusters():
    with pytest.raises(ValueError, match="sums of each cluster"):
        interval_of(_mean, Sums(np.ones(2), np.ones((9, 2)), 9, 9, False, (0, 1), 0), method="analytic")


@pytest.mark.parametrize(("n", "size"), [(20, 1), (200, 1), (100, 5)])
@pytest.mark.parametrize("kind", ["normal", "perplexity"])
def test_intervals_cover_the_truth(n, size, kind):
    """300 repetitions; `benchmarks/coverage.py` does 2,000 on more metrics."""
    rng = np.random.default_rng(n + size)
    units = n // size
    truth, aggregate = (1.0, _mean) if kind == "normal" else (np.exp(1.0), _ratio)
    weights = poisson_weights(cluster_keys([str(unit) for unit in range(units)]), 1000, 0).astype(float)
    hits = 0
    for _ in range(300):
        sizes = np.full((units, size), 1.0) if kind == "normal" else rng.integers(5, 30, (units, size))
        level = rng.normal(1, 0.3, (units, 1))
        rows = np.stack([(sizes * (level + rng.normal(0, 0.3, sizes.shape))).sum(1), sizes.sum(1)], axis=1)
        sums = Sums(rows.sum(axis=0), weights.T @ rows, n, units, False, (-np.inf, np.inf), 0)
        found = interval_of(aggregate, sums)
        hits += found.low <= truth <= found.high
    assert 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300) <= hits / 300
