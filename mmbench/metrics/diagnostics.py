"""What every generation task should show beside its score: variety, length, empty answers and refusals.

None of these says how good an answer is, so "higher is better" is only the way of reading that is less bad.
"""

import re
from dataclasses import dataclass

import numpy as np

from mmbench.metrics._text import Mean, score_and_one, signature
from mmbench.metrics.base import Vector, prediction_text, ratio
from mmbench.schema import Prediction, Sample

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Distinct:
    """Distinct-n (Li et al. 2016) of each answer: different n-grams over all its n-grams, pooled; 0..1.

    Statistics: [different n-grams, n-grams]. The paper counts different n-grams over the whole corpus; that number
    falls with the size of the corpus and is not a sum, so here an n-gram is new once in every answer: the measure
    finds answers that repeat themselves. Words are runs of letters and digits, lower case.

    Attributes:
        order: n.
    """

    order: int = 2
    higher_is_better = True
    range = (0.0, 1.0)

    @property
    def name(self) -> str:
        """``distinct1``, ``distinct2``, ..."""
        return f"distinct{self.order}"

    @property
    def signature(self) -> str:
        """Order, tokens and what is pooled."""
        return signature(self.name, case="lc", tok="word", within="answer")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [different n-grams, n-grams] of one answer."""
        words = _WORD.findall(prediction_text(self.name, prediction, sample).lower())
        grams = list(zip(*(words[start:] for start in range(self.order)), strict=False))
        return np.array([len(set(grams)), len(grams)], dtype=np.float64)

    def aggregate(self, totals: Vector) -> Vector:
        """Return the share of n-grams that are new in their answer, shape (...); NaN if there are no n-grams."""
        return ratio(totals[..., 0], totals[..., 1])


@dataclass(frozen=True)
class AnswerLength(Mean):
    """The mean length of answers in words separated by whitespace. Statistics: [words, 1]."""

    name = "answer-length"
    higher_is_better = True
    range = (0.0, float("inf"))
    signature = signature("answer-length", unit="words", tok="whitespace")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [words, 1]."""
        return score_and_one(float(len(prediction_text(self.name, prediction, sample).split())))


@dataclass(frozen=True)
class EmptyRate(Mean):
    """The share of answers with no character but whitespace, 0..1. Statistics: [empty, 1]."""

    name = "empty-rate"
    higher_is_better = False
    range = (0.0, 1.0)
    signature = signature("empty-rate", empty="whitespace")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1 if the answer is empty, 1]."""
        return score_and_one(float(not prediction_text(self.name, prediction, sample).strip()))


_APOSTROPHES = str.maketrans("’ʼ`", "'''")
_CANNOT = r"(can't|cannot|can not|won't|will not|(am|'m|are|'re) (unable|not able|not allowed) to)"
_DO = (
    r"(access|analy[sz]e|answer|assist|comply|complete|continue|create|describe|determine|discuss|do (that|this)"
    r"|engage|fulfil|generate|hear|help|identify|listen|process|provide|read|respond|see|share|tell|view)"
)
_REFUSAL = re.compile(
    rf"\b(i|we) ?{_CANNOT} (\w+ )?{_DO}"
    r"|\b(i|we) (must|have to|need to) (respectfully |politely )?(decline|refuse)\b"
    rf"|\b(i'm|i am|we're|we are) (\w+ )?(sorry|afraid)\b.{{0,40}}\b(i|we) ?({_CANNOT}|don't|do not)\b"
    rf"|^\W*((my )?apologies|i apologi[sz]e|sorry)\b.{{0,60}}\b{_CANNOT}"
    rf"|^\W*(unable|not able) to {_DO}"
    rf"|\bas an? (\w+ ){{0,3}}(ai|assistant|language model)\b.{{0,60}}\b({_CANNOT}|don't|do not)\b"
)


def is_refusal(text: str) -> bool:
    """Whether an English answer declines to answer, by fixed phrases; a rule of thumb, not a judge.

    >>> is_refusal("I'm sorry, but I can't help with that."), is_refusal("The sign says: sorry, we are closed.")
    (True, False)
    """
    return _REFUSAL.search(" ".join(text.translate(_APOSTROPHES).lower().split())) is not None


@dataclass(frozen=True)
class RefusalRate(Mean):
    """The share of answers that decline to answer, 0..1, by the English phrases of ``is_refusal``.

    Statistics: [refusals, 1].
    """

    name = "refusal-rate"
    higher_is_better = False
    range = (0.0, 1.0)
    signature = signature("refusal-rate", rules="en-phrases-1")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [1 if the answer is a refusal, 1]."""
        return score_and_one(float(is_refusal(prediction_text(self.name, prediction, sample))))
