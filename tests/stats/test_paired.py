import numpy as np
import pytest
from scipy import stats

from mmbench.metrics.translation import BLEU
from mmbench.schema import Prediction, Sample
from mmbench.stats.paired import (
    bootstrap_difference,
    compare_statistics,
    mcnemar_p_value,
    randomization_p_value,
)
from mmbench.stats.replicates import cluster_keys


def _mean(totals):
    return totals[..., 0] / totals[..., 1]


def _scores(values):
    return np.stack([values, np.ones(len(values))], axis=1)


def _keys(n, size=1):
    return cluster_keys([str(i // size) for i in range(n)])


def _pair(n=300, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    base = rng.normal(0, 1, n)
    return _scores(base + rng.normal(0, 0.5, n)), _scores(base + rng.normal(shift, 0.5, n))


def test_interval_agrees_with_scipys_paired_bootstrap():
    a, b = _pair(shift=0.1)
    ours = compare_statistics(a, b, _keys(300), _mean, replicates=5000)
    theirs = stats.bootstrap(
        (b[:, 0] - a[:, 0],), np.mean, method="percentile", n_resamples=5000, rng=np.random.default_rng(0)
    )
    assert ours.interval.low == pytest.approx(theirs.confidence_interval.low, abs=0.006)
    assert ours.interval.high == pytest.approx(theirs.confidence_interval.high, abs=0.006)
    assert ours.standard_error == pytest.approx(theirs.standard_error, rel=0.05)


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.1])
def test_randomisation_agrees_with_scipys_permutation_test(shift):
    a, b = _pair(shift=shift, seed=3)
    ours = randomization_p_value(a, b, _keys(300), _mean, 20_000, seed=0)
    theirs = stats.permutation_test(
        (b[:, 0], a[:, 0]),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(0),
    )
    assert ours == pytest.approx(theirs.pvalue, abs=0.012)


def test_mcnemar_equals_statsmodels():
    from statsmodels.stats.contingency_tables import mcnemar

    for only_a, only_b in [(0, 0), (0, 5), (3, 12), (40, 41), (100, 60)]:
        expected = mcnemar([[10, only_a], [only_b, 10]], exact=True).pvalue if only_a + only_b else 1.0
        assert mcnemar_p_value(only_a, only_b) == pytest.approx(expected, rel=1e-9)


def test_right_or_wrong_answers_get_mcnemar_and_clusters_do_not():
    rng = np.random.default_rng(0)
    a, b = _scores(rng.integers(0, 2, 100).astype(float)), _scores(rng.integers(0, 2, 100).astype(float))
    assert compare_statistics(a, b, _keys(100), _mean).test == "mcnemar|exact"
    assert compare_statistics(a, b, _keys(100, 4), _mean).test.startswith("approximate randomisation")


def test_equal_runs_do_not_differ():
    a, _ = _pair()
    same = compare_statistics(a, a, _keys(300), _mean)
    assert (same.delta, same.p_value, same.superiority) == (0.0, 1.0, 0.5)


def test_exchanging_the_sides_changes_the_sign_only():
    a, b = _pair(shift=0.1)
    forward, back = (compare_statistics(x, y, _keys(300), _mean) for x, y in ((a, b), (b, a)))
    assert forward.delta == -back.delta
    assert forward.interval.low == pytest.approx(-back.interval.high)
    assert forward.p_value == back.p_value


def test_clusters_that_move_together_widen_the_interval():
    rng = np.random.default_rng(0)
    gap = np.repeat(rng.normal(0, 1, 60), 10)
    a, b = _scores(np.zeros(600)), _scores(gap)
    grouped = compare_statistics(a, b, _keys(600, 10), _mean)
    naive = compare_statistics(a, b, _keys(600), _mean)
    assert grouped.standard_error / naive.standard_error == pytest.approx(np.sqrt(10), rel=0.1)
    assert "clustered" in grouped.interval.method


def test_false_positives_are_rare_when_nothing_differs():
    hits = 0
    for seed in range(200):
        a, b = _pair(n=80, seed=seed)
        hits += randomization_p_value(a, b, _keys(80), _mean, 400, seed=seed) <= 0.05
    assert hits / 200 <= 0.09  # 0.05 and three standard errors


def test_corpus_bleu_agrees_with_sacrebleus_paired_randomisation():
    import sacrebleu
    from sacrebleu.significance import PairedTest

    rng = np.random.default_rng(5)
    words = "a the man dog red blue small house tree runs sits plays".split()
    refs = [" ".join(rng.choice(words, 9)) for _ in range(150)]

    def system(rate):
        return [" ".join(w if rng.random() < rate else rng.choice(words) for w in ref.split()) for ref in refs]

    first, second = system(0.75), system(0.70)
    metric = BLEU()
    samples = [Sample(str(i), (), [ref], ref) for i, ref in enumerate(refs)]
    sides = [np.stack([metric.statistics(Prediction(t), s) for t, s in zip(side, samples, strict=True)])
             for side in (first, second)]  # fmt: skip
    ours = compare_statistics(*sides, _keys(150), metric.aggregate)
    test = PairedTest(
        [("first", first), ("second", second)],
        {"BLEU": sacrebleu.BLEU(references=[refs])},
        references=None,
        test_type="ar",
        n_samples=10_000,
    )
    _, scores = test()
    assert ours.p_value == pytest.approx(scores["BLEU"][1].p_value, abs=0.02)
    assert ours.b == pytest.approx(sacrebleu.corpus_bleu(second, [refs]).score, rel=1e-9)


def test_replicates_do_not_depend_on_order():
    a, b = _pair(n=100)
    keys = _keys(100)
    order = np.random.default_rng(0).permutation(100)
    values = bootstrap_difference(a, b, keys, _mean, 50, 0)
    assert bootstrap_difference(a[order], b[order], keys[order], _mean, 50, 0) == pytest.approx(values)
