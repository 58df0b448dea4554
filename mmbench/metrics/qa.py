"""Question answering: SQuAD 1.1 and 2.0, equal to the published evaluation programs; values run from 0 to 100.

Source: ``evaluate-v1.1.py`` and ``evaluate-v2.0.py`` of rajpurkar/SQuAD-explorer. Targets are lists of reference
answers; for SQuAD 2.0 an empty list means that the question cannot be answered, and an empty prediction says so.
"""

import re
import string
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from mmbench.metrics._text import check_option, score_and_one, signature, texts
from mmbench.metrics.base import Vector, prediction_text, ratio, references
from mmbench.metrics.extraction import Extractor, named
from mmbench.schema import Prediction, Sample

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")

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


_V1 = {"exact-match": exact, "token-f1": token_f1}
_V2 = {"em": exact, "f1": token_f1_v2}


class Percent:
    """A metric whose statistics are [sum of scores in 0..1, number of scores]; its value is 100 x the mean."""

    def aggregate(self, totals: Vector) -> Vector:
        """Return 100 x the mean score, shape (...); NaN for no samples."""
        return ratio(totals[..., 0], totals[..., 1], 100.0)


def extracted(metric: str, prediction: Prediction, sample: Sample, extractor: Extractor | None) -> str | None:
    """Return the predicted text, read by the extractor if there is one; None if it found no answer."""
    text = prediction_text(metric, prediction, sample)
    return extractor(text, sample.choices) if extractor else text


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

    @property
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
