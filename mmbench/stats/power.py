"""What could this comparison have seen, and how many samples would it take?"""

import math
from statistics import NormalDist


def minimum_detectable_effect(standard_error: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the smallest true difference that a two-sided test finds with probability ``power``.

    ``(z[1 - alpha/2] + z[power]) * standard_error`` (Miller 2024, arXiv 2411.00640).

    >>> round(minimum_detectable_effect(0.01), 4)
    0.028
    """
    normal = NormalDist()
    return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * standard_error


def samples_needed(n: int, standard_error: float, effect: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return how many samples like these ``n`` would show a true difference of ``effect``.

    The standard error of a difference falls with the square root of n.

    >>> samples_needed(1000, 0.01, 0.014)
    4005
    """
    if effect == 0:
        raise ValueError("no number of samples shows a difference of 0")
    return math.ceil(n * (minimum_detectable_effect(standard_error, alpha, power) / abs(effect)) ** 2)
