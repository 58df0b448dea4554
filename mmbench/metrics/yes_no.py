"""Yes/no questions as POPE scores them (Li et al. 2023): accuracy, precision, recall, F1 of "yes", yes-rate.

The extractor decides what an answer says. What says neither counts as an answer that is wrong: it is no "yes", so
it lowers recall but not precision. The published program instead reads everything that is not a "no" as "yes", an
empty answer included; :class:`PopeParser` does that too, for comparing with published numbers, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mmbench.metrics._text import signature
from mmbench.metrics.base import Vector, prediction_text, ratio, wrong_type
from mmbench.metrics.classification import zero_ratio
from mmbench.metrics.extraction import Extractor, YesNo, named, read_answer, tidy
from mmbench.schema import Prediction, Sample


class PopeParser:
    """POPE's published reading: "no" if the first sentence has the word No, no or not, otherwise "yes".

    It never fails, so an empty or senseless answer is a "yes". Use it only to repeat published numbers.
    """

    name = "yes-no-pope"

    def __call__(self, text: str, choices: Sequence[str]) -> str:  # noqa: ARG002
        """Return "yes" or "no"."""
        words = text.partition(".")[0].replace(",", "").split(" ")
        return "no" if {"No", "not", "no"} & set(words) else "yes"


@dataclass(frozen=True)
class _YesNoMetric:
    """A value over [n, then for targets yes and no: answered yes, answered no].

    Attributes:
        extractor: reads "yes" or "no" out of the answer.
    """

    extractor: Extractor = field(default_factory=YesNo)
    higher_is_better = True
    range = (0.0, 1.0)
    kind = ""

    @property
    def name(self) -> str:
        """What tables call it."""
        return named(self.kind, self.extractor)

    @property
    def signature(self) -> str:
        """Names the extractor and the positive class."""
        return signature(self.kind, positive="yes", extractor=self.extractor.name)

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [targets yes, targets no, "yes" for yes, "no" for no, "yes" for no].

        Raises:
            MetricError: the target is neither yes nor no.
        """
        target = tidy(sample.target) if isinstance(sample.target, str) else ""
        if target not in ("yes", "no"):
            raise wrong_type(self.name, sample, "target", "'yes' or 'no'", sample.target)
        answer = read_answer(self.extractor, prediction_text(self.name, prediction, sample), ())
        yes, no = float(target == "yes"), float(target == "no")
        said_yes, said_no = float(answer == "yes"), float(answer == "no")
        return np.array([yes, no, yes * said_yes, no * said_no, no * said_yes])


@dataclass(frozen=True)
class YesNoAccuracy(_YesNoMetric):
    """The share of right answers, 0..1."""

    kind = "yes-no-accuracy"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the accuracy, shape (...); NaN for no samples."""
        return ratio(totals[..., 2] + totals[..., 3], totals[..., 0] + totals[..., 1])


@dataclass(frozen=True)
class YesNoPrecision(_YesNoMetric):
    """The share of "yes" answers that are right, 0..1; 0 if there is no "yes"."""

    kind = "yes-no-precision"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the precision, shape (...); NaN for no samples."""
        value = zero_ratio(totals[..., 2], totals[..., 2] + totals[..., 4])
        return np.where(totals[..., 0] + totals[..., 1] > 0, value, np.nan)


@dataclass(frozen=True)
class YesNoRecall(_YesNoMetric):
    """The share of targets "yes" that were answered so, 0..1; NaN without such a target."""

    kind = "yes-no-recall"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the recall, shape (...)."""
        return ratio(totals[..., 2], totals[..., 0])


@dataclass(frozen=True)
class YesNoF1(_YesNoMetric):
    """F1 of the class "yes", 0..1; NaN without a target and an answer "yes"."""

    kind = "yes-no-f1"

    def aggregate(self, totals: Vector) -> Vector:
        """Return F1, shape (...)."""
        return ratio(2 * totals[..., 2], totals[..., 0] + totals[..., 2] + totals[..., 4])


@dataclass(frozen=True)
class YesRate(_YesNoMetric):
    """The share of answers that are "yes", 0..1. To be read beside the targets' own: more is not better."""

    kind = "yes-rate"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the yes-rate, shape (...); NaN for no samples."""
        return ratio(totals[..., 2] + totals[..., 4], totals[..., 0] + totals[..., 1])
