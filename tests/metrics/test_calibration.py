import math

import numpy as np
import pytest

from mmbench.errors import UsageError
from mmbench.metrics.calibration import AURC, ECE, Brier, ChoiceNLL, SelectiveAccuracy
from mmbench.schema import Prediction

OPTIONS = ("a", "b")


def logit(p):
    return math.log(p / (1 - p))


@pytest.fixture
def calibrated(make_sample):
    """Return a function from (metric, [(probability of a, target)]) to the value."""

    def value(metric, rows):
        return float(
            metric.aggregate(
                sum(
                    metric.statistics(Prediction(option_logprobs=(logit(p), 0.0)), make_sample(target, OPTIONS))
                    for p, target in rows
                )
            )
        )

    return value


def test_bin_count_and_kind_change_the_ece_and_are_signed(calibrated):
    rows = [(0.9, "a"), (0.9, "b"), (0.8, "a"), (0.6, "a")]
    one_bin = abs(3 / 4 - (0.9 + 0.9 + 0.8 + 0.6) / 4)
    assert calibrated(ECE(1), rows) == pytest.approx(one_bin)
    fine = (2 * abs(0.5 - 0.9) + abs(1 - 0.8) + abs(1 - 0.6)) / 4
    assert calibrated(ECE(10), rows) == pytest.approx(fine)
    assert len({ECE(10).signature, ECE(15).signature, ECE(10, "equal-mass").signature}) == 3


def test_a_confidence_on_an_edge_belongs_to_the_lower_bin(make_sample):
    row = ECE(4).statistics(Prediction(option_logprobs=(0.0, 0.0)), make_sample("a", OPTIONS))
    assert row.reshape(3, 4)[0].tolist() == [0, 1, 0, 0]


def test_plain_ece_is_biased_upward_and_the_debiased_form_is_not():
    """A perfectly calibrated model, 100 samples a run: plain error stays far above 0."""
    generator = np.random.default_rng(0)
    plain, debiased = [], []
    for _ in range(300):
        confidence = generator.uniform(0.5, 1.0, 100)
        right = generator.random(100) < confidence
        cells = np.zeros((3, 15))
        for one, hit in zip(confidence, right, strict=True):
            cells[:, math.ceil(one * 15) - 1] += 1.0, one, hit
        plain.append(ECE(norm="l2").aggregate(cells.reshape(-1)) ** 2)
        debiased.append(ECE(norm="l2-debiased").aggregate(cells.reshape(-1)) ** 2)
    assert np.mean(plain) > 0.01
    assert np.mean(debiased) < np.mean(plain) / 2


def test_equal_mass_groups_follow_the_totals_at_hand(calibrated):
    sure = [(0.99, "a")] * 5 + [(0.98, "b")] * 5
    assert calibrated(ECE(2, "equal-mass"), sure) == pytest.approx((0.01 + 0.98) / 2)
    assert calibrated(ECE(2), sure) == pytest.approx(abs(0.5 - 0.985))


def test_perfect_confidence_has_no_error(calibrated):
    rows = [(1 - 1e-12, "a")] * 3
    for metric in (ECE(), ECE(scheme="equal-mass"), Brier(), ChoiceNLL(), AURC()):
        assert calibrated(metric, rows) == pytest.approx(0.0, abs=1e-9)
    assert calibrated(SelectiveAccuracy(), rows) == pytest.approx(1.0)


def test_brier_and_nll_of_a_coin(calibrated):
    assert calibrated(Brier(), [(0.5, "a")]) == pytest.approx(0.5)
    assert calibrated(ChoiceNLL(), [(0.5, "a")]) == pytest.approx(math.log(2))


def test_an_option_that_was_ruled_out_costs_an_infinite_nll_not_a_clipped_one(make_sample):
    shown = Prediction(option_logprobs=(0.0, float("-inf")))
    assert ChoiceNLL().statistics(shown, make_sample("b", OPTIONS))[0] == math.inf
    assert Brier().statistics(shown, make_sample("b", OPTIONS))[0] == 2.0


def test_length_of_scores_does_not_matter_only_their_softmax(make_sample):
    near = Prediction(option_logprobs=(-1.0, -2.0))
    far = Prediction(option_logprobs=(-501.0, -502.0))
    sample = make_sample("a", OPTIONS)
    for metric in (ECE(), Brier(), ChoiceNLL(), AURC()):
        np.testing.assert_allclose(metric.statistics(near, sample), metric.statistics(far, sample), rtol=1e-9)


def test_selective_accuracy_leaves_the_least_sure_out(calibrated):
    rows = [(0.99, "a"), (0.95, "a"), (0.9, "a"), (0.8, "a"), (0.6, "b")]
    assert calibrated(SelectiveAccuracy(1.0), rows) == pytest.approx(0.8)
    assert calibrated(SelectiveAccuracy(0.8), rows) == pytest.approx(1.0)
    assert calibrated(SelectiveAccuracy(0.9), rows) == pytest.approx(4 / 4.5)


def test_aurc_by_hand(calibrated):
    rows = [(0.99, "a"), (0.9, "b"), (0.7, "a")]
    assert calibrated(AURC(), rows) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_aurc_of_equal_confidences_is_the_error_rate(calibrated):
    assert calibrated(AURC(), [(0.7, "a"), (0.7, "b"), (0.7, "b"), (0.7, "a")]) == pytest.approx(0.5)


def test_options_that_make_no_sense_are_told():
    for build in (
        lambda: ECE(0),
        lambda: ECE(scheme="even"),
        lambda: ECE(norm="l3"),
        lambda: SelectiveAccuracy(0.0),
    ):
        with pytest.raises(UsageError, match=r"ece: |selective-accuracy: "):
            build()


def test_names():
    assert ECE().name == "ece"
    assert ECE(10, "equal-mass", "l2-debiased").name == "ece-equal-mass-l2-debiased"
    assert SelectiveAccuracy(0.25).name == "selective-accuracy-25"
