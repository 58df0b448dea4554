"""Streaming evaluation: feed predictions as they come, merge shards, read the value at any time."""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np

from mmbench.errors import UsageError
from mmbench.metric import Fitted, Metric
from mmbench.metrics.base import Vector
from mmbench.schema import Prediction, Sample


class Accumulator:
    """The running totals of one metric: ``update``, ``merge``, ``compute``, as in TorchMetrics.

    Memory does not grow with the number of samples. Merging the accumulators of shards gives exactly what one
    accumulator over all samples would.

    >>> from mmbench.metrics.classification import Accuracy
    >>> total = Accumulator(Accuracy())
    >>> sample = Sample(id="1", messages=(), target="cat", answer="cat")
    >>> total.update([Prediction(text="cat"), Prediction(text="dog")], [sample, sample]).compute()
    0.5
    """

    def __init__(self, metric: Metric, samples: Iterable[Sample] = ()) -> None:
        """Start at nothing.

        Args:
            metric: what to compute.
            samples: all samples, for a metric that must be fitted to them first (label sets, document
                frequencies); every shard must be fitted to the same ones.
        """
        samples = list(samples)
        self.metric: Metric = metric.fit(samples) if samples and isinstance(metric, Fitted) else metric
        self.samples = 0
        self.totals: Vector | None = None

    def update(self, predictions: Sequence[Prediction], samples: Sequence[Sample]) -> Self:
        """Add a batch and return this accumulator.

        Raises:
            MetricError: a prediction or a target has the wrong type; the batch is then not added.
            UsageError: there are not as many predictions as samples.
        """
        if len(predictions) != len(samples):
            raise UsageError(f"{len(predictions)} predictions for {len(samples)} samples: give one for each")
        rows = [self.metric.statistics(one, sample) for one, sample in zip(predictions, samples, strict=True)]
        if rows:
            self._add(np.sum(rows, axis=0), len(rows))
        return self

    def merge(self, other: "Accumulator") -> Self:
        """Add another shard's totals and return this accumulator.

        Raises:
            UsageError: the other one accumulates another metric, or one with another signature.
        """
        ours, theirs = self.metric.signature, other.metric.signature
        if ours != theirs:
            raise UsageError(f"cannot merge totals of '{theirs}' into totals of '{ours}': the signatures differ")
        if other.totals is not None:
            self._add(other.totals, other.samples)
        return self

    def compute(self) -> float:
        """Return the value so far; NaN before the first sample."""
        return float("nan") if self.totals is None else float(self.metric.aggregate(self.totals))

    def reset(self) -> None:
        """Forget all samples."""
        self.totals, self.samples = None, 0

    def _add(self, totals: Vector, samples: int) -> None:
        self.totals = totals.copy() if self.totals is None else self.totals + totals
        self.samples += samples
