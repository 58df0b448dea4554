"""BLEU-1..4, ROUGE-L, CIDEr-D and CIDEr of image captions, equal to the COCO caption scorer, without Java.

All compare the tokens of ``mmbench.metrics.ptb``. They keep the scorer's definitions, which are not those of the
same name elsewhere: its BLEU adds 1e-15 and 1e-9 where sacreBLEU smooths; its ROUGE-L takes the best precision
and the best recall of possibly different references; what it prints as "CIDEr" is CIDEr-D. Its scales are kept:
BLEU and ROUGE-L 0..1, CIDEr 0..10 (papers print it times 100).
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, Literal, Self

import numpy as np

from mmbench.errors import MetricError
from mmbench.metrics._text import Mean, check_option, remember, score_and_one, signature, texts, variant
from mmbench.metrics.base import Vector, references
from mmbench.metrics.lcs import lcs_length
from mmbench.metrics.ptb import ptb_tokenize
from mmbench.schema import Prediction, Sample

Tokenizer = Literal["ptb", "none"]
Gram = str | tuple[str, ...]

_ORDERS = 4
_BETA = 1.2
_SIGMA = 6.0


def _tokenized(text: str, tokenize: str) -> str:
    return ptb_tokenize(text) if tokenize == "ptb" else text


@remember
def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _runs(words: tuple[str, ...]) -> tuple[Iterable[Gram], ...]:
    """Return the n-grams of order 1 to 4, in order; words stand for themselves."""
    two, three, four = words[1:], words[2:], words[3:]
    return words, zip(words, two), zip(words, two, three), zip(words, two, three, four)  # noqa: B905


@remember
def _grams(text: str, order: int) -> dict[Gram, int]:
    """Count the n-grams of one order; a plain dictionary if each occurs once."""
    words = _words(text)
    once = dict.fromkeys(_runs(words)[order - 1], 1)  # most captions repeat none, and this is faster than counting
    return Counter(_runs(words)[order - 1]) if len(once) <= len(words) - order else once


@remember
def _matches(hypothesis: str, refs: tuple[str, ...]) -> tuple[int, ...]:
    """Return [words, words of the closest reference, matches of order 1..4, n-grams of order 1..4]."""
    words = len(_words(hypothesis))
    lengths = [len(_words(ref)) for ref in refs]
    closest = min((abs(length - words), length) for length in lengths)[1]
    hits = []
    for order in range(1, _ORDERS + 1):
        wanted = [_grams(ref, order) for ref in refs]
        said = _grams(hypothesis, order).items()
        hits.append(sum(min(count, max(ref.get(gram, 0) for ref in wanted)) for gram, count in said))
    return words, closest, *hits, *(max(words - n, 0) for n in range(_ORDERS))


@dataclass(frozen=True)
class _Caption:
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

    @property
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
class CocoBLEU(_Caption):
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
        kept = (*counts[: 2 + self.order], *counts[2 + _ORDERS : 2 + _ORDERS + self.order])
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
class CocoRougeL(Mean, _Caption):
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
class Frequencies:
    """How rare n-grams are in a set of documents.

    Attributes:
        documents: how many there are.
        digest: identifies their references, in whatever order they came.
        weights: squared inverse document frequency of the n-grams of two documents or more.
        rare: that of all others, of none or one document.
    """

    documents: int
    digest: str
    weights: Mapping[Gram, float]
    rare: float

    def square(self, grams: dict[Gram, int]) -> float:
        """Return the squared length of a tf-idf vector."""
        if type(grams) is dict:  # every count is 1
            return sum(map(self.weights.get, grams, repeat(self.rare)))
        return sum(count * count * self.weights.get(gram, self.rare) for gram, count in grams.items())


def frequencies(documents: Iterable[list[str]]) -> Frequencies:
    """Count in how many documents, each a list of tokenised references, every n-gram occurs."""
    counts: Counter[Gram] = Counter()
    number = digest = 0
    for refs in documents:
        number += 1
        digest += int.from_bytes(hashlib.sha256("\n".join(sorted(refs)).encode()).digest()[:8], "big")
        found: set[Gram] = set()
        for ref in refs:
            found.update(*_runs(_words(ref)))
        counts.update(found)
    most = math.log(max(number, 1))
    weights = {gram: (most - math.log(count)) ** 2 for gram, count in counts.items() if count > 1}
    return Frequencies(number, f"{digest % 2**32:08x}", weights, most**2)


@dataclass(frozen=True)
class CIDEr(Mean, _Caption):
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
        return {"n": _ORDERS, "df": f"{known.documents}-{known.digest}" if known else "unfitted"}

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
        total = sum(self._likeness(hypothesis, ref, known) for ref in refs)
        return score_and_one(10.0 * total / (_ORDERS * len(refs)))

    def _likeness(self, hypothesis: str, reference: str, known: Frequencies) -> float:
        """Return the sum over orders of the cosine with one reference."""
        total = 0.0
        for order in range(1, _ORDERS + 1):
            said, wanted = _grams(hypothesis, order), _grams(reference, order)
            common = said.keys() & wanted.keys()
            if not common:
                break  # longer n-grams can have nothing in common either
            weigh, rare = known.weights.get, known.rare
            shared = sum(self._product(said[gram], wanted[gram]) * weigh(gram, rare) for gram in common)
            if shared:
                total += shared / math.sqrt(known.square(said) * known.square(wanted))
        return total

    def _product(self, said: int, wanted: int) -> int:
        """Return what a common n-gram adds to the scalar product, before its weight."""
        return said * wanted


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

    def _likeness(self, hypothesis: str, reference: str, known: Frequencies) -> float:
        bigrams = (max(len(_words(text)) - 1, 0) for text in (hypothesis, reference))
        difference = next(bigrams) - next(bigrams)
        return super()._likeness(hypothesis, reference, known) * math.exp(-(difference**2) / (2 * _SIGMA**2))

    def _product(self, said: int, wanted: int) -> int:
        return min(said, wanted) * wanted
