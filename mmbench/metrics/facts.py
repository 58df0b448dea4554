"""Grounded facts: what a text states, against what is true of the picture or story that it is about.

A fact is a short canonical string ("red ball"). ``Sample.info["facts"]`` lists the true ones; an extractor reads
the stated ones out of the text. Where a world makes its own samples both are exact, so a statement that is no fact
is a hallucination. Counts are pooled over samples. The hallucination rates are those of CHAIR (Rohrbach et al.
2018) over distinct facts in place of mentions of objects.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mmbench.metrics._text import check_option, signature
from mmbench.metrics.base import Vector, prediction_text, ratio, wrong_type
from mmbench.schema import Prediction, Sample

Extract = Callable[[str], set[str]]


def lexicon_facts(text: str, lexicon: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the facts of which a text has a phrase, as whole words, case apart; longer phrases go first.

    Args:
        text: any text.
        lexicon: fact -> the phrases that state it.

    >>> sorted(lexicon_facts("A hot dog and a kitten.", {"food": ["hot dog"], "dog": ["dog"], "cat": ["kitten"]}))
    ['cat', 'food']
    """
    phrases = [(phrase.casefold(), fact) for fact, said in lexicon.items() for phrase in said]
    folded = text.casefold()
    found: set[str] = set()
    for phrase in sorted({phrase for phrase, _ in phrases}, key=len, reverse=True):
        folded, count = re.subn(rf"(?<!\w){re.escape(phrase)}(?!\w)", "\x00", folded)
        if count:
            found.update(fact for other, fact in phrases if other == phrase)
    return found


@dataclass(frozen=True)
class _FactMetric:
    """A value over [true facts stated, facts stated, true facts, texts, texts with a hallucination].

    Attributes:
        extract: reads the stated facts out of a text; None matches ``Sample.info["lexicon"]``, a mapping from
            facts to the phrases that state them.
        extractor: the extractor's name and version, for the signature; change it when the extractor changes.
    """

    extract: Extract | None = None
    extractor: str = "lexicon"
    higher_is_better = True
    range = (0.0, 1.0)
    kind = "facts"

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.kind

    @property
    def signature(self) -> str:
        """Names the extractor and the pooling."""
        return signature(self.name, extractor=self.extractor, pooled="corpus")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [true facts stated, facts stated, true facts, 1, 1 if any stated fact is not true].

        Raises:
            MetricError: ``Sample.info`` has no list of facts, or no lexicon where no extractor was given.
        """
        true = self._true(sample)
        stated = self._stated(prediction_text(self.name, prediction, sample), sample)
        right = len(stated & true)
        return np.array([right, len(stated), len(true), 1.0, float(right < len(stated))])

    def _true(self, sample: Sample) -> set[str]:
        facts = sample.info.get("facts")
        if not isinstance(facts, list) or not all(isinstance(fact, str) for fact in facts):
            raise wrong_type(self.name, sample, "info['facts']", "a list of strings", facts)
        return {fact for fact in facts if isinstance(fact, str)}

    def _stated(self, text: str, sample: Sample) -> set[str]:
        if self.extract is not None:
            return set(self.extract(text))
        lexicon = sample.info.get("lexicon")
        if not isinstance(lexicon, Mapping):
            raise wrong_type(self.name, sample, "info['lexicon']", "a mapping of facts to phrases", lexicon)
        phrases: dict[str, list[str]] = {}
        for fact, said in lexicon.items():
            if not isinstance(said, list) or not all(isinstance(phrase, str) for phrase in said):
                raise wrong_type(self.name, sample, f"info['lexicon']['{fact}']", "a list of phrases", said)
            phrases[fact] = [phrase for phrase in said if isinstance(phrase, str)]
        return lexicon_facts(text, phrases)


@dataclass(frozen=True)
class FactPrecision(_FactMetric):
    """The share of stated facts that are true, 0..1; NaN if nothing was stated."""

    kind = "fact-precision"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the precision, shape (...)."""
        return ratio(totals[..., 0], totals[..., 1])


@dataclass(frozen=True)
class FactRecall(_FactMetric):
    """The share of true facts that are stated, 0..1."""

    kind = "fact-recall"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the recall, shape (...)."""
        return ratio(totals[..., 0], totals[..., 2])


@dataclass(frozen=True)
class FactF1(_FactMetric):
    """The harmonic mean of fact precision and recall, 0..1."""

    kind = "fact-f1"

    def aggregate(self, totals: Vector) -> Vector:
        """Return F1, shape (...)."""
        return ratio(2 * totals[..., 0], totals[..., 1] + totals[..., 2])


@dataclass(frozen=True)
class HallucinationRate(_FactMetric):
    """The share of stated facts that are not true (CHAIR_i), or of texts that state any such (CHAIR_s), 0..1.

    Attributes:
        per: "fact" or "text".
    """

    per: Literal["fact", "text"] = "fact"
    higher_is_better = False

    def __post_init__(self) -> None:
        check_option("hallucination-rate", "per", self.per, ("fact", "text"))

    @property
    def name(self) -> str:
        """``hallucination-rate`` or ``hallucination-rate-text``."""
        return "hallucination-rate" if self.per == "fact" else f"hallucination-rate-{self.per}"

    def aggregate(self, totals: Vector) -> Vector:
        """Return the rate, shape (...); NaN if nothing was stated (or there is no text)."""
        if self.per == "text":
            return ratio(totals[..., 4], totals[..., 3])
        return ratio(totals[..., 1] - totals[..., 0], totals[..., 1])
