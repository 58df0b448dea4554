"""Calibration: does a model that says 70 % get 70 % right?

Probabilities are the softmax over the options' log-probabilities; confidence is the largest of them. All values
are sums: calibration error over fixed bins, and what needs samples in order of confidence (equal-mass bins, risk
at a coverage) over 128 fixed fine bins of the confidence's log-odds, within which the order is taken as random.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mmbench.errors import UsageError
from mmbench.metrics._scores import log_odds, log_softmax, option_scores, position, target_index
from mmbench.metrics._text import Mean, check_option, score_and_one, signature
from mmbench.metrics.base import Vector, ratio
from mmbench.schema import Prediction, Sample

BINS = 128
_LEAST = -5.0
"""The least log-odds that the likeliest of options has: that of 150 equal ones."""

Scheme = Literal["equal-width", "equal-mass"]
Norm = Literal["l1", "l2", "l2-debiased"]


def _judged(metric: str, prediction: Prediction, sample: Sample) -> tuple[Vector, int, bool]:
    """Return normalised log-probabilities, the likeliest option (the first of ties) and whether it is right."""
    logs = log_softmax(option_scores(metric, prediction, sample))
    best = int(logs.argmax())
    return logs, best, best == target_index(metric, sample)


def _fine(metric: str, prediction: Prediction, sample: Sample) -> tuple[int, float, bool]:
    """Return the fine bin of the confidence, the confidence and whether the answer is right."""
    logs, best, right = _judged(metric, prediction, sample)
    return int(position(log_odds(logs, best), BINS, _LEAST)), float(np.exp(logs[best])), right


@dataclass(frozen=True)
class ECE:
    """Expected calibration error: the mean distance of accuracy and confidence over bins, 0..1.

    Naeini et al. 2015, Guo et al. 2017. Plain ECE is biased upward, the more so the fewer samples a bin has;
    "l2-debiased" takes the expected noise out of the squared error (Kumar et al. 2019).

    Attributes:
        bins: how many.
        scheme: "equal-width" bins (i/n, (i+1)/n] of confidence; or "equal-mass", groups as equal in size as whole
            fine bins allow, the edges found from the totals at hand. Where no two samples share a fine bin, that
            cuts the samples in order of confidence into groups of equal size.
        norm: "l1", the mean of |accuracy - confidence|; "l2", the root of the mean square; "l2-debiased".
    """

    bins: int = 15
    scheme: Scheme = "equal-width"
    norm: Norm = "l1"
    higher_is_better = False
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        check_option("ece", "scheme", self.scheme, ("equal-width", "equal-mass"))
        check_option("ece", "norm", self.norm, ("l1", "l2", "l2-debiased"))
        if self.bins < 1:
            raise UsageError(f"ece: bins must be at least 1, not {self.bins}")

    @property
    def name(self) -> str:
        """``ece``, with scheme and norm where they are not the defaults."""
        parts = [
            "ece",
            self.scheme if self.scheme != "equal-width" else "",
            self.norm if self.norm != "l1" else "",
        ]
        return "-".join(part for part in parts if part)

    @property
    def signature(self) -> str:
        """Names bins, scheme and norm."""
        return signature("ece", bins=self.bins, scheme=self.scheme, norm=self.norm)

    @property
    def _cells(self) -> int:
        return self.bins if self.scheme == "equal-width" else BINS

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [samples, sum of confidences, right answers] of each bin, flattened, for this one sample."""
        cell, confidence, right = _fine(self.name, prediction, sample)
        if self.scheme == "equal-width":
            cell = min(self.bins - 1, max(0, int(np.ceil(confidence * self.bins)) - 1))
        row = np.zeros((3, self._cells))
        row[:, cell] = 1.0, confidence, float(right)
        return row.reshape(-1)

    def aggregate(self, totals: Vector) -> Vector:
        """Return the error, shape (...); NaN for no samples."""
        cells = totals.reshape(*totals.shape[:-1], 3, self._cells)
        if self.scheme == "equal-mass":
            cells = _equal_mass(cells, self.bins)
        count, confidence, right = cells[..., 0, :], cells[..., 1, :], cells[..., 2, :]
        n = count.sum(-1)
        if self.norm == "l1":
            return ratio(np.abs(right - confidence).sum(-1), n)
        gap = np.nan_to_num(ratio(right - confidence, count)) ** 2
        if self.norm == "l2-debiased":
            accuracy = np.nan_to_num(ratio(right, count))
            gap = np.where(count > 1, gap - accuracy * (1 - accuracy) / np.maximum(count - 1, 1), 0.0)
        return np.sqrt(np.maximum(ratio((gap * count).sum(-1), n), 0.0))


def _equal_mass(cells: Vector, groups: int) -> Vector:
    """Merge fine cells (..., 3, B) into groups (..., 3, groups), each by the middle of its mass."""
    count = cells[..., 0, :]
    middle = np.cumsum(count, axis=-1) - count / 2
    n = np.maximum(count.sum(-1, keepdims=True), 1e-300)
    group = np.minimum(np.floor(middle / n * groups), groups - 1)
    return np.stack([(cells * (group == g)[..., None, :]).sum(-1) for g in range(groups)], axis=-1)


@dataclass(frozen=True)
class Brier(Mean):
    """The Brier score, the mean of sum over options of (p - y)^2, 0..2 (Brier 1950)."""

    higher_is_better = False
    range = (0.0, 2.0)
    name = "brier"

    @property
    def signature(self) -> str:
        """Names the form of the score."""
        return signature("brier", form="sum-over-options")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [squared distance to the target, 1]."""
        logs, _, _ = _judged(self.name, prediction, sample)
        distance = np.exp(logs)
        distance[target_index(self.name, sample)] -= 1.0
        return score_and_one(float((distance**2).sum()))


@dataclass(frozen=True)
class ChoiceNLL(Mean):
    """The mean negative log-probability of the target among the options, in nats, 0..inf (log loss)."""

    higher_is_better = False
    range = (0.0, float("inf"))
    name = "choice-nll"

    @property
    def signature(self) -> str:
        """Names the unit and that probabilities are over the options alone."""
        return signature("choice-nll", unit="nats", over="options")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [-log p(target), 1]; infinite for an option that was ruled out."""
        logs, _, _ = _judged(self.name, prediction, sample)
        return score_and_one(-float(logs[target_index(self.name, sample)]))


@dataclass(frozen=True)
class _Selective:
    """Metrics over samples in order of falling confidence: statistics are [samples, wrong answers] a fine bin."""

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1 in the bin of the confidence, 1 there if wrong], shape (2 x 128,), least confident first."""
        cell, _, right = _fine(self.name, prediction, sample)
        row = np.zeros((2, BINS))
        row[:, cell] = 1.0, float(not right)
        return row.reshape(-1)

    @property
    def name(self) -> str:
        """What tables call it."""
        raise NotImplementedError


def _most_confident_first(totals: Vector) -> tuple[Vector, Vector]:
    """Return samples and wrong answers a fine bin, shape (..., 128) each, most confident first."""
    return totals[..., BINS - 1 :: -1], totals[..., : BINS - 1 : -1]


@dataclass(frozen=True)
class SelectiveAccuracy(_Selective):
    """The accuracy on the ``coverage`` share of samples that the model is surest of, 0..1."""

    coverage: float = 0.8
    higher_is_better = True
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        if not 0 < self.coverage <= 1:
            raise UsageError(f"selective-accuracy: coverage must be in (0, 1], not {self.coverage}")

    @property
    def name(self) -> str:
        """``selective-accuracy-80``."""
        return f"selective-accuracy-{self.coverage * 100:g}"

    @property
    def signature(self) -> str:
        """Names coverage and the resolution of confidence."""
        return signature("selective-accuracy", coverage=self.coverage, bins=BINS)

    def aggregate(self, totals: Vector) -> Vector:
        """Return the accuracy, shape (...); the bin at the edge counts in part."""
        count, wrong = _most_confident_first(totals)
        wanted = self.coverage * count.sum(-1, keepdims=True)
        before = np.cumsum(count, axis=-1) - count
        share = np.clip(np.nan_to_num(ratio(wanted - before, count)), 0.0, 1.0)
        return 1 - ratio((share * wrong).sum(-1), wanted[..., 0])


@dataclass(frozen=True)
class AURC(_Selective):
    """The area under the risk-coverage curve: the mean, over k, of the error rate on the k surest samples, 0..1.

    Geifman & El-Yaniv 2017. Samples that share a fine bin are taken in random order, in expectation.
    """

    higher_is_better = False
    range = (0.0, 1.0)
    name = "aurc"

    @property
    def signature(self) -> str:
        """Names the resolution of confidence."""
        return signature("aurc", bins=BINS, ties="expected")

    def aggregate(self, totals: Vector) -> Vector:
        """Return the area, shape (...); NaN for no samples."""
        from scipy.special import digamma

        count, wrong = _most_confident_first(totals)
        before, wrong_before = np.cumsum(count, axis=-1) - count, np.cumsum(wrong, axis=-1) - wrong
        rate = np.nan_to_num(ratio(wrong, count))
        harmonic = digamma(before + count + 1) - digamma(before + 1)
        area = rate * count + (wrong_before - rate * before) * harmonic
        return ratio(area.sum(-1), count.sum(-1))
