"""BLEU-1..4, ROUGE-L, CIDEr-D and CIDEr of image captions, equal to the COCO caption scorer, without Java.

All compare the tokens of ``mmbench.metrics.ptb``. They keep the scorer's definitions, which are not those of the
same name elsewhere: its BLEU adds 1e-15 and 1e-9 where sacreBLEU smooths; its ROUGE-L takes the best precision
and the best recall of possibly different references; what it prints as "CIDEr" is CIDEr-D. Its scales are kept:
BLEU and ROUGE-L 0..1, CIDEr 0..10 (papers print it times 100).
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np

from mmbench.errors import MetricError
from mmbench.metrics._text import Mean, check_option, remember, score_and_one, signature, texts, variant
from mmbench.metrics.base import Vector, references
from mmbench.metrics.lcs import lcs_length
from mmbench.metrics.tfidf import ORDERS, Frequencies, Gram, counted, frequencies, grams, words_of
from mmbench.schema import Prediction, Sample

Tokenizer = Literal["ptb", "none"]
_BETA = 1.2
_SIGMA = 6.0


def _tokenized(text: str, tokenize: str) -> str:
    if tokenize != "ptb":
        return text
    from mmbench.metrics.ptb import ptb_tokenize  # its patterns take a third of a second to compile

    return ptb_tokenize(text)


@remember
def _matches(hypothesis: str, refs: tuple[str, ...]) -> tuple[int, ...]:
    """Return [words, words of the closest reference, matches of order 1..4, n-grams of order 1..4]."""
    words = len(words_of(hypothesis))
    lengths = [len(words_of(ref)) for ref in refs]
    closest = min((abs(length - words), length) for length in lengths)[1]
    hits = []
    for order in ORDERS:
        wanted = [counted(ref, order) for ref in refs]
        said = counted(hypothesis, order).items()
        hits.append(sum(min(count, max(ref.get(gram, 0) for ref in wanted)) for gram, count in said))
    return words, closest, *hits, *(max(words - order + 1, 0) for order in ORDERS)


@dataclass(frozen=True)
class CaptionMetric:
    """What the caption metrics have in common.

    Attributes:
        tokenize: ``ptb`` as the COCO scorer; ``none`` takes what whitespace parts, for text tokenised before.
    """

    tokenize: Tokenizer = "ptb"
    higher_is_better = True
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        check_option(self._kind, "tokenizer", self.tokenize, ("ptb", "none"))

    @property
    def _kind(self) -> str:
        raise NotImplementedError

    @cached_property
    def name(self) -> str:
        """The measure, with the tokenizer where it is not the scorer's."""
        return variant(self._kind, self.tokenize != "ptb" and self.tokenize)

    @property
    def signature(self) -> str:
        """Tokenizer and all that changes the value."""
        tokens = {"case": "lc", "tok": "ptb-3.4.1"} if self.tokenize == "ptb" else {"case": "mixed", "tok": "none"}
        return signature(self._kind, nrefs="var", **tokens, **self._parts())

    def _parts(self) -> dict[str, Any]:
        return {}

    def _texts(self, prediction: Prediction, sample: Sample) -> tuple[str, tuple[str, ...]]:
        hypothesis, refs = texts(self.name, prediction, sample)
        return _tokenized(hypothesis, self.tokenize), tuple(_tokenized(ref, self.tokenize) for ref in refs)


@dataclass(frozen=True)
class CocoBLEU(CaptionMetric):
    """Corpus BLEU of order 1 to 4 as the COCO caption scorer computes it, 0..1.

    Statistics: [words, words of the closest reference, matches of order 1..n, n-grams of order 1..n].

    Attributes:
        order: the longest n-gram: BLEU-1 to BLEU-4.
    """

    order: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        check_option("coco-bleu", "order", str(self.order), ("1", "2", "3", "4"))

    @property
    def _kind(self) -> str:
        return f"coco-bleu{self.order}"

    def _parts(self) -> dict[str, Any]:
        return {"smooth": "1e-15/1e-9", "reflen": "closest"}

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return lengths, matches and n-gram counts of one caption, shape (2 + 2 * order,)."""
        counts = _matches(*self._texts(prediction, sample))
        kept = (*counts[: 2 + self.order], *counts[2 + len(ORDERS) : 2 + len(ORDERS) + self.order])
        return np.array(kept, dtype=np.float64)

    def aggregate(self, totals: Vector) -> Vector:
        """Return corpus BLEU, shape (...), of totals of shape (..., 2 + 2 * order)."""
        tiny, small = 1e-15, 1e-9
        hits, grams = totals[..., 2 : 2 + self.order], totals[..., 2 + self.order :]
        length = (totals[..., 0] + tiny) / (totals[..., 1] + small)
        with np.errstate(under="ignore"):
            precision = np.prod((hits + tiny) / (grams + small), axis=-1) ** (1 / self.order)
            return np.asarray(precision * np.exp(np.minimum(0.0, 1 - 1 / length)))


@dataclass(frozen=True)
class CocoRougeL(Mean, CaptionMetric):
    """ROUGE-L with beta 1.2 as the COCO caption scorer computes it, 0..1. Statistics: [score, 1].

    Precision and recall are each the best over all references. Empty text counts as one empty token, so an empty
    caption scores 1 against an empty reference.
    """

    @property
    def _kind(self) -> str:
        return "coco-rouge-l"

    def _parts(self) -> dict[str, Any]:
        return {"beta": _BETA, "refs": "best-p-best-r"}

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [score, 1]."""
        hypothesis, refs = self._texts(prediction, sample)
        said = hypothesis.split(" ")
        wanted = [ref.split(" ") for ref in refs]
        common = [lcs_length(ref, said) for ref in wanted]
        precision = max(common) / len(said)
        recall = max(hits / len(ref) for hits, ref in zip(common, wanted, strict=True))
        if precision == 0 or recall == 0:
            return score_and_one(0.0)
        weight = _BETA**2
        return score_and_one((1 + weight) * precision * recall / (recall + weight * precision))


@dataclass(frozen=True)
class CIDEr(Mean, CaptionMetric):
    """CIDEr (Vedantam et al. 2015) as its authors' program computes it, 0..10. Statistics: [score, 1].

    The mean over n-grams of order 1 to 4 and over references of the cosine of tf-idf vectors. Document frequencies
    come from the references of all samples, one document a sample: ``fit`` collects them. Their number and digest
    are in the signature, for on another set of samples it is another metric.
    """

    frequencies: Frequencies | None = field(default=None, repr=False, compare=False)
    range = (0.0, 10.0)

    @property
    def _kind(self) -> str:
        return "cider"

    def _parts(self) -> dict[str, Any]:
        known = self.frequencies
        return {"n": len(ORDERS), "df": f"{known.documents}-{known.digest}" if known else "unfitted"}

    def fit(self, samples: Iterable[Sample]) -> Self:
        """Return this metric with the document frequencies of the samples' references."""
        documents = (
            [_tokenized(ref, self.tokenize) for ref in references(self.name, sample)] for sample in samples
        )
        return replace(self, frequencies=frequencies(documents))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [score, 1].

        Raises:
            MetricError: also if ``fit`` was not called.
        """
        known = self.frequencies
        if known is None:
            raise MetricError(
                f"{self.name}: sample '{sample.id}': no document frequencies. Call fit(samples) first."
            )
        hypothesis, refs = self._texts(prediction, sample)
        total, spoken = 0.0, len(words_of(hypothesis))
        active = [(ref, words_of(ref)) for ref in refs]
        for order in ORDERS:
            said = counted(hypothesis, order)
            length = known.length(hypothesis, order) if active else 0.0
            compared, active = active, []
            for ref, wanted in compared:
                common = list(filter(said.__contains__, grams(wanted, order)))
                if common:  # without any, longer n-grams can have nothing in common either
                    active.append((ref, wanted))
                    dot = self._dot(said, common, known) * self._likeness(spoken - len(wanted))
                    total += dot / (length * known.length(ref, order)) if dot else 0.0
        return score_and_one(10.0 * total / (len(ORDERS) * len(refs)))

    def _dot(self, said: dict[Gram, int], common: list[Gram], known: Frequencies) -> float:
        """Return the scalar product with a reference, of whose n-grams ``common`` are in what was said."""
        return sum(said[gram] * known.weights.get(gram, known.rare) for gram in common)

    def _likeness(self, difference: int) -> float:  # noqa: ARG002
        """Return the factor for a difference in length."""
        return 1.0


@dataclass(frozen=True)
class CIDErD(CIDEr):
    """CIDEr-D, which the COCO caption scorer prints as CIDEr, 0..10. Statistics: [score, 1].

    CIDEr with counts clipped to the reference's, and a Gaussian of the difference in length: sigma 6, in bigrams,
    as the program counts.
    """

    @property
    def _kind(self) -> str:
        return "cider-d"

    def _parts(self) -> dict[str, Any]:
        return {"sigma": _SIGMA, **super()._parts()}

    def _dot(self, said: dict[Gram, int], common: list[Gram], known: Frequencies) -> float:
        once = set(common)
        if len(once) == len(common):
            return known.total(common)
        weigh, rare = known.weights.get, known.rare
        return sum(min(said[gram], count) * count * weigh(gram, rare) for gram, count in Counter(common).items())

    def _likeness(self, difference: int) -> float:
        return math.exp(-(difference**2) / (2 * _SIGMA**2))
