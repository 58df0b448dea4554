"""Word, character and match error rate and word information lost, equal to jiwer 4, pooled over the corpus.

Rates are fractions: 0.25 is 25 percent. As in jiwer, words are what spaces separate, nothing is lower-cased and no
punctuation is removed unless a normaliser is asked for. With several references the one of the lowest rate counts.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Literal

import numpy as np
from rapidfuzz.distance import Levenshtein

from mmbench.errors import UsageError
from mmbench.metrics._text import check_option, remember, signature, texts, variant
from mmbench.metrics.base import Vector
from mmbench.metrics.lcs import numbered
from mmbench.schema import Prediction, Sample

Normalizer = Literal["none", "whisper-basic", "whisper-en"]
_NORMALIZERS = ("none", "whisper-basic", "whisper-en")
_SPACES = re.compile(r"\s\s+")


def whisper_basic(text: str) -> str:
    """Normalise as Whisper does for any language: lower case, no bracketed words, no symbols, single spaces.

    >>> whisper_basic("Hello,  [noise] World! (aside)")
    'hello world '
    """
    text = re.sub(r"[<\[][^>\]]*[>\]]", "", text.lower())
    text = re.sub(r"\(([^)]+?)\)", "", text)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(" " if unicodedata.category(letter)[0] in "MSP" else letter for letter in text)
    return re.sub(r"\s+", " ", text.lower())


@cache
def _normalizer(name: str) -> Callable[[str], str]:
    """Return the normaliser of that name.

    Raises:
        UsageError: the package that it needs is not installed.
    """
    if name == "none":
        return str
    if name == "whisper-basic":
        return whisper_basic
    try:
        english = import_module("whisper_normalizer.english")
    except ImportError as error:
        raise UsageError(
            "normalizer 'whisper-en' needs the package whisper-normalizer. Run: pip install 'mmbench[speech]'"
        ) from error
    normalize: Callable[[str], str] = english.EnglishTextNormalizer()
    return normalize


@remember
def _words(text: str, normalizer: str) -> tuple[str, ...]:
    spaced = _SPACES.sub(" ", _normalizer(normalizer)(text)).strip()
    return tuple(word for word in spaced.split(" ") if word)


@dataclass(frozen=True, slots=True)
class _Alignment:
    """How often two word sequences agree and differ along the alignment that jiwer takes."""

    hits: int
    edits: int
    wanted: int
    said: int


@remember
def _align(hypothesis: str, reference: str, normalizer: str) -> _Alignment:
    wanted, said = numbered(_words(reference, normalizer), _words(hypothesis, normalizer))
    hits = edits = 0
    for step in Levenshtein.opcodes(wanted, said):
        length = max(step.src_end - step.src_start, step.dest_end - step.dest_start)
        if step.tag == "equal":
            hits += length
        else:
            edits += length
    return _Alignment(hits, edits, len(wanted), len(said))


@dataclass(frozen=True)
class _SpeechMetric:
    """What the four have in common.

    Attributes:
        normalizer: what is done to both texts first: ``none``; ``whisper-basic`` for any language; ``whisper-en``,
            Whisper's English rules for numbers, spelling and contractions (needs ``whisper-normalizer``).
    """

    normalizer: Normalizer = "none"
    higher_is_better = False
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        check_option(self._kind, "normalizer", self.normalizer, _NORMALIZERS)

    @property
    def _kind(self) -> str:
        return type(self).__name__.lower()

    @property
    def name(self) -> str:
        """The measure, with the normaliser if there is one."""
        return variant(self._kind, self.normalizer != "none" and self.normalizer)

    @property
    def signature(self) -> str:
        """Unit, normaliser and its version, and how several references count."""
        package = self.normalizer == "whisper-en"
        norm = self.normalizer + (f"-{version('whisper-normalizer')}" if package else "")
        return signature(self._kind, unit="char" if isinstance(self, CER) else "word", norm=norm, refs="best")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return the counts of one sample against the reference of the lowest rate, shape (k,)."""
        hypothesis, refs = texts(self.name, prediction, sample)
        counts = [np.array(self._counts(hypothesis, reference), dtype=np.float64) for reference in refs]
        return counts[0] if len(counts) == 1 else min(counts, key=self.aggregate)

    def _counts(self, hypothesis: str, reference: str) -> tuple[int, ...]:
        raise NotImplementedError

    def aggregate(self, totals: Vector) -> Vector:
        """Return the pooled value, shape (...), of totals of shape (..., k)."""
        raise NotImplementedError


def _rate(edits: Vector, length: Vector) -> Vector:
    """Divide; what was said where there is nothing to say counts as many edits as words, as in jiwer."""
    return edits / np.where(length > 0, length, 1.0)


@dataclass(frozen=True)
class WER(_SpeechMetric):
    """Word error rate: substitutions, deletions and insertions over words of the reference; may exceed 1.

    Statistics: [edits, words of the reference]. If there is no word in any reference the value is the number of
    inserted words, as in jiwer; in a corpus a silent clip only adds its insertions.
    """

    range = (0.0, float("inf"))

    def _counts(self, hypothesis: str, reference: str) -> tuple[int, ...]:
        wanted, said = numbered(_words(reference, self.normalizer), _words(hypothesis, self.normalizer))
        return int(Levenshtein.distance(wanted, said)), len(wanted)

    def aggregate(self, totals: Vector) -> Vector:
        """Return edits over words, shape (...), of totals of shape (..., 2)."""
        return _rate(totals[..., 0], totals[..., 1])


@dataclass(frozen=True)
class CER(WER):
    """Character error rate, spaces included; may exceed 1. Statistics: [edits, characters of the reference]."""

    def _counts(self, hypothesis: str, reference: str) -> tuple[int, ...]:
        clean = _normalizer(self.normalizer)
        wanted, said = clean(reference).strip(), clean(hypothesis).strip()
        return int(Levenshtein.distance(wanted, said)), len(wanted)


@dataclass(frozen=True)
class MER(_SpeechMetric):
    """Match error rate (Morris et al. 2004): edits over aligned positions. Statistics: [edits, hits and edits]."""

    def _counts(self, hypothesis: str, reference: str) -> tuple[int, ...]:
        found = _align(hypothesis, reference, self.normalizer)
        return found.edits, found.hits + found.edits

    def aggregate(self, totals: Vector) -> Vector:
        """Return edits over positions, shape (...), of totals of shape (..., 2)."""
        return _rate(totals[..., 0], totals[..., 1])


@dataclass(frozen=True)
class WIL(_SpeechMetric):
    """Word information lost (Morris et al. 2004): 1 - hits/words said * hits/words wanted.

    Statistics: [hits, words of the reference, words of the hypothesis].
    """

    def _counts(self, hypothesis: str, reference: str) -> tuple[int, ...]:
        found = _align(hypothesis, reference, self.normalizer)
        return found.hits, found.wanted, found.said

    def aggregate(self, totals: Vector) -> Vector:
        """Return the information lost, shape (...), of totals of shape (..., 3); 0 where both texts are empty."""
        hits, wanted, said = totals[..., 0], totals[..., 1], totals[..., 2]
        kept = _rate(hits, wanted) * _rate(hits, said)
        return 1.0 - np.where((wanted == 0) & (said == 0), 1.0, kept)
