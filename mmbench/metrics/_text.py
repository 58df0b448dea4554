"""What the text metrics share: several references, signatures, means, and a memory of the last computation."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

import numpy as np

from mmbench.errors import UsageError, did_you_mean
from mmbench.metrics.base import VERSION, Vector, prediction_text, ratio, references, wrong_type
from mmbench.schema import Prediction, Sample

P = ParamSpec("P")
R = TypeVar("R")


def texts(metric: str, prediction: Prediction, sample: Sample) -> tuple[str, tuple[str, ...]]:
    """Return the predicted text and at least one reference.

    Raises:
        MetricError: the prediction is no string, or the target is neither a string nor a list of at least one.
    """
    hypothesis = prediction_text(metric, prediction, sample)
    refs = tuple(references(metric, sample))
    if not refs:
        raise wrong_type(metric, sample, "target", "a string or a list of at least one string", sample.target)
    return hypothesis, refs


def signature(name: str, **parts: Any) -> str:
    """Build a metric's signature; True and False become yes and no.

    >>> signature("bleu", case="mixed", eff=False)
    'bleu|case:mixed|eff:no|version:1'
    """
    told = {
        key: {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
        for key, value in parts.items()
    }
    return "|".join([name, *(f"{key}:{value}" for key, value in told.items()), f"version:{VERSION}"])


def variant(name: str, *marks: str | bool) -> str:
    """Append to a name what sets this variant apart from the default.

    >>> variant("bleu", "zh", False)
    'bleu-zh'
    """
    return "-".join([name, *(str(mark) for mark in marks if mark)])


def check_option(metric: str, option: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse an option's value that does not exist.

    Raises:
        UsageError: ``value`` is not one of ``known``.
    """
    if value not in known:
        raise UsageError(f"{metric}: unknown {option} '{value}'.{did_you_mean(value, known)}")


def remember(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the last few results, so that variants of a metric share the work on one sample.

    The results are shared: do not change them.
    """
    return lru_cache(maxsize=64)(function)  # type: ignore[return-value]


class Mean:
    """A metric whose statistics are [sum of scores, number of scores] and whose value is their mean."""

    def aggregate(self, totals: Vector) -> Vector:
        """Return the mean score, shape (...), of totals of shape (..., 2); NaN for no samples."""
        return ratio(totals[..., 0], totals[..., 1])


def score_and_one(score: float) -> Vector:
    """Return the statistics of one sample for a ``Mean``."""
    return np.array([score, 1.0])
