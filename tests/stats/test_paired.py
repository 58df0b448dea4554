import numpy as np
import pytest
import sacrebleu
from sacrebleu.significance import PairedTest
from scipy import stats

from mmbench.metrics.translation import BLEU
from mmbench.schema import Prediction, Sample
from mmbench.stats.paired import (
    bootstrap_difference,
    compare_statistics,
    mcnemar_p_value,
    paired_proportions,
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


def _two_systems():
    """Return references, two systems' sentences, and their BLEU statistics."""
    rng = np.random.default_rng(5)
    words = "a the man dog red blue small house tree runs sits plays".split()
    refs = [" ".join(rng.choice(words, 9)) for _ in range(150)]
    systems = [
        [" ".join(w if rng.random() < rate else rng.choice(words) for w in ref.split()) for ref in refs]
        for rate in (0.75, 0.70)
    ]
    metric = BLEU()
    samples = [Sample(str(i), (), [ref], ref) for i, ref in enumerate(refs)]
    sides = [
        np.stack([metric.statistics(Prediction(text), sample) for text, sample in zip(side, samples, strict=True)])
        for side in systems
    ]
    return refs, systems, sides


def _sacrebleu(kind, refs, systems, count):
    test = PairedTest(
        list(zip(("first", "second"), systems, strict=True)),
        {"BLEU": sacrebleu.BLEU(references=[refs])},
        references=None,
        test_type=kind,
        n_samples=count,
    )
    return test()[1]["BLEU"][1]


def test_corpus_bleu_agrees_with_sacrebleus_paired_randomisation():
    refs, systems, sides = _two_systems()
    ours = compare_statistics(*sides, _keys(150), BLEU().aggregate)
    assert ours.p_value == pytest.approx(_sacrebleu("ar", refs, systems, 10_000).p_value, abs=0.02)
    assert ours.b == pytest.approx(sacrebleu.corpus_bleu(systems[1], [refs]).score, rel=1e-9)


def test_corpus_bleu_equals_sacrebleus_paired_bootstrap_on_its_resamples():
    refs, systems, sides = _two_systems()
    theirs = _sacrebleu("bs", refs, systems, 1000)
    drawn = np.random.default_rng(12345).choice(
        150, size=(1000, 150), replace=True
    )  # its own, by its default seed
    weights = np.stack([np.bincount(row, minlength=150) for row in drawn]).astype(float)
    first, second = (BLEU().aggregate(weights @ side) for side in sides)
    middle = np.sort(second)[25:975]
    assert second.mean() == pytest.approx(theirs.mean, rel=1e-5)
    assert (middle[-1] - middle[0]) / 2 == pytest.approx(theirs.ci, rel=1e-3)
    gaps = np.abs(second - first)
    observed = abs(float(np.subtract(*(BLEU().aggregate(side.sum(axis=0)) for side in sides))))
    p_value = (np.sum(gaps - gaps.mean() >= observed) + 1) / 1001
    assert p_value == pytest.approx(theirs.p_value, abs=0.0011)


def test_poisson_replicates_spread_as_sacrebleus_resamples_do():
    refs, systems, sides = _two_systems()
    theirs = _sacrebleu("bs", refs, systems, 1000)
    values = bootstrap_difference(*sides, _keys(150), BLEU().aggregate, 4000, seed=0)
    drawn = np.random.default_rng(0).multinomial(150, np.full(150, 1 / 150), size=4000)
    first, second = (BLEU().aggregate(drawn @ side) for side in sides)
    assert values.std() == pytest.approx((second - first).std(), rel=0.05)
    assert theirs.ci == pytest.approx(1.96 * second.std(), rel=0.1)


def test_replicates_do_not_depend_on_order():
    a, b = _pair(n=100)
    keys = _keys(100)
    order = np.random.default_rng(0).permutation(100)
    values = bootstrap_difference(a, b, keys, _mean, 50, 0)
    assert bootstrap_difference(a[order], b[order], keys[order], _mean, 50, 0) == pytest.approx(values)


def test_few_or_no_discordant_pairs_do_not_give_an_empty_interval():
    right = _scores(np.ones(60))
    same = compare_statistics(right, right, _keys(60), _mean)
    assert same.interval.low == pytest.approx(-same.interval.high)
    assert 0.02 < same.interval.high < 0.08
    graded = _scores(np.full(60, 0.5))
    level = compare_statistics(graded, graded, _keys(60), _mean, bounds=(0.0, 1.0))
    assert (level.interval.low, level.interval.high) == pytest.approx((-0.06, 0.06), abs=0.002)
    assert compare_statistics(graded, graded, _keys(60), _mean).interval is None


def test_the_paired_interval_is_in_the_metrics_units():
    a, b = _scores((np.arange(100) < 60).astype(float)), _scores((np.arange(100) < 70).astype(float))
    plain = compare_statistics(a, b, _keys(100), _mean).interval
    percent = compare_statistics(a, b, _keys(100), lambda totals: 100 * _mean(totals)).interval
    wrong = compare_statistics(a, b, _keys(100), lambda totals: 1 - _mean(totals)).interval
    assert (percent.low, percent.high) == pytest.approx((100 * plain.low, 100 * plain.high))
    assert (wrong.low, wrong.high) == pytest.approx((-plain.high, -plain.low))


def test_paired_proportions_are_bonett_and_prices():
    found = paired_proportions(15, 43, 140)
    a, b = 16 / 142, 44 / 142
    half = stats.norm.ppf(0.975) * np.sqrt((a + b - (b - a) ** 2) / 142)
    assert (found.low, found.high) == pytest.approx((b - a - half, b - a + half))


@pytest.mark.parametrize("n", [50, 300])
def test_the_paired_interval_covers_the_true_difference(n):
    """600 repetitions of right/wrong pairs whose true difference is five points."""
    rng = np.random.default_rng(n)
    hits = 0
    for _ in range(600):
        kind = rng.choice(3, size=n, p=[0.05, 0.10, 0.85])
        found = paired_proportions(int((kind == 0).sum()), int((kind == 1).sum()), n)
        hits += found.low <= 0.05 <= found.high
    assert 0.93 <= hits / 600 <= 0.99
