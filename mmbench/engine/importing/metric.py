"""Scores that another harness gave: read from the sample, never computed."""

from dataclasses import dataclass

import numpy as np

from mmbench.errors import MetricError
from mmbench.metrics._text import signature
from mmbench.metrics.base import Vector, ratio
from mmbench.schema import Prediction, Sample

KEY = "imported"
"""Where ``Sample.info`` holds the scores, by metric."""


@dataclass(frozen=True)
class Imported:
    """The mean of a score that another harness gave to each sample; nothing is computed again.

    Attributes:
        label: the other harness's name of the metric.
        harness: whose it is: scores of two harnesses never compare.
        higher_is_better: as that harness says.
        unit: the score lies between 0 and 1.
    """

    label: str = "score"
    harness: str = "unknown"
    higher_is_better: bool = True
    unit: bool = False

    @property
    def name(self) -> str:
        """The label."""
        return self.label

    @property
    def signature(self) -> str:
        """Names the harness and what it says of the metric."""
        return signature(
            "imported", label=self.label, harness=self.harness, higher=self.higher_is_better, unit=self.unit
        )

    @property
    def range(self) -> tuple[float, float]:
        """0 to 1, or no bounds."""
        return (0.0, 1.0) if self.unit else (-float("inf"), float("inf"))

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:  # noqa: ARG002
        """Return [the score, 1]."""
        scores = sample.info.get(KEY)
        value = scores.get(self.label) if isinstance(scores, dict) else None
        if not isinstance(value, int | float):
            raise MetricError(f"imported: sample '{sample.id}' has no score '{self.label}'.")
        return np.array([float(value), 1.0])

    def aggregate(self, totals: Vector) -> Vector:
        """Return the mean, shape (...)."""
        return ratio(totals[..., 0], totals[..., 1])
