"""What metrics over scored options share: checked probabilities, and fixed bins that any model's scores fit in."""

import numpy as np

from mmbench.metrics.base import Vector, wrong_type
from mmbench.schema import Prediction, Sample

BINS = 256
_FINEST = 0.05
_FARTHEST = 40.0


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


def place(odds: float, bins: int = BINS) -> int:
    """Return the bin of log-odds: fixed, monotone, finest around 0 and wider outwards.

    With 256 bins a bin is 0.003 wide at 0 and about 6 % of the log-odds farther out; beyond 40 all is one bin.
    """
    reach = np.arcsinh(_FARTHEST / _FINEST)
    share = (np.arcsinh(odds / _FINEST) + reach) / (2 * reach)
    return int(np.clip(np.floor(share * bins), 0, bins - 1)) if np.isfinite(share) else (bins - 1) * (odds > 0)
