"""Question answering: SQuAD 1.1 and 2.0, equal to the published programs, in 0..100; multiple choice in 0..1.

Source: ``evaluate-v1.1.py`` and ``evaluate-v2.0.py`` of rajpurkar/SQuAD-explorer. Targets are lists of reference
answers; for SQuAD 2.0 an empty list means that the question cannot be answered, and an empty prediction says so.
"""

import re
import string
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from mmbench.metrics._scores import log_odds, log_softmax, option_scores, position
from mmbench.metrics._text import Mean, check_option, score_and_one, signature, texts
from mmbench.metrics.base import Vector, prediction_text, ratio, references, wrong_type
from mmbench.metrics.extraction import Extractor, named, read_answer
from mmbench.schema import Prediction, Sample

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")

BINS = 128

Part = Literal["all", "has-answer", "no-answer"]


@lru_cache(maxsize=4096)
def normalize(text: str) -> str:
    """Lower the case, drop ASCII punctuation, then the words a, an, the, then collapse white space.

    >>> normalize("The  Broncos' an-swer!")
    'broncos answer'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact(prediction: str, reference: str) -> float:
    """Return 1 if both are equal once normalised, else 0."""
    return float(normalize(prediction) == normalize(reference))


@lru_cache(maxsize=4096)
def token_f1(prediction: str, reference: str) -> float:
    """Return the F1 of the two bags of tokens, 0..1; two texts without tokens have 0 (SQuAD 1.1)."""
    ours, theirs = normalize(prediction).split(), normalize(reference).split()
    same = sum((Counter(ours) & Counter(theirs)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(ours), same / len(theirs)
    return 2 * precision * recall / (precision + recall)


def token_f1_v2(prediction: str, reference: str) -> float:
    """Return the F1 of the two bags of tokens; without tokens on a side, 1 if on both, else 0 (SQuAD 2.0)."""
    if not normalize(prediction) or not normalize(reference):
        return exact(prediction, reference)
    return token_f1(prediction, reference)


_V1: dict[str, Callable[[str, str], float]] = {"exact-match": exact, "token-f1": token_f1}
_NORMALIZATIONS = ("none", "tokens", "chars", "bytes", "pmi")
_V2: dict[str, Callable[[str, str], float]] = {"em": exact, "f1": token_f1_v2}


class Percent:
    """A metric whose statistics are [sum of scores in 0..1, number of scores]; its value is 100 x the mean."""

    def aggregate(self, totals: Vector) -> Vector:
        """Return 100 x the mean score, shape (...); NaN for no samples."""
        return ratio(totals[..., 0], totals[..., 1], 100.0)


def extracted(metric: str, prediction: Prediction, sample: Sample, extractor: Extractor | None) -> str | None:
    """Return the predicted text, read by the extractor if there is one; None if it found no answer."""
    text = prediction_text(metric, prediction, sample)
    return read_answer(extractor, text, tuple(sample.choices)) if extractor else text


def manner(extractor: Extractor | None) -> str:
    """Return the name of an extractor for a signature."""
    return extractor.name if extractor else "none"


@dataclass(frozen=True)
class _SquadV1(Percent):
    """A SQuAD 1.1 score: the best over the references, averaged over questions.

    Attributes:
        extractor: reads the answer out of the text first; None takes the text as it is.
    """

    extractor: Extractor | None = None
    higher_is_better = True
    range = (0.0, 100.0)
    kind = "exact-match"

    @cached_property
    def name(self) -> str:
        """What tables call it."""
        return named(self.kind, self.extractor) if self.extractor else self.kind

    @property
    def signature(self) -> str:
        """Names the normalisation and the extractor."""
        return signature(self.kind, norm="squad-1.1", extractor=manner(self.extractor))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [best score, 1].

        Raises:
            MetricError: there is no reference; SQuAD 1.1 does not know unanswerable questions.
        """
        _, refs = texts(self.name, prediction, sample)
        answer = extracted(self.name, prediction, sample, self.extractor)
        if answer is None:
            return score_and_one(0.0)
        return score_and_one(max(_V1[self.kind](answer, ref) for ref in refs))


@dataclass(frozen=True)
class ExactMatch(_SquadV1):
    """SQuAD 1.1 exact match, 0..100."""


@dataclass(frozen=True)
class TokenF1(_SquadV1):
    """SQuAD 1.1 F1 over bags of tokens, 0..100."""

    kind = "token-f1"


def best_v2(of: str, answer: str | None, refs: list[str]) -> float:
    """Return the SQuAD 2.0 score of an answer against all references; None, an unread answer, has 0."""
    if answer is None:
        return 0.0
    return max(_V2[of](answer, ref) for ref in [ref for ref in refs if normalize(ref)] or [""])


@dataclass(frozen=True)
class SquadV2(Percent):
    """A SQuAD 2.0 score, 0..100, on all questions, on answerable or on unanswerable ones.

    An unanswerable question (target ``[]``) is right if the answer has no words. References that are empty once
    normalised are ignored. The published program leaves questions without a prediction out of the denominator;
    here every sample has one.

    Attributes:
        of: "em" or "f1".
        part: "all", "has-answer" or "no-answer".
        extractor: reads the answer out of the text first. An answer it cannot read is wrong; it does not count
            as saying that there is none.
    """

    of: Literal["em", "f1"] = "f1"
    part: Part = "all"
    extractor: Extractor | None = None
    higher_is_better = True
    range = (0.0, 100.0)

    def __post_init__(self) -> None:
        check_option("squad2", "score", self.of, tuple(_V2))
        check_option("squad2", "part", self.part, ("all", "has-answer", "no-answer"))

    @property
    def name(self) -> str:
        """``squad2-f1``, ``squad2-em-no-answer`` and so on."""
        name = f"squad2-{self.of}" if self.part == "all" else f"squad2-{self.of}-{self.part}"
        return named(name, self.extractor) if self.extractor else name

    @property
    def signature(self) -> str:
        """Names score, part, normalisation and extractor."""
        return signature(f"squad2-{self.of}", part=self.part, norm="squad-2.0", extractor=manner(self.extractor))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [best score, 1], or [0, 0] for a question of the other part."""
        refs = references(self.name, sample)
        if self.part != "all" and bool(refs) != (self.part == "has-answer"):
            return np.zeros(2)
        answer = extracted(self.name, prediction, sample, self.extractor)
        return score_and_one(best_v2(self.of, answer, refs))


@dataclass(frozen=True)
class SquadV2Best:
    """The SQuAD 2.0 score at the best threshold on the probability that there is no answer, 0..100.

    That probability is the softmax of ``Prediction.option_logprobs`` at the choice ``no_answer``; a prediction
    without scores has 0, as the published program takes it where no probabilities are given. Above the threshold a
    question counts as unanswered. Probabilities go into 128 fixed bins of their log-odds, and a threshold lies
    between bins: the value is the published program's wherever no two of them share a bin, and never above it.

    Attributes:
        of: "em" or "f1".
        no_answer: the entry of ``Sample.choices`` that stands for "cannot be answered".
    """

    of: Literal["em", "f1"] = "f1"
    no_answer: str = "unanswerable"
    higher_is_better = True
    range = (0.0, 100.0)

    def __post_init__(self) -> None:
        check_option("squad2", "score", self.of, tuple(_V2))

    @property
    def name(self) -> str:
        """``squad2-best-f1``."""
        return f"squad2-best-{self.of}"

    @property
    def signature(self) -> str:
        """Names score, normalisation, the option of no answer and the bins."""
        return signature(self.name, norm="squad-2.0", no_answer=self.no_answer, bins=BINS)

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1, 1 if unanswerable, then what answering gains over not answering, in its bin]."""
        text, refs = prediction_text(self.name, prediction, sample), references(self.name, sample)
        cell = 0
        if prediction.option_logprobs:
            if self.no_answer not in sample.choices:
                raise wrong_type(self.name, sample, "choices", f"options with '{self.no_answer}'", sample.choices)
            logs = log_softmax(option_scores(self.name, prediction, sample))
            cell = int(position(log_odds(logs, sample.choices.index(self.no_answer)), BINS))
        row = np.zeros(2 + BINS)
        row[0], row[1] = 1.0, float(not refs)
        row[2 + cell] = best_v2(self.of, text, refs) if refs else -float(bool(text))
        return row

    def aggregate(self, totals: Vector) -> Vector:
        """Return 100 x the largest mean score over all thresholds, shape (...)."""
        gain = np.cumsum(totals[..., 2:], axis=-1).max(axis=-1)
        return ratio(totals[..., 1] + np.maximum(gain, 0.0), totals[..., 0], 100.0)


@dataclass(frozen=True)
class MultipleChoiceAccuracy(Mean):
    """The share of samples whose best-scored option is the target, 0..1; the first wins a tie.

    As lm-evaluation-harness has it (``acc``, ``acc_norm``, ``acc_bytes``, ``acc_mutual_info``).

    Attributes:
        normalization: "none" compares sums of log-probabilities; "tokens", "chars" and "bytes" (UTF-8) divide them
            by the option's length; "pmi" subtracts the option's log-probability without the question.
    """

    normalization: Literal["none", "tokens", "chars", "bytes", "pmi"] = "none"
    higher_is_better = True
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        check_option("choice-accuracy", "normalization", self.normalization, _NORMALIZATIONS)

    @property
    def name(self) -> str:
        """``choice-accuracy``, or ``choice-accuracy-bytes`` and so on."""
        return "choice-accuracy" if self.normalization == "none" else f"choice-accuracy-{self.normalization}"

    @property
    def signature(self) -> str:
        """Names the normalisation and the rule for ties."""
        return signature("choice-accuracy", norm=self.normalization, ties="first")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1 if right, 1].

        Raises:
            MetricError: scores, lengths or priors are missing, or the target is not among the choices.
        """
        scores = option_scores(self.name, prediction, sample)
        right = references(self.name, sample)
        if not set(right) & set(sample.choices):
            raise wrong_type(self.name, sample, "target", "one of the sample's choices", sample.target)
        best = int(np.argmax(self._normalised(scores, prediction, sample)))
        return score_and_one(float(sample.choices[best] in right))

    def _normalised(self, scores: Vector, prediction: Prediction, sample: Sample) -> Vector:
        if self.normalization == "none":
            return scores
        if self.normalization == "pmi":
            return scores - self._one_each("option_priors", prediction.option_priors, sample)
        if self.normalization == "tokens":
            lengths = self._one_each("option_tokens", prediction.option_tokens, sample)
        elif self.normalization == "chars":
            lengths = np.array([len(choice) for choice in sample.choices], dtype=np.float64)
        else:
            lengths = np.array([len(choice.encode()) for choice in sample.choices], dtype=np.float64)
        if (lengths <= 0).any():
            raise wrong_type(self.name, sample, "choices", "options of at least one token", sample.choices)
        return scores / lengths

    def _one_each(self, field: str, values: tuple[float, ...] | tuple[int, ...], sample: Sample) -> Vector:
        if len(values) != len(sample.choices):
            expected = f"one number for each of the {len(sample.choices)} choices"
            raise wrong_type(self.name, sample, f"prediction.{field}", expected, values)
        return np.asarray(values, dtype=np.float64)
