"""What metrics over scored options share: checked probabilities, and fixed bins that any model's scores fit in."""

import numpy as np

from mmbench.metrics.base import Vector, wrong_type
from mmbench.schema import Prediction, Sample

FARTHEST = 40.0
_FINEST = 0.05


def option_scores(metric: str, prediction: Prediction, sample: Sample) -> Vector:
    """Return the log-probability of each of ``sample.choices``, shape (choices,).

    Raises:
        MetricError: there is not one number a choice, or none of them is finite.
    """
    scores = prediction.option_logprobs
    if not scores or len(scores) != len(sample.choices):
        expected = f"one log-probability for each of the {len(sample.choices)} choices"
        raise wrong_type(metric, sample, "prediction.option_logprobs", expected, scores)
    array = np.asarray(scores, dtype=np.float64)
    if np.isnan(array).any() or not np.isfinite(array).any() or np.isposinf(array).any():
        raise wrong_type(metric, sample, "prediction.option_logprobs", "numbers below infinity", scores)
    return array


def target_index(metric: str, sample: Sample) -> int:
    """Return which of ``sample.choices`` the target is.

    Raises:
        MetricError: it is none of them.
    """
    if not isinstance(sample.target, str) or sample.target not in sample.choices:
        raise wrong_type(metric, sample, "target", "one of the sample's choices", sample.target)
    return sample.choices.index(sample.target)


def log_softmax(scores: Vector) -> Vector:
    """Normalise log-probabilities, shape (k,), so that they sum to 1 as probabilities."""
    return np.asarray(scores - np.logaddexp.reduce(scores), dtype=np.float64)


def log_odds(logs: Vector, index: int) -> float:
    """Return log(p / (1 - p)) of one of normalised log-probabilities, exact near 0 and 1; may be infinite."""
    others = np.delete(logs, index)
    rest = np.logaddexp.reduce(others) if others.size else -np.inf
    return float(logs[index] - rest)


def position(odds: float, bins: int, low: float = -FARTHEST) -> float:
    """Return where log-odds fall among fixed bins: the whole part is the bin, the rest the place in it.

    The scale is monotone, finest around 0 and wider outwards: between ``low`` and 40 the inverse hyperbolic sine
    of the log-odds is cut into equal parts. Beyond lies the outermost bin.
    """
    first, last = np.arcsinh(low / _FINEST), np.arcsinh(FARTHEST / _FINEST)
    inside = np.arcsinh(min(max(odds, low), FARTHEST) / _FINEST)
    return float(min((inside - first) / (last - first) * bins, np.nextafter(bins, 0)))
