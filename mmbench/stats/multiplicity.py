"""Many tests at once: p-values adjusted so that the error rate holds over all of them."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

Method = Literal["holm", "bh", "none"]


def adjust(p_values: Sequence[float], method: Method = "holm") -> list[float]:
    """Return adjusted p-values in the order given.

    "holm" controls the probability of any false positive (Holm 1979), "bh" the expected share of false positives
    among the positives (Benjamini & Hochberg 1995).

    >>> [round(p, 3) for p in adjust([0.01, 0.04, 0.03], "holm")]
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=np.float64)
    count = len(values)
    if method == "none" or count == 0:
        return list(p_values)
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    if method == "holm":
        adjusted = np.maximum.accumulate(ranked * np.arange(count, 0, -1))
    else:
        scaled = ranked * count / np.arange(1, count + 1)
        adjusted = np.minimum.accumulate(scaled[::-1])[::-1]
    out = np.empty(count)
    out[order] = np.minimum(adjusted, 1.0)
    return [float(value) for value in out]
