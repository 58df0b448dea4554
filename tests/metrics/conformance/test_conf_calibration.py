"""Calibration against scikit-learn where it has the value, else against sums written out sample by sample."""

import numpy as np
import pytest
import ref_numbers as ref
from conformance_table import compares, run_all
from own_text import scored

from mmbench.metrics.calibration import AURC, ECE, Brier, ChoiceNLL, SelectiveAccuracy
from mmbench.schema import Prediction, Sample

skl = pytest.importorskip("sklearn.metrics")
SKLEARN = f"scikit-learn {pytest.importorskip('sklearn').__version__}"
PLAIN = "written out sample by sample (tests/metrics/conformance/ref_numbers.py)"
FINE = "confidence has 128 fixed bins of its log-odds, within which the order is random"


def cases(options=(2, 3, 10), spreads=(0.1, 1.0, 4.0), count=150):
    for number in options:
        for spread in spreads:
            yield scored(number, count, number, spread)


def value(metric, targets, scores):
    names = tuple(f"option {index}" for index in range(len(scores[0])))
    rows = zip(targets, scores, strict=True)
    return float(
        metric.aggregate(
            sum(
                metric.statistics(
                    Prediction(option_logprobs=one),
                    Sample(id="x", messages=(), target=names[target], answer="", choices=names),
                )
                for target, one in rows
            )
        )
    )


def judged(targets, scores):
    return [ref.judged(one, target) for target, one in zip(targets, scores, strict=True)]


@compares(
    "ece",
    definition="sum over equal-width bins of their share times |accuracy - confidence|",
    source="Naeini et al. 2015, Guo et al. 2017",
    reference=PLAIN,
    pitfalls=("number and kind of bins change the value", "biased upward; see the norm l2-debiased"),
)
def ece():
    for targets, scores in cases():
        for bins in (1, 10, 15):
            yield value(ECE(bins), targets, scores), ref.ece(judged(targets, scores), bins)


def spread_out(count):
    """Scores whose confidences are far enough apart to have a fine bin each, with every third answer wrong."""
    odds = [0.05 * 1.2**place for place in range(count)]
    return [int(place % 3 == 0) for place in range(count)], [(one, 0.0) for one in odds]


@compares(
    "ece-equal-mass",
    definition="as ece over groups of equal size in order of confidence",
    source="Nguyen & O'Connor 2015",
    reference=PLAIN,
    pitfalls=(f"edges depend on the predictions: {FINE}; exact where no two samples share one",),
)
def ece_by_mass():
    targets, scores = spread_out(36)
    for groups in (1, 2, 3, 4, 6, 9, 12):
        ours = value(ECE(groups, scheme="equal-mass"), targets, scores)
        yield ours, ref.ece_by_mass(judged(targets, scores), groups)


@compares(
    "brier",
    definition="mean of the sum over options of (p - y)^2, 0..2",
    source="Brier 1950; scikit-learn brier_score_loss",
    reference=SKLEARN,
    pitfalls=("for two options scikit-learn's default is half of it",),
)
def brier():
    for targets, scores in cases():
        shares = np.array([ref.softmax(one) for one in scores])
        labels = list(range(shares.shape[1]))
        theirs = skl.brier_score_loss(targets, shares, labels=labels, scale_by_half=False)
        yield value(Brier(), targets, scores), theirs


@compares(
    "choice-nll",
    definition="mean negative log-probability of the target among the options, nats",
    source="scikit-learn log_loss",
    reference=SKLEARN,
    pitfalls=("infinite for an option that was ruled out; scikit-learn clips",),
)
def choice_nll():
    for targets, scores in cases():
        shares = np.array([ref.softmax(one) for one in scores])
        theirs = skl.log_loss(targets, shares, labels=list(range(shares.shape[1])))
        yield value(ChoiceNLL(), targets, scores), theirs


@compares(
    "aurc",
    definition="mean over k of the error rate on the k most confident samples",
    source="Geifman & El-Yaniv 2017",
    reference=PLAIN,
    pitfalls=(f"{FINE}; exact where no two samples share one",),
)
def aurc():
    for count in (2, 7, 20, 36):
        targets, scores = spread_out(count)
        yield value(AURC(), targets, scores), ref.aurc(judged(targets, scores))


@compares(
    "selective-accuracy-80",
    definition="accuracy on the most confident 80 % of samples",
    source="El-Yaniv & Wiener 2010",
    reference=PLAIN,
    pitfalls=(FINE,),
)
def selective_accuracy():
    for count in (10, 20, 30):
        targets, scores = spread_out(count)
        ordered = sorted(judged(targets, scores), reverse=True)
        for coverage in (0.1, 0.5, 0.8, 1.0):
            kept = ordered[: round(coverage * count)]
            yield value(SelectiveAccuracy(coverage), targets, scores), sum(right for _, right in kept) / len(kept)


test_comparisons = run_all(__name__)
