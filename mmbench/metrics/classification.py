"""Classification: accuracy, precision, recall, F1, Matthews correlation, Cohen's kappa, as scikit-learn has them.

A label is read from ``Prediction.text`` by an extractor. What is no label is wrong and counts as unparsed: it
lowers the recall of the true class, is no other class's false positive, and is never mapped to a default. All but
plain accuracy comes from one vector, [unparsed, n, then true positives, predicted and true counts of each class],
which is the confusion matrix as far as these values need it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np

from mmbench.errors import MetricError
from mmbench.metrics._text import Mean, check_option, score_and_one, signature
from mmbench.metrics.base import Vector, prediction_text, ratio, wrong_type
from mmbench.metrics.extraction import Extractor, Label, named, read_answer, spelled
from mmbench.schema import Prediction, Sample

Average = Literal["macro", "micro", "weighted"]


def target_label(metric: str, sample: Sample) -> str:
    """Return the target, which must be one label.

    Raises:
        MetricError: it is not a string.
    """
    if not isinstance(sample.target, str):
        raise wrong_type(metric, sample, "target", "a label (a string)", sample.target)
    return sample.target


@dataclass(frozen=True)
class Accuracy(Mean):
    """The share of answers that are the target label, 0..1.

    Attributes:
        labels: the label set of samples without ``choices``. Where there are neither, any text is a label, and the
            answer, as the extractor reads it without knowing the labels, must be the target.
        extractor: reads the label out of the answer.
    """

    labels: tuple[str, ...] = ()
    extractor: Extractor = field(default_factory=Label)
    higher_is_better = True
    range = (0.0, 1.0)

    @property
    def name(self) -> str:
        """``accuracy``, or ``accuracy-lenient`` with a lenient extractor."""
        return named("accuracy", self.extractor)

    @property
    def signature(self) -> str:
        """Names the extractor and where labels come from."""
        source = ",".join(self.labels) or "choices"
        return signature("accuracy", labels=source, extractor=self.extractor.name)

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [correct, 1]."""
        target = target_label(self.name, sample)
        labels = tuple(sample.choices or self.labels)
        answer = read_answer(self.extractor, prediction_text(self.name, prediction, sample), labels)
        if answer is not None and not labels:
            answer = spelled(answer, (target,))
        return score_and_one(float(answer == target))


@dataclass(frozen=True)
class Confusion:
    """What metrics over a confusion matrix share.

    Attributes:
        labels: the label set. Empty: ``fit`` collects it from targets and choices, sorted.
        extractor: reads the label out of the answer.
    """

    labels: tuple[str, ...] = ()
    extractor: Extractor = field(default_factory=Label)
    higher_is_better = True
    range = (0.0, 1.0)
    kind = "confusion"

    @property
    def name(self) -> str:
        """What tables call it; ``-lenient`` at the end with a lenient extractor."""
        return named(self.kind, self.extractor)

    def _signature(self, **parts: object) -> str:
        labels = ",".join(self.labels) or "from-data"
        return signature(self.name, **parts, labels=labels, extractor=self.extractor.name)

    @property
    def signature(self) -> str:
        """Names label set and extractor."""
        return self._signature()

    def fit(self, samples: Iterable[Sample]) -> Self:
        """Collect the label set from targets and choices, unless it was given."""
        if self.labels:
            return self
        found: set[str] = set()
        for sample in samples:
            found.add(target_label(self.name, sample))
            found.update(sample.choices)
        return replace(self, labels=tuple(sorted(found)))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [unparsed, 1, true positives (L), predicted (L), true (L)] for L labels."""
        if not self.labels:
            raise MetricError(f"{self.name}: no label set. Give labels=(...) or call fit(samples) first")
        target = target_label(self.name, sample)
        if target not in self.labels:
            raise wrong_type(self.name, sample, "target", f"one of {', '.join(self.labels[:9])}", target)
        text, labels = prediction_text(self.name, prediction, sample), tuple(sample.choices or self.labels)
        answer = read_answer(self.extractor, text, labels)
        row = np.zeros(2 + 3 * len(self.labels))
        row[1] = 1.0
        counts = row[2:].reshape(3, -1)
        true = self.labels.index(target)
        counts[2, true] = 1.0
        if answer not in self.labels:
            row[0] = 1.0
        else:
            counts[1, self.labels.index(answer)] = 1.0
            counts[0, true] = float(answer == target)
        return row


def split(totals: Vector) -> tuple[Vector, Vector, Vector, Vector]:
    """Return n (...), true positives, predicted and true counts (..., L) of totals of shape (..., 2 + 3L)."""
    counts = totals[..., 2:].reshape(*totals.shape[:-1], 3, -1)
    return totals[..., 1], counts[..., 0, :], counts[..., 1, :], counts[..., 2, :]


def zero_ratio(numerator: Vector, denominator: Vector) -> Vector:
    """Divide, with 0/0 = 0 as scikit-learn's ``zero_division=0``."""
    return np.nan_to_num(ratio(numerator, denominator))


def averaged(values: Vector, weights: Vector) -> Vector:
    """Return the weighted mean over the last axis; NaN where all weights are 0."""
    return ratio((values * weights).sum(-1), weights.sum(-1))


def _parts(of: str, hits: Vector, predicted: Vector, true: Vector) -> tuple[Vector, Vector]:
    if of == "precision":
        return hits, predicted
    if of == "recall":
        return hits, true
    return 2 * hits, predicted + true


@dataclass(frozen=True)
class _Averaged(Confusion):
    """Precision, recall or F1, averaged over classes or of one class.

    Attributes:
        average: "macro" (mean over classes), "micro" (pooled counts) or "weighted" (by true counts).
        label: the value of this class alone, in place of an average.
        absent: a class that is neither target nor answer in the totals at hand is left out of the macro mean
            ("skip", scikit-learn's rule when it is given no label set) or counts as 0 ("zero", its rule when it
            is given one).
    """

    average: Average = "macro"
    label: str = ""
    absent: Literal["skip", "zero"] = "skip"
    of = "f1"

    def __post_init__(self) -> None:
        check_option(self.of, "average", self.average, ("macro", "micro", "weighted"))
        check_option(self.of, "absent", self.absent, ("skip", "zero"))

    @property
    def name(self) -> str:
        """``macro-f1``, ``f1-LABEL`` and so on."""
        name = f"{self.of}-{self.label}" if self.label else f"{self.average}-{self.of}"
        return named(name, self.extractor)

    @property
    def signature(self) -> str:
        """Names the average, label set, extractor and the rule for absent classes."""
        return self._signature(absent=self.absent) if self.average == "macro" else self._signature()

    def aggregate(self, totals: Vector) -> Vector:
        """Return the averaged value, shape (...); NaN for no samples."""
        n, hits, predicted, true = split(totals)
        above, below = _parts(self.of, hits, predicted, true)
        if self.label:
            value = self._one(above, below)
        elif self.average == "micro":
            value = zero_ratio(above.sum(-1), below.sum(-1))
        elif self.average == "weighted":
            value = averaged(zero_ratio(above, below), true)
        else:
            seen = (predicted + true > 0) if self.absent == "skip" else np.ones_like(true)
            value = averaged(zero_ratio(above, below), seen.astype(np.float64))
        return np.where(n > 0, value, np.nan)

    def _one(self, above: Vector, below: Vector) -> Vector:
        if self.label not in self.labels:
            raise MetricError(f"{self.name}: no such label among {', '.join(self.labels)}")
        index = self.labels.index(self.label)
        return zero_ratio(above[..., index], below[..., index])


@dataclass(frozen=True)
class F1(_Averaged):
    """F1, 2tp / (predicted + true), macro by default."""


@dataclass(frozen=True)
class Precision(_Averaged):
    """Precision, tp / predicted; 0 for a class that is never answered."""

    of = "precision"


@dataclass(frozen=True)
class Recall(_Averaged):
    """Recall, tp / true; 0 for a class that is never the target."""

    of = "recall"


MacroF1 = F1
"""F1 with its default average."""


@dataclass(frozen=True)
class BalancedAccuracy(Confusion):
    """The mean recall over the classes that occur as targets."""

    kind = "balanced-accuracy"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the mean recall, shape (...)."""
        _, hits, _, true = split(totals)
        return averaged(zero_ratio(hits, true), (true > 0).astype(np.float64))


@dataclass(frozen=True)
class MatthewsCorrelation(Confusion):
    """Matthews correlation for any number of classes (Gorodkin 2004), -1..1; 0 where undefined, as scikit-learn.

    Unparsed answers are a class of their own that is never the target.
    """

    kind = "mcc"
    range = (-1.0, 1.0)

    def aggregate(self, totals: Vector) -> Vector:
        """Return the correlation, shape (...); NaN for no samples."""
        n, hits, predicted, true = split(totals)
        unparsed = totals[..., 0]
        covariance = hits.sum(-1) * n - (predicted * true).sum(-1)
        of_predicted = n**2 - (predicted**2).sum(-1) - unparsed**2
        of_true = n**2 - (true**2).sum(-1)
        return np.where(n > 0, zero_ratio(covariance, np.sqrt(of_predicted * of_true)), np.nan)


@dataclass(frozen=True)
class CohenKappa(Confusion):
    """Cohen's kappa, agreement beyond chance, -1..1; NaN where target and answers are one and the same class.

    Unparsed answers are a class of their own that is never the target.
    """

    kind = "kappa"
    range = (-1.0, 1.0)

    def aggregate(self, totals: Vector) -> Vector:
        """Return kappa, shape (...)."""
        n, hits, predicted, true = split(totals)
        expected = ratio((predicted * true).sum(-1), n**2)
        return ratio(ratio(hits.sum(-1), n) - expected, 1 - expected)
