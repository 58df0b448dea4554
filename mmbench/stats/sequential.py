"""Looking after every sample, at no cost in errors: what would the full list say?

A benchmark is a finite list. Read in random order, its first t values are draws without replacement, and the mean
of all of them is the one unknown. A gambler who bets against a hypothesis about that mean has a wealth that rarely
grows if the hypothesis holds: it exceeds 1/alpha *ever* with probability at most alpha (Ville 1939). So the
hypothesis may be rejected at any time, after any number of looks (Waudby-Smith & Ramdas, "Estimating means of
bounded random variables by betting", JRSS-B 2024, section 5; "Confidence sequences for sampling without
replacement", NeurIPS 2020).

The only chance in it is the order, so nothing is assumed about the values: not independence, not their spread;
samples that share a picture are no problem. What is decided is decided about this list.

On differences of right/wrong scores this is a sequential McNemar test with a margin: as long as both sides are
level, samples on which the two runs agree move nothing, and only discordant ones earn or cost.
"""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

BETS: Vector = np.geomspace(0.03, 0.8, 6)
"""Shares of the wealth put at stake. The gambler splits the money over all of them: small stakes suit small
differences, large ones large differences, and the split costs at most a factor of their number."""
_BISECTIONS = 30


def log_wealth(values: Vector, size: int, null: float) -> Vector:
    """Return the logarithm of the wealth after each value, betting against "the mean of the list is <= null".

    Args:
        values: in [0, 1], the first t of a random order of the list, shape (..., t).
        size: how many values the list holds; at least t.
        null: the largest mean that the hypothesis allows.

    Returns:
        Shape (..., t); ``inf`` from the value on that makes the hypothesis impossible.
    """
    before = np.cumsum(values, axis=-1) - values
    left = size - np.arange(values.shape[-1])
    expected = (size * null - before) / left
    certain = np.logical_or.accumulate(size * null - before - values < -1e-9 * size, axis=-1)
    gains = values / np.maximum(expected, 1e-12) - 1.0
    total = np.full(values.shape, -np.inf)
    for bet in BETS:
        wealth = np.cumsum(np.log1p(bet * np.where(certain, 0.0, gains)), axis=-1)
        np.logaddexp(total, wealth, out=total)
    return np.where(certain, np.inf, total - np.log(len(BETS)))


def first_rejection(values: Vector, size: int, null: float, alpha: float) -> NDArray[np.intp]:
    """Return after how many values "the mean is <= null" is rejected, shape (...); 0 if it is not."""
    crossed = log_wealth(values, size, null) >= -np.log(alpha)
    return np.where(crossed.any(axis=-1), crossed.argmax(axis=-1) + 1, 0)


def lower_bound(values: Vector, size: int, alpha: float) -> float:
    """Return a lower bound on the mean of the list that is wrong, at any time of looking, with probability alpha.

    All means up to the bound are rejected: wealth falls with the mean that it bets against, so the bound is found
    by bisection. ``values`` has shape (t,).

    >>> round(lower_bound(np.ones(50), 100, 0.05), 2)
    0.92
    """
    low, high = 0.0, 1.0
    if not first_rejection(values, size, low, alpha):
        return low
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if first_rejection(values, size, middle, alpha) else (low, middle)
    return low


def confidence_sequence(values: Vector, size: int, tails: tuple[float, float]) -> tuple[float, float]:
    """Return bounds on the mean of the list, each wrong at any time with its own probability in ``tails``."""
    return lower_bound(values, size, tails[0]), 1.0 - lower_bound(1.0 - values, size, tails[1])


def decide(worst: Vector, best: Vector, size: int, edge: float, pass_alpha: float, fail_alpha: float) -> int:
    """Is the mean of the list above ``edge``? Return 1 if it is shown to be, -1 if shown not to be, 0 if neither.

    What was shown first stays. ``worst`` and ``best`` are the values in [0, 1] in the order of their coming, shape
    (t,); they differ where a value is missing and counts against either conclusion.
    """
    above = int(first_rejection(worst, size, edge, pass_alpha))
    below = int(first_rejection(1.0 - best, size, 1.0 - edge, fail_alpha))
    if above and below:
        return 1 if above < below else -1
    return 1 if above else -1 if below else 0
