"""Running totals of every metric on every slice, with bootstrap replicates, in constant memory."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmbench.engine.running import RunningScore
from mmbench.engine.uncertainty import Uncertainty
from mmbench.metric import Metric, Vector
from mmbench.schema import Prediction, Sample
from mmbench.stats.intervals import Interval, is_proportion
from mmbench.stats.linear import split_variance
from mmbench.stats.methods import Sums, interval_of
from mmbench.stats.replicates import REPLICATES, Replicates, cluster_keys, cluster_sums, poisson_weights
from mmbench.store.records import IntervalRecord, RepeatsRecord, Result

_CHUNK = 1024
_Keys = np.ndarray[tuple[int, ...], np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True)
class Scored:
    """One scored sample: its statistics of all metrics, end to end; None if it has no answer.

    Of a sample with several answers they are the means; ``turns`` are those of each answer, shape (r, k).
    """

    sample: Sample
    statistics: Vector | None
    turns: Vector | None = None


class Scorer:
    """Scores samples and totals their statistics, over all and by slice."""

    def __init__(
        self,
        metrics: Sequence[Metric],
        seed: int,
        replicates: int = REPLICATES,
        uncertainty: Uncertainty = Uncertainty(),  # noqa: B008 - frozen
    ) -> None:
        self.metrics = tuple(metrics)
        self._names = [metric.name for metric in self.metrics]
        self.seed = seed
        self.replicates = replicates
        self.uncertainty = uncertainty
        self._columns: list[slice] = []
        self._groups: dict[str, _Group] = {}
        self._ids: list[_Keys] = []
        self.running = RunningScore(self.metrics[0]) if metrics else None
        """The first metric over all samples scored so far."""

    def score(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return all metrics' statistics of one sample, end to end.

        Raises:
            MetricError: a metric cannot score this prediction or target.
        """
        parts = [metric.statistics(prediction, sample) for metric in self.metrics]
        if not self._columns:
            ends = np.cumsum([len(part) for part in parts]).tolist()
            self._columns = [slice(end - len(part), end) for end, part in zip(ends, parts, strict=True)]
        statistics = np.concatenate(parts) if parts else np.zeros(0)
        if self.running is not None:
            self.running.add(parts[0])
        return statistics

    def score_turns(self, predictions: Sequence[Prediction], sample: Sample) -> Scored:
        """Score the answers to one sample; several count as their mean.

        Raises:
            MetricError: a metric cannot score one of these predictions or the target.
        """
        if len(predictions) == 1:
            return Scored(sample, self.score(predictions[0], sample))
        turns = np.stack([self.score(prediction, sample) for prediction in predictions])
        return Scored(sample, turns.mean(axis=0), turns)

    def by_metric(self, statistics: Vector) -> dict[str, list[float]]:
        """Cut :meth:`score` into one vector a metric."""
        values = statistics.tolist()
        return {name: values[column] for name, column in zip(self._names, self._columns, strict=True)}

    def add(self, scored: Sequence[Scored]) -> None:
        """Add samples to the totals, and to those of their slices."""
        for start in range(0, len(scored), _CHUNK):
            self._add_chunk(scored[start : start + _CHUNK])

    def duplicates(self) -> int:
        """Return how many sample ids were seen before: paired comparison needs ids that are unique."""
        ids = np.concatenate(self._ids) if self._ids else np.zeros(0, np.uint64)
        return len(ids) - len(np.unique(ids))

    def results(self, task: str, dataset: str) -> list[Result]:
        """Return every metric on the whole dataset and on every slice."""
        names = ["", *sorted(name for name in self._groups if name)]
        return [
            self._result(index, task, dataset, name, self._groups[name])
            for index in range(len(self.metrics))
            for name in names
        ]

    def _add_chunk(self, scored: Sequence[Scored]) -> None:
        self._ids.append(cluster_keys([item.sample.id for item in scored]))
        self._group("")
        members: dict[str, list[int]] = {"": []}
        good: list[Scored] = []
        for item in scored:
            names = ["", *(f"{name}={value}" for name, value in item.sample.slices.items())]
            for name in names:
                if item.statistics is None:
                    self._group(name).errors += 1
                else:
                    members.setdefault(name, []).append(len(good))
            if item.statistics is not None:
                good.append(item)
        if not good:
            return
        matrix = np.stack([item.statistics for item in good if item.statistics is not None])
        keys = cluster_keys([item.sample.cluster or f"#{item.sample.id}" for item in good])
        alone = np.array([not item.sample.cluster for item in good])
        weights = poisson_weights(keys, self.replicates, self.seed)
        by = self.uncertainty.strata
        strata = np.array([item.sample.slices.get(by, "") for item in good]) if by else None
        for name, rows in members.items():
            if rows:
                part = slice(None) if len(rows) == len(good) else np.asarray(rows)
                kinds = None if strata is None else strata[part]
                group = self._group(name)
                group.add(matrix[part], weights[part], keys[part], self._columns, kinds)
                group.count_clusters(keys[part], alone[part])
                group.spread.add([good[row].turns for row in rows], self._columns)

    def _group(self, name: str) -> "_Group":
        if name not in self._groups:
            self._groups[name] = _Group(keep=self.uncertainty.method == "analytic")
        return self._groups[name]

    def _value(self, index: int, totals: Vector) -> float:
        return float(self.metrics[index].aggregate(totals[self._columns[index]]))

    def _result(self, index: int, task: str, dataset: str, name: str, group: "_Group") -> Result:
        metric = self.metrics[index]
        value = self._value(index, group.totals) if group.n else math.nan
        interval = self._interval(index, group) if math.isfinite(value) else None
        bounds = IntervalRecord(interval.low, interval.high, interval.level, interval.method) if interval else None
        low, high = metric.range
        return Result(
            task=task,
            dataset=dataset,
            metric=metric.name,
            slice=name,
            value=value if math.isfinite(value) else None,
            interval=bounds,
            n=group.n,
            errors=group.errors,
            clusters=group.clusters if group.clusters < group.n else 0,
            signature=metric.signature,
            higher_is_better=metric.higher_is_better,
            range=(low if math.isfinite(low) else None, high if math.isfinite(high) else None),
            repeats=self._repeats(index, group) if math.isfinite(value) else None,
        )

    def _repeats(self, index: int, group: "_Group") -> RepeatsRecord | None:
        spread, column = group.spread, self._columns[index]
        if not spread.count:
            return None
        parts = split_variance(
            self.metrics[index].aggregate,
            group.totals[column],
            group.resampled()[:, column],
            spread.within[index],
            group.clusters,
        )
        return RepeatsRecord(spread.count, *parts)

    def _interval(self, index: int, group: "_Group") -> Interval | None:
        column, metric = self._columns[index], self.metrics[index]
        sums = Sums(
            totals=group.totals[column],
            resampled=group.resampled()[:, column],
            n=group.n,
            clusters=group.clusters,
            proportion=index in group.proportions,
            bounds=metric.range,
            seed=self.seed,
            strata=self.uncertainty.strata,
            groups=group.cluster_sums(column),
        )
        return interval_of(metric.aggregate, sums, method=self.uncertainty.method)


class _Group:
    """Totals of one slice, by stratum; ``keep`` keeps every sample's statistics for the analytic interval."""

    def __init__(self, keep: bool) -> None:
        self.keep = keep
        self.errors = 0
        self.proportions: set[int] = set()
        self.spread = _Spread()
        self._strata: dict[str, Replicates] = {}
        self._alone = 0
        self._clusters: list[_Keys] = []
        self._kept: list[tuple[_Keys, Vector]] = []

    def add(
        self, matrix: Vector, weights: np.ndarray, keys: _Keys, columns: Sequence[slice], strata: np.ndarray | None
    ) -> None:
        binary = {i for i, column in enumerate(columns) if is_proportion(matrix[:, column])}
        self.proportions = self.proportions & binary if self._strata else binary
        counted = np.concatenate([matrix, np.ones((len(matrix), 1))], axis=1)
        for name in [""] if strata is None else np.unique(strata).tolist():
            part = slice(None) if strata is None else np.flatnonzero(strata == name)
            sums = self._strata.setdefault(name, Replicates(counted.shape[1], weights.shape[1]))
            sums.add(counted[part], weights[part])
        if self.keep:
            self._kept.append((keys, matrix))

    def count_clusters(self, keys: _Keys, alone: np.ndarray) -> None:
        """Count samples that are a cluster of their own; keep the keys of the others."""
        self._alone += int(alone.sum())
        shared = keys[~alone]
        if len(shared):
            self._clusters.append(np.unique(shared))

    @property
    def n(self) -> int:
        """Samples with an answer."""
        return sum(sums.n for sums in self._strata.values())

    @property
    def totals(self) -> Vector:
        """Statistics summed over all samples, shape (k,)."""
        return np.asarray(sum(sums.totals[:-1] for sums in self._strata.values()))

    def resampled(self) -> Vector:
        """Return the replicates, shape (B, k); in each, every stratum counts as many samples as it has."""
        if len(self._strata) == 1:
            return next(iter(self._strata.values())).resampled[:, :-1]
        return np.asarray(sum(_rescaled(sums) for sums in self._strata.values()))

    @property
    def clusters(self) -> int:
        """Distinct clusters seen."""
        shared = len(np.unique(np.concatenate(self._clusters))) if self._clusters else 0
        return self._alone + shared

    def cluster_sums(self, column: slice) -> Vector | None:
        """Return the statistics of each cluster, shape (clusters, k); None where they are not kept."""
        if not self._kept:
            return None
        names, groups = np.unique(np.concatenate([keys for keys, _ in self._kept]), return_inverse=True)
        return cluster_sums(np.concatenate([rows[:, column] for _, rows in self._kept]), groups, len(names))


class _Spread:
    """How much the answers to one sample differ: covariances of the samples' means, summed, a matrix a metric."""

    def __init__(self) -> None:
        self.count = 0
        self.within: list[Vector] = []

    def add(self, turns: Sequence[Vector | None], columns: Sequence[slice]) -> None:
        rows = [each for each in turns if each is not None]
        if not rows:
            return
        self.count = len(rows[0])
        apart = np.stack(rows) - np.mean(rows, axis=1, keepdims=True)
        found = [
            np.einsum("nri,nrj->ij", apart[..., column], apart[..., column]) / (self.count * (self.count - 1))
            for column in columns
        ]
        self.within = [old + new for old, new in zip(self.within, found, strict=True)] if self.within else found


def _rescaled(sums: Replicates) -> Vector:
    """Scale replicates to the stratum's size; those that drew nothing of it take it as it is."""
    drawn = sums.resampled[:, -1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = sums.resampled[:, :-1] * (sums.n / drawn)
    return np.where(drawn > 0, scaled, sums.totals[:-1])
