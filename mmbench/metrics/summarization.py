"""ROUGE-1, 2, L and Lsum, equal to Google's ``rouge-score``, and what a summary takes from its source.

ROUGE values are means over samples of an F-measure (or precision or recall) in 0..1. With several references the
one of the largest F-measure counts, for each kind apart. Tokens are runs of ``[a-z0-9]`` after lower-casing, as
``rouge-score`` has it: text in any other script scores 0 even against itself, and "café" is the token "caf".
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from mmbench.metrics._text import Mean, check_option, remember, score_and_one, signature, texts, variant
from mmbench.metrics.base import Vector
from mmbench.metrics.lcs import lcs_length, union_lcs
from mmbench.metrics.porter import stem
from mmbench.schema import Prediction, Sample

Kind = Literal["1", "2", "3", "4", "L", "Lsum"]
Measure = Literal["fmeasure", "precision", "recall"]
Score = tuple[float, float, float]
"""F-measure, precision, recall."""

_KINDS = ("1", "2", "3", "4", "L", "Lsum")
_MEASURES = ("fmeasure", "precision", "recall")
_TOKEN = re.compile("[a-z0-9]+")


@remember
def _tokens(text: str, stemmed: bool) -> tuple[str, ...]:
    """Split as ``rouge-score``; only words of more than three letters are stemmed."""
    words = _TOKEN.findall(text.lower())
    return tuple(stem(word) if len(word) > 3 else word for word in words) if stemmed else tuple(words)


def _score(hits: int, predicted: int, wanted: int) -> Score:
    precision, recall = hits / max(predicted, 1), hits / max(wanted, 1)
    if precision + recall == 0:
        return 0.0, precision, recall
    return 2 * precision * recall / (precision + recall), precision, recall


def _rouge_n(hypothesis: str, reference: str, order: int, stemmed: bool) -> Score:
    predicted, wanted = _ngrams(hypothesis, order, stemmed), _ngrams(reference, order, stemmed)
    hits = sum(min(count, predicted[gram]) for gram, count in wanted.items() if gram in predicted)
    return _score(hits, predicted.total(), wanted.total())


@remember
def _ngrams(text: str, order: int, stemmed: bool) -> Counter[tuple[str, ...]]:
    tokens = _tokens(text, stemmed)
    return Counter(zip(*(tokens[start:] for start in range(order)), strict=False))


def _rouge_l(hypothesis: str, reference: str, stemmed: bool) -> Score:
    predicted, wanted = _tokens(hypothesis, stemmed), _tokens(reference, stemmed)
    return _score(lcs_length(predicted, wanted), len(predicted), len(wanted))


def _rouge_lsum(hypothesis: str, reference: str, stemmed: bool) -> Score:
    """Union of each reference line's longest common subsequences with all predicted lines; a token counts once."""
    predicted = [_tokens(line, stemmed) for line in hypothesis.split("\n")]
    wanted = [_tokens(line, stemmed) for line in reference.split("\n")]
    left = Counter(token for line in predicted for token in line)
    sizes = left.total(), sum(map(len, wanted))
    # a token counts at most as often as either text has it; the lines of the reference cannot give more of it
    hits = 0
    for line in wanted:
        for token in union_lcs(line, predicted):
            if left[token] > 0:
                left[token] -= 1
                hits += 1
    return _score(hits, *sizes)


@dataclass(frozen=True)
class Rouge(Mean):
    """ROUGE (Lin 2004) as the Python package ``rouge-score`` computes it. Statistics: [score, 1].

    ``Lsum`` splits both texts on newlines and takes the union of common subsequences; on text without newlines it
    is the same as ``L``. The Perl original differs in its sentence splitter and stemmer.

    Attributes:
        kind: ``1`` to ``4`` for n-grams, ``L`` or ``Lsum`` for the longest common subsequence.
        stemmer: apply the Porter stemmer (``rouge-score``'s ``use_stemmer``).
        measure: ``fmeasure``, or ``precision`` or ``recall`` of the reference of the largest F-measure.
    """

    kind: Kind = "L"
    stemmer: bool = False
    measure: Measure = "fmeasure"
    higher_is_better = True
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        check_option("rouge", "kind", self.kind, _KINDS)
        check_option("rouge", "measure", self.measure, _MEASURES)

    @property
    def name(self) -> str:
        """``rouge1``, ``rougeL`` and so on, with what differs from the default."""
        measure = self.measure != "fmeasure" and self.measure
        return variant(f"rouge{self.kind}", self.stemmer and "stem", measure)

    @property
    def signature(self) -> str:
        """Kind, tokeniser, stemmer, measure and how several references count."""
        split = {"split": "newline"} if self.kind == "Lsum" else {}
        stems = "porter-nltk" if self.stemmer else "no"
        return signature(
            f"rouge{self.kind}", case="lc", tok="a-z0-9", stem=stems, **split, measure=self.measure, refs="best-f"
        )

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [score against the best reference, 1]."""
        hypothesis, refs = texts(self.name, prediction, sample)
        best = max((self._score(hypothesis, reference) for reference in refs), key=lambda score: score[0])
        return score_and_one(best[_MEASURES.index(self.measure)])

    def _score(self, hypothesis: str, reference: str) -> Score:
        if self.kind == "L":
            return _rouge_l(hypothesis, reference, self.stemmer)
        if self.kind == "Lsum":
            return _rouge_lsum(hypothesis, reference, self.stemmer)
        return _rouge_n(hypothesis, reference, int(self.kind), self.stemmer)
