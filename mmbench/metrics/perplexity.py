"""Language modelling: perplexity by token, word and byte, bits a byte, and excess over a known entropy.

All are functions of sums: the negative log-probability of the scored texts and what it is divided by. Definitions
as in lm-evaluation-harness: words are what is between runs of white space, outer ones included, so that a leading
or trailing space adds an empty word; bytes are UTF-8. Both are counted in ``Sample.target``, the text as it was
published, also where a model scores it detokenised. Only values by word or byte compare across tokenizers.
"""

import math
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mmbench.metrics._text import check_option, signature
from mmbench.metrics.base import Vector, ratio, wrong_type
from mmbench.schema import Prediction, Sample

Unit = Literal["token", "word", "byte"]
_UNITS = ("token", "word", "byte")


def count_words(text: str) -> int:
    r"""Return the number of pieces that runs of white space cut a text into.

    >>> count_words("one two "), count_words("")
    (3, 1)
    """
    return len(re.split(r"\s+", text))


def count_bytes(text: str) -> int:
    """Return the length of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def scored(metric: str, prediction: Prediction, sample: Sample) -> tuple[float, float, str]:
    """Return the negative log-probability in nats, the number of tokens and the scored text.

    Raises:
        MetricError: the prediction has no log-probability or no tokens, or the target is not a string.
    """
    if prediction.logprob is None or math.isnan(prediction.logprob):
        raise wrong_type(metric, sample, "prediction.logprob", "a log-probability", prediction.logprob)
    if not isinstance(sample.target, str):
        raise wrong_type(metric, sample, "target", "the scored text (a string)", sample.target)
    if prediction.tokens < 1 and sample.target:
        raise wrong_type(metric, sample, "prediction.tokens", "the number of scored tokens", prediction.tokens)
    return -float(prediction.logprob), float(prediction.tokens), sample.target


def _size(unit: str, tokens: float, text: str) -> float:
    if unit == "token":
        return tokens
    return float(count_words(text) if unit == "word" else count_bytes(text))


@dataclass(frozen=True)
class Perplexity:
    """exp(negative log-probability / units) over all texts together, 1..inf; not a mean of texts' perplexities.

    Attributes:
        per: "token", "word" or "byte".
    """

    per: Unit = "word"
    higher_is_better = False
    range = (1.0, float("inf"))

    def __post_init__(self) -> None:
        check_option("perplexity", "unit", self.per, _UNITS)

    @property
    def name(self) -> str:
        """``word-perplexity`` and so on."""
        return f"{self.per}-perplexity"

    @property
    def signature(self) -> str:
        """Names the unit and how it is counted."""
        return signature("perplexity", per=self.per, counted=_COUNTED[self.per], pooled="corpus")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [negative log-probability in nats, units]."""
        nll, tokens, text = scored(self.name, prediction, sample)
        return np.array([nll, _size(self.per, tokens, text)])

    def aggregate(self, totals: Vector) -> Vector:
        """Return the perplexity, shape (...); inf where it is beyond a float, NaN for no units."""
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(ratio(totals[..., 0], totals[..., 1])), dtype=np.float64)


_COUNTED = {"token": "by-the-model", "word": "white-space", "byte": "utf-8"}


@dataclass(frozen=True)
class BitsPerByte:
    """Negative log-probability in bits over the bytes of all texts, 0..inf."""

    higher_is_better = False
    range = (0.0, float("inf"))
    name = "bits-per-byte"

    @property
    def signature(self) -> str:
        """Names how bytes are counted."""
        return signature("bits-per-byte", counted="utf-8")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [negative log-probability in bits, bytes]."""
        nll, _, text = scored(self.name, prediction, sample)
        return np.array([nll / math.log(2), float(count_bytes(text))])

    def aggregate(self, totals: Vector) -> Vector:
        """Return bits a byte, shape (...); NaN for no bytes."""
        return ratio(totals[..., 0], totals[..., 1])


@dataclass(frozen=True)
class NLL:
    """Negative log-probability in nats a token over all texts (cross-entropy, the training loss), 0..inf."""

    higher_is_better = False
    range = (0.0, float("inf"))
    name = "nll"

    @property
    def signature(self) -> str:
        """Names unit and denominator."""
        return signature("nll", unit="nats", per="token")

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [negative log-probability in nats, tokens]."""
        nll, tokens, _ = scored(self.name, prediction, sample)
        return np.array([nll, tokens])

    def aggregate(self, totals: Vector) -> Vector:
        """Return nats a token, shape (...); NaN for no tokens."""
        return ratio(totals[..., 0], totals[..., 1])


@dataclass(frozen=True)
class ExcessBits:
    """Bits that a model needs beyond a text's known entropy, a unit; 0 is the best possible on average.

    ``Sample.info["bits"]`` is the log-probability of the text under the process that made it, in bits, negated. On
    few texts the value may fall below 0, as one text is not the average.

    Attributes:
        per: "token", "word" or "byte".
    """

    per: Unit = "word"
    higher_is_better = False
    range = (float("-inf"), float("inf"))

    def __post_init__(self) -> None:
        check_option("excess-bits", "unit", self.per, _UNITS)

    @property
    def name(self) -> str:
        """``excess-bits-per-word``."""
        return f"excess-bits-per-{self.per}"

    @property
    def signature(self) -> str:
        """Names the unit and how it is counted."""
        return signature("excess-bits", per=self.per, counted=_COUNTED[self.per])

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return [bits the model needed - bits there are, units].

        Raises:
            MetricError: ``Sample.info["bits"]`` is not a number.
        """
        nll, tokens, text = scored(self.name, prediction, sample)
        bits = sample.info.get("bits")
        if not isinstance(bits, int | float) or isinstance(bits, bool):
            raise wrong_type(self.name, sample, "info['bits']", "the text's information in bits", bits)
        return np.array([nll / math.log(2) - bits, _size(self.per, tokens, text)])

    def aggregate(self, totals: Vector) -> Vector:
        """Return excess bits a unit, shape (...); NaN for no units."""
        return ratio(totals[..., 0], totals[..., 1])
