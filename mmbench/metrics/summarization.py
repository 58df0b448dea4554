"""ROUGE-1, 2, L and Lsum, equal to Google's ``rouge-score``; what a summary takes from its source; repetition.

ROUGE values are means over samples of an F-measure (or precision or recall) in 0..1. With several references the
one of the largest F-measure counts, for each kind apart. Tokens are runs of ``[a-z0-9]`` after lower-casing, as
``rouge-score`` has it: text in any other script scores 0 even against itself, and "café" is the token "caf".
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Literal

import numpy as np

from mmbench.metrics._text import Mean, check_option, remember, score_and_one, signature, texts, variant
from mmbench.metrics.base import Vector, prediction_text, ratio, wrong_type
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


def _common(left: Iterable[Hashable], right: Iterable[Hashable]) -> int:
    """Count what two multisets have in common; much faster than intersecting counters."""
    remaining: dict[Hashable, int] = {}
    count_of = remaining.get
    for item in left:
        remaining[item] = count_of(item, 0) + 1
    common = 0
    for item in right:
        count = count_of(item)
        if count:
            remaining[item] = count - 1
            common += 1
    return common


def _runs(words: tuple[str, ...], order: int) -> Iterable[Hashable]:
    return words if order == 1 else zip(*(words[start:] for start in range(order)), strict=False)


def _rouge_n(hypothesis: str, reference: str, order: int, stemmed: bool) -> Score:
    predicted, wanted = _tokens(hypothesis, stemmed), _tokens(reference, stemmed)
    common = _common(_runs(predicted, order), _runs(wanted, order))
    return _score(common, max(len(predicted) - order + 1, 0), max(len(wanted) - order + 1, 0))


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

    @cached_property
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
        scores = [self._score(hypothesis, reference) for reference in refs]
        best = max(scores, key=itemgetter(0)) if len(scores) > 1 else scores[0]
        return score_and_one(best[_MEASURES.index(self.measure)])

    def _score(self, hypothesis: str, reference: str) -> Score:
        if self.kind == "L":
            return _rouge_l(hypothesis, reference, self.stemmer)
        if self.kind == "Lsum":
            return _rouge_lsum(hypothesis, reference, self.stemmer)
        return _rouge_n(hypothesis, reference, int(self.kind), self.stemmer)


_WORD_OR_MARK = re.compile(r"\w+|[^\w\s]")


def extractive_fragments(summary: Sequence[str], document: Sequence[str]) -> list[int]:
    """Return the lengths of the runs of words that a summary shares with its document (Grusky et al. 2018).

    Greedy from left to right: at each word of the summary the longest run found by going through the document,
    where the search goes on behind each run it finds, as published.

    >>> extractive_fragments("the cat sat today".split(), "today the cat sat down".split())
    [3, 1]
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(document):
        places.setdefault(word, []).append(place)
    lengths = []
    start = 0
    while start < len(summary):
        longest = resume = 0
        for place in places.get(summary[start], ()):
            if place >= resume:
                length = _common_run(summary, start, document, place)
                longest, resume = max(longest, length), place + length
        if longest:
            lengths.append(longest)
        start += max(longest, 1)
    return lengths


def _common_run(left: Sequence[str], i: int, right: Sequence[str], j: int) -> int:
    length = 0
    while i + length < len(left) and j + length < len(right) and left[i + length] == right[j + length]:
        length += 1
    return length


@dataclass(frozen=True)
class _AgainstDocument(Mean):
    """A measure of how a summary uses its source, the text in ``Sample.info["document"]``; not of its quality.

    Both are split into words and punctuation marks, lower case. Statistics: [value, 1].
    """

    higher_is_better = True
    range = (0.0, float("inf"))

    @property
    def name(self) -> str:
        """``coverage``, ``density`` or ``compression``."""
        return type(self).__name__.lower()

    @property
    def signature(self) -> str:
        """Tokens and source."""
        return signature(self.name, case="lc", tok="word-mark", source="document")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [value, 1]; [0, 0] where there is none.

        Raises:
            MetricError: also if ``sample.info`` has no text ``document``.
        """
        document = sample.info.get("document")
        if not isinstance(document, str):
            raise wrong_type(self.name, sample, "info['document']", "a string", document)
        words = _WORD_OR_MARK.findall(prediction_text(self.name, prediction, sample).lower())
        value = self._value(words, _WORD_OR_MARK.findall(document.lower()))
        return np.zeros(2) if value is None else score_and_one(value)

    def _value(self, summary: list[str], document: list[str]) -> float | None:
        raise NotImplementedError


@dataclass(frozen=True)
class Coverage(_AgainstDocument):
    """The share of a summary's words that are in a fragment of its document, 0..1; 0 for an empty summary."""

    range = (0.0, 1.0)

    def _value(self, summary: list[str], document: list[str]) -> float:
        return sum(extractive_fragments(summary, document)) / max(len(summary), 1)


@dataclass(frozen=True)
class Density(_AgainstDocument):
    """The mean length of the fragment that a summary's word is in: near 1 for paraphrase, long for copying."""

    def _value(self, summary: list[str], document: list[str]) -> float:
        return sum(length**2 for length in extractive_fragments(summary, document)) / max(len(summary), 1)


@dataclass(frozen=True)
class Compression(_AgainstDocument):
    """Words of the document over words of the summary; empty summaries are left out."""

    def _value(self, summary: list[str], document: list[str]) -> float | None:
        return len(document) / len(summary) if summary else None


@dataclass(frozen=True)
class Repetition:
    """The share of n-grams that occurred before in the same answer (Welleck et al. 2020), pooled, 0..1.

    Statistics: [repeated n-grams, n-grams]. Words and punctuation marks, lower case.

    Attributes:
        order: n.
    """

    order: int = 4
    higher_is_better = False
    range = (0.0, 1.0)

    @property
    def name(self) -> str:
        """``repetition4``, ..."""
        return f"repetition{self.order}"

    @property
    def signature(self) -> str:
        """Order, tokens and what is pooled."""
        return signature(self.name, case="lc", tok="word-mark", within="answer")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [repeated n-grams, n-grams] of one answer."""
        words = _WORD_OR_MARK.findall(prediction_text(self.name, prediction, sample).lower())
        grams = list(zip(*(words[start:] for start in range(self.order)), strict=False))
        return np.array([len(grams) - len(set(grams)), len(grams)], dtype=np.float64)

    def aggregate(self, totals: Vector) -> Vector:
        """Return the share of repeated n-grams, shape (...); NaN if there are no n-grams."""
        return ratio(totals[..., 0], totals[..., 1])
