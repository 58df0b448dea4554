"""BLEU, chrF, chrF++ and TER, corpus and sentence, equal to sacreBLEU.

A segment's statistics are sacreBLEU's own, so all its tokenizers are here and nothing about them can differ; what
is done with their totals is written in NumPy over any leading axes. A sample may have any number of references.
Values run from 0 to 100, as sacreBLEU prints them.
"""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from mmbench.errors import UsageError
from mmbench.metrics._text import Mean, check_option, remember, score_and_one, signature, texts, variant
from mmbench.metrics.base import Vector
from mmbench.schema import Prediction, Sample

TOKENIZERS = (
    "13a",
    "char",
    "flores101",
    "flores200",
    "intl",
    "ja-mecab",
    "ko-mecab",
    "none",
    "spBLEU-1K",
    "spm",
    "zh",
)
"""sacreBLEU's tokenizers. ``ja-mecab`` and ``ko-mecab`` need ``sacrebleu[ja]`` and ``sacrebleu[ko]``; ``flores*``,
``spm`` and ``spBLEU-1K`` need sentencepiece and, once, the network (or the model in sacreBLEU's folder)."""

_SMOOTHING = {"none": 0.0, "floor": 0.1, "add-k": 1.0, "exp": 0.0}


@cache
def _bleu(tokenize: str, lowercase: bool, order: int) -> Any:
    """Return sacreBLEU's scorer, which holds the tokenizer.

    Raises:
        UsageError: the tokenizer's packages or model are not there.
    """
    from sacrebleu.metrics import BLEU as Official

    try:
        return Official(tokenize=tokenize, lowercase=lowercase, max_ngram_order=order, force=True)
    except (ImportError, RuntimeError, OSError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(f"bleu: tokenizer '{tokenize}' cannot be loaded: {reason}") from error


@cache
def _chrf(char_order: int, word_order: int, beta: int, lowercase: bool, whitespace: bool, eps: bool) -> Any:
    from sacrebleu.metrics import CHRF as Official

    return Official(char_order, word_order, beta, lowercase, whitespace, eps)


@cache
def _ter(normalized: bool, no_punct: bool, asian: bool, case: bool) -> Any:
    from sacrebleu.metrics import TER as Official

    return Official(normalized, no_punct, asian, case)


@remember
def _segment(scorer: Any, hypothesis: str, refs: tuple[str, ...]) -> tuple[float, ...]:
    """Return sacreBLEU's statistics of one segment; a scorer is equal only to itself."""
    known = scorer._extract_reference_info([scorer._preprocess_segment(ref) for ref in refs])
    return tuple(scorer._compute_segment_statistics(scorer._preprocess_segment(hypothesis), known))


def bleu_score(totals: Vector, smooth: str = "exp", value: float = 0.0, effective_order: bool = False) -> Vector:
    """Turn [hypothesis length, reference length, matches (n), n-grams (n)] into BLEU in 0..100.

    Args:
        totals: shape (..., 2 + 2n).
        smooth: ``exp`` (NIST), ``floor``, ``add-k`` or ``none``.
        value: what ``floor`` puts in place of no match, or ``add-k`` adds from order 2 on.
        effective_order: average only over the orders that the hypothesis is long enough to have.

    Returns:
        Shape (...); 0 where nothing matches, as sacreBLEU.
    """
    order = (totals.shape[-1] - 2) // 2
    hyp_len, ref_len = totals[..., 0], totals[..., 1]
    matches, ngrams = totals[..., 2 : 2 + order], totals[..., 2 + order :]
    log_sum, used = np.zeros(hyp_len.shape), np.zeros(hyp_len.shape)
    halvings, alive = np.zeros(hyp_len.shape), np.ones(hyp_len.shape, dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        for n in range(order):
            added = value if smooth == "add-k" and n else 0.0
            hit, possible = matches[..., n] + added, ngrams[..., n] + added
            alive = alive & (possible > 0)
            missed = hit == 0
            halvings = halvings + (missed & alive)
            instead = {"exp": 0.5**halvings, "floor": np.full_like(hit, value)}.get(smooth, hit)
            log_precision = np.log(np.where(missed, instead, hit) / possible)
            log_sum = log_sum + np.where(alive, log_precision, 0.0 if effective_order else -np.inf)
            used = used + alive
        penalty = np.where(hyp_len < ref_len, np.exp(1 - ref_len / hyp_len), 1.0)
        score = 100.0 * penalty * np.exp(log_sum / (used if effective_order else order))
    return np.where(matches.any(axis=-1), score, 0.0)


@dataclass(frozen=True)
class BLEU:
    """Corpus BLEU (Papineni et al. 2002) as sacreBLEU computes it (Post 2018).

    Statistics: [hypothesis length, closest reference length, matches of order 1..n, n-grams of order 1..n].

    Attributes:
        tokenize: one of ``TOKENIZERS``; use ``zh``, ``ja-mecab``, ``ko-mecab`` for those languages.
        lowercase: ignore case.
        smooth: what to do with orders without a match: ``exp``, ``floor``, ``add-k`` or ``none``.
        smooth_value: the number that ``floor`` (default 0.1) and ``add-k`` (default 1) need.
        effective_order: average only over orders the hypothesis has; meant for single sentences.
        max_order: the longest n-gram.
    """

    tokenize: str = "13a"
    lowercase: bool = False
    smooth: str = "exp"
    smooth_value: float | None = None
    effective_order: bool = False
    max_order: int = 4
    higher_is_better = True
    range = (0.0, 100.0)

    def __post_init__(self) -> None:
        check_option("bleu", "tokenizer", self.tokenize, TOKENIZERS)
        check_option("bleu", "smoothing", self.smooth, tuple(_SMOOTHING))

    @property
    def name(self) -> str:
        """``bleu``, with the tokenizer where it is not the default."""
        return variant("bleu", self.tokenize != "13a" and self.tokenize, self.lowercase and "lc")

    @property
    def signature(self) -> str:
        """sacreBLEU's signature; ``nrefs:var`` because each sample says how many references it has."""
        return signature("bleu", **self._parts())

    def _parts(self) -> dict[str, Any]:
        smooth = self.smooth + (f"[{self._value:.2f}]" if _SMOOTHING[self.smooth] else "")
        tokenizer = _bleu(self.tokenize, self.lowercase, self.max_order).tokenizer_signature
        parts = {"nrefs": "var", "case": _case(self.lowercase), "eff": self.effective_order, "tok": tokenizer}
        order = {} if self.max_order == 4 else {"order": self.max_order}
        return {**parts, "smooth": smooth, **order, "sacrebleu": version("sacrebleu")}

    @property
    def _value(self) -> float:
        return _SMOOTHING[self.smooth] if self.smooth_value is None else self.smooth_value

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return lengths, matches and n-gram counts of one segment, shape (2 + 2 * max_order,)."""
        scorer = _bleu(self.tokenize, self.lowercase, self.max_order)
        return np.array(_segment(scorer, *texts(self.name, prediction, sample)), dtype=np.float64)

    def aggregate(self, totals: Vector) -> Vector:
        """Return corpus BLEU, shape (...), of totals of shape (..., 2 + 2 * max_order)."""
        return bleu_score(totals, self.smooth, self._value, self.effective_order)


def _case(lowercase: bool) -> str:
    return "lc" if lowercase else "mixed"


@dataclass(frozen=True)
class SentenceBLEU(Mean, BLEU):
    """The mean of sentence BLEU, each with the effective order as ``sacrebleu.sentence_bleu`` has it.

    This is not corpus BLEU, and comparable to nothing but itself. Statistics: [score, 1].
    """

    effective_order: bool = True

    @property
    def name(self) -> str:
        """``sentence_bleu``, with the tokenizer where it is not the default."""
        return "sentence_" + super().name

    @property
    def signature(self) -> str:
        """sacreBLEU's signature under a name of its own, for the mean is not sacreBLEU's number."""
        return signature("sentence_bleu", **self._parts())

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [this sentence's BLEU, 1]."""
        return score_and_one(float(BLEU.aggregate(self, BLEU.statistics(self, prediction, sample))))
