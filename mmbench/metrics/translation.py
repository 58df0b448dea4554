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
        """``sentence-bleu``, with the tokenizer where it is not the default."""
        return "sentence-" + super().name

    @property
    def signature(self) -> str:
        """sacreBLEU's signature under a name of its own, for the mean is not sacreBLEU's number."""
        return signature("sentence-bleu", **self._parts())

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [this sentence's BLEU, 1]."""
        return score_and_one(float(BLEU.aggregate(self, BLEU.statistics(self, prediction, sample))))


def chrf_score(totals: Vector, beta: int = 2, eps_smoothing: bool = False) -> Vector:
    """Turn [hypothesis n-grams, reference n-grams, matches] of each order into chrF in 0..100.

    Args:
        totals: shape (..., 3 * orders).
        beta: how many times recall weighs as much as precision.
        eps_smoothing: average the F-scores of all orders (chrF++.py, Moses), not precision and recall over the
            orders that both texts have (sacreBLEU's default).

    Returns:
        Shape (...); 0 where nothing matches.
    """
    hyp, ref, hits = (totals[..., part::3] for part in range(3))
    tiny, weight = 1e-16, float(beta**2)
    precision = np.divide(hits, hyp, out=np.full_like(hits, tiny), where=hyp > 0)
    recall = np.divide(hits, ref, out=np.full_like(hits, tiny), where=ref > 0)
    if eps_smoothing:
        return 100.0 * np.asarray(_f_score(precision, recall, weight, tiny).mean(axis=-1))
    usable = (hyp > 0) & (ref > 0)
    orders = np.maximum(usable.sum(axis=-1), 1)
    mean_precision = np.where(usable, precision, 0.0).sum(axis=-1) / orders
    mean_recall = np.where(usable, recall, 0.0).sum(axis=-1) / orders
    return 100.0 * _f_score(mean_precision, mean_recall, weight, 0.0)


def _f_score(precision: Vector, recall: Vector, weight: float, nothing: float) -> Vector:
    below = weight * precision + recall
    above = (1 + weight) * precision * recall
    return np.divide(above, below, out=np.full_like(above, nothing), where=below > 0)


@dataclass(frozen=True)
class ChrF:
    """Corpus chrF (Popović 2015), or chrF++ (2017) with ``word_order=2``, as sacreBLEU computes it.

    Statistics: for each order [n-grams of the hypothesis, of the reference, matches], against the reference that
    gives the segment its best score.

    Attributes:
        char_order: the longest character n-gram.
        word_order: the longest word n-gram; 0 is chrF, 2 is chrF++.
        beta: how many times recall weighs as much as precision.
        lowercase: ignore case.
        whitespace: count spaces as characters.
        eps_smoothing: average F-scores over all orders, as chrF++.py and Moses do.
    """

    char_order: int = 6
    word_order: int = 0
    beta: int = 2
    lowercase: bool = False
    whitespace: bool = False
    eps_smoothing: bool = False
    higher_is_better = True
    range = (0.0, 100.0)

    @property
    def name(self) -> str:
        """``chrf``, with a plus for each word order: ``chrf++``; with what else differs from the default."""
        kind = self._kind if self.beta != 2 else "chrf" + "+" * self.word_order
        return variant(kind, self.lowercase and "lc", self.eps_smoothing and "eps")

    @property
    def signature(self) -> str:
        """sacreBLEU's signature, with beta."""
        return signature(self._kind, **self._parts())

    @property
    def _kind(self) -> str:
        return f"chrf{self.beta}" + "+" * self.word_order

    def _parts(self) -> dict[str, Any]:
        parts = {"nrefs": "var", "case": _case(self.lowercase), "eff": not self.eps_smoothing}
        orders = {"nc": self.char_order, "nw": self.word_order, "space": self.whitespace}
        return {**parts, **orders, "sacrebleu": version("sacrebleu")}

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return the n-gram counts of one segment, shape (3 * (char_order + word_order),)."""
        scorer = _chrf(
            self.char_order, self.word_order, self.beta, self.lowercase, self.whitespace, self.eps_smoothing
        )
        return np.array(_segment(scorer, *texts(self.name, prediction, sample)), dtype=np.float64)

    def aggregate(self, totals: Vector) -> Vector:
        """Return corpus chrF, shape (...), of totals of shape (..., 3 * (char_order + word_order))."""
        return chrf_score(totals, self.beta, self.eps_smoothing)


@dataclass(frozen=True)
class SentenceChrF(Mean, ChrF):
    """The mean of sentence chrF, as ``sacrebleu.sentence_chrf``. Statistics: [score, 1]."""

    @property
    def name(self) -> str:
        """``sentence-chrf`` or ``sentence-chrf++``."""
        return "sentence-" + super().name

    @property
    def signature(self) -> str:
        """sacreBLEU's signature under a name of its own."""
        return signature("sentence-" + self._kind, **self._parts())

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [this sentence's chrF, 1]."""
        return score_and_one(float(ChrF.aggregate(self, ChrF.statistics(self, prediction, sample))))


@dataclass(frozen=True)
class TER:
    """Translation edit rate (Snover et al. 2006) with Tercom's shifts, as sacreBLEU computes it; lower is better.

    Statistics: [edits to the nearest reference, mean length of the references].

    Attributes:
        normalized: split punctuation and undo XML escapes first.
        no_punct: remove punctuation.
        asian_support: with the two above, treat Chinese and Japanese characters as words.
        case_sensitive: do not lower-case.
    """

    normalized: bool = False
    no_punct: bool = False
    asian_support: bool = False
    case_sensitive: bool = False
    higher_is_better = False
    range = (0.0, float("inf"))

    @property
    def name(self) -> str:
        """``ter``, with what differs from the default."""
        marks = {"norm": self.normalized, "nopunct": self.no_punct, "asian": self.asian_support}
        return variant("ter", *(on and mark for mark, on in marks.items()), self.case_sensitive and "cs")

    @property
    def signature(self) -> str:
        """sacreBLEU's signature."""
        return signature("ter", **self._parts())

    def _parts(self) -> dict[str, Any]:
        parts = {"nrefs": "var", "case": _case(not self.case_sensitive), "tok": "tercom", "norm": self.normalized}
        marks = {"punct": not self.no_punct, "asian": self.asian_support}
        return {**parts, **marks, "sacrebleu": version("sacrebleu")}

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [edits, mean reference length] of one segment."""
        scorer = _ter(self.normalized, self.no_punct, self.asian_support, self.case_sensitive)
        return np.array(_segment(scorer, *texts(self.name, prediction, sample)), dtype=np.float64)

    def aggregate(self, totals: Vector) -> Vector:
        """Return corpus TER, shape (...); words where there is no reference word count as 100, as sacreBLEU."""
        edits, length = totals[..., 0], totals[..., 1]
        known = length > 0
        return 100.0 * np.where(known, edits / np.where(known, length, 1.0), edits > 0)


@dataclass(frozen=True)
class SentenceTER(Mean, TER):
    """The mean of sentence TER, as ``sacrebleu.sentence_ter``. Statistics: [score, 1]."""

    @property
    def name(self) -> str:
        """``sentence-ter``, with what differs from the default."""
        return "sentence-" + super().name

    @property
    def signature(self) -> str:
        """sacreBLEU's signature under a name of its own."""
        return signature("sentence-ter", **self._parts())

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [this sentence's TER, 1]."""
        return score_and_one(float(TER.aggregate(self, TER.statistics(self, prediction, sample))))
