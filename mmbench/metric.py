"""The contract of a metric: every metric is a sum.

A metric turns one (prediction, sample) into a vector of additive statistics, and totals of such vectors into a
value. From these two methods follow streaming, merging, slices, intervals, paired tests and gates.
"""

from collections.abc import Iterable
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmbench.schema import Prediction, Sample

Vector = NDArray[np.float64]


class Metric(Protocol):
    """A number that says how good predictions are.

    Attributes:
        name: what results and tables call it, unique within a task.
        signature: everything that changes its value (tokeniser, smoothing, case, extractor, version), in the
            form ``name|key:value|...|version:1``. Two values compare only if their signatures are equal.
        higher_is_better: False for error rates and perplexities.
        range: smallest and largest value, ``inf`` where there is no bound. (0, 1) is shown as percent.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def signature(self) -> str: ...  # noqa: D102
    @property
    def higher_is_better(self) -> bool: ...  # noqa: D102
    @property
    def range(self) -> tuple[float, float]: ...  # noqa: D102

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return this sample's additive statistics, shape (k,).

        Raises:
            MetricError: prediction or target has the wrong type.
        """
        ...

    def aggregate(self, totals: Vector) -> Vector:
        """Turn summed statistics of shape (..., k) into values of shape (...); NaN where undefined."""
        ...


@runtime_checkable
class Fitted(Protocol):
    """A metric that must see the references once before it scores (document frequencies, label sets)."""

    def fit(self, samples: Iterable[Sample]) -> Self:
        """Return a metric ready to score these samples; must not depend on their order."""
        ...
