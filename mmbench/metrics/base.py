"""What all metrics share: type checks that name metric, sample and field, and a division that knows 0/0."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmbench.errors import MetricError
from mmbench.schema import Prediction, Sample

Vector = NDArray[np.float64]
VERSION = "1"
"""Raised when any metric's value may change for the same input; part of every signature."""


def wrong_type(metric: str, sample: Sample, field: str, expected: str, value: Any) -> MetricError:
    """Build the error for a prediction or target that this metric cannot score."""
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return MetricError(f"{metric}: sample '{sample.id}': {field} must be {expected}, not {shown}")


def prediction_text(metric: str, prediction: Prediction, sample: Sample) -> str:
    """Return ``prediction.text``.

    Raises:
        MetricError: it is not a string.
    """
    if not isinstance(prediction.text, str):
        raise wrong_type(metric, sample, "prediction.text", "a string", prediction.text)
    return prediction.text


def references(metric: str, sample: Sample) -> list[str]:
    """Return the target as a list of reference strings; a single string is a list of one.

    Raises:
        MetricError: it is neither a string nor a list of strings.
    """
    target = sample.target
    if isinstance(target, str):
        return [target]
    if isinstance(target, list) and all(isinstance(text, str) for text in target):
        return target  # type: ignore[return-value]
    raise wrong_type(metric, sample, "target", "a string or a list of strings", target)


def ratio(numerator: Vector, denominator: Vector, scale: float = 1.0) -> Vector:
    """Divide elementwise, NaN where the denominator is 0, and multiply by ``scale``.

    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0]), 100.0)
    array([50., nan])
    """
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out * scale
