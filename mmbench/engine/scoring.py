"""Running totals of every metric on every slice, with bootstrap replicates, in constant memory."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmbench.engine.running import RunningScore
from mmbench.engine.uncertainty import Uncertainty
from mmbench.metric import Metric, Vector
from mmbench.schema import Prediction, Sample
from mmbench.stats.intervals import Interval, proportions
from mmbench.stats.keyset import Keys, KeySet
from mmbench.stats.linear import split_variance
from mmbench.stats.methods import Sums, interval_of
from mmbench.stats.replicates import REPLICATES, Replicates, cluster_keys, cluster_sums, poisson_weights
from mmbench.store.records import IntervalRecord, RepeatsRecord, Result

_CHUNK = 1024


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
        self._ids, self._samples = KeySet(), 0
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
        return self._samples - len(self._ids)

    def results(self, task: str, dataset: str) -> list[Result]:
        """Return every metric on the whole dataset and on every slice."""
        names = ["", *sorted(name for name in self._groups if name)]
        return [
            self._result(index, task, dataset, name, self._groups[name])
            for index in range(len(self.metrics))
            for name in names
        ]

    def _add_chunk(self, scored: Sequence[Scored]) -> None:
        self._ids.add(cluster_keys([item.sample.id for item in scored]))
        self._samples += len(scored)
        good = [item for item in scored if item.statistics is not None]
        self._group("").errors += len(scored) - len(good)
        for item in scored:
            if item.statistics is None:
                for pair in item.sample.slices.items():
                    self._group(_slice_name(pair)).errors += 1
        if not good:
            return
        members: dict[tuple[str, str], list[int]] = {}
        for row, item in enumerate(good):
            for pair in item.sample.slices.items():
                members.setdefault(pair, []).append(row)
        chunk = self._chunk(good)
        self._group("").add(chunk)
        for pair, rows in members.items():
            self._group(_slice_name(pair)).add(chunk if len(rows) == len(good) else chunk.part(rows))

    def _chunk(self, good: Sequence[Scored]) -> "_Chunk":
        matrix = np.stack([item.statistics for item in good if item.statistics is not None])
        keys = cluster_keys([item.sample.cluster or f"#{item.sample.id}" for item in good])
        by = self.uncertainty.strata
        turns = [item.turns for item in good if item.turns is not None]
        return _Chunk(
            matrix=matrix,
            weights=poisson_weights(keys, self.replicates, self.seed),
            keys=keys,
            alone=np.array([not item.sample.cluster for item in good]),
            binary=np.array([proportions(matrix[:, column]) for column in self._columns], bool)
            .reshape(-1, len(good))
            .T,
            strata=np.array([item.sample.slices.get(by, "") for item in good]) if by else None,
            turns=np.stack(turns) if turns else None,
        )

    def _group(self, name: str) -> "_Group":
        if name not in self._groups:
            self._groups[name] = _Group(self._columns, keep=self.uncertainty.method == "analytic")
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
            proportion=bool(group.binary[index]),
            bounds=metric.range,
            seed=self.seed,
            strata=self.uncertainty.strata,
            groups=group.cluster_sums(column),
        )
        return interval_of(metric.aggregate, sums, method=self.uncertainty.method)


def _slice_name(pair: tuple[str, str]) -> str:
    return f"{pair[0]}={pair[1]}"


@dataclass(frozen=True)
class _Chunk:
    """Some scored samples as arrays.

    Attributes:
        matrix: their statistics, shape (n, k).
        weights: of the bootstrap, shape (n, replicates).
        keys: of their clusters, shape (n,).
        alone: which are a cluster of their own, shape (n,).
        binary: which metrics are a plain proportion on them, shape (n, metrics).
        strata: shape (n,), where there are any.
        turns: the statistics of each answer, shape (n, r, k), where there are several.
    """

    matrix: Vector
    weights: NDArray[np.uint8]
    keys: Keys
    alone: NDArray[np.bool_]
    binary: NDArray[np.bool_]
    strata: NDArray[np.str_] | None
    turns: Vector | None

    def part(self, rows: Sequence[int]) -> "_Chunk":
        """Return some of the samples."""
        return _Chunk(
            self.matrix[rows],
            self.weights[rows],
            self.keys[rows],
            self.alone[rows],
            self.binary[rows],
            None if self.strata is None else self.strata[rows],
            None if self.turns is None else self.turns[rows],
        )


class _Group:
    """Totals of one slice, by stratum; ``keep`` keeps every sample's statistics for the analytic interval.

    ``binary`` tells of each metric whether it is a plain proportion on all samples.
    """

    def __init__(self, columns: Sequence[slice], *, keep: bool) -> None:
        self.columns, self.keep = columns, keep
        self.errors = 0
        self.binary = np.ones(len(columns), bool)
        self.spread = _Spread()
        self._strata: dict[str, Replicates] = {}
        self._alone = 0
        self._shared = KeySet()
        self._kept: list[tuple[Keys, Vector]] = []

    def add(self, chunk: _Chunk) -> None:
        self.binary = self.binary & chunk.binary.all(axis=0)
        counted = np.concatenate([chunk.matrix, np.ones((len(chunk.matrix), 1))], axis=1)
        for name in [""] if chunk.strata is None else np.unique(chunk.strata).tolist():
            part = slice(None) if chunk.strata is None else np.flatnonzero(chunk.strata == name)
            sums = self._strata.setdefault(name, Replicates(counted.shape[1], chunk.weights.shape[1]))
            sums.add(counted[part], chunk.weights[part])
        if self.keep:
            self._kept.append((chunk.keys, chunk.matrix))
        self._alone += int(chunk.alone.sum())
        self._shared.add(chunk.keys[~chunk.alone])
        if chunk.turns is not None:
            self.spread.add(chunk.turns, self.columns)

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
        return self._alone + len(self._shared)

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

    def add(self, turns: Vector, columns: Sequence[slice]) -> None:
        self.count = turns.shape[1]
        apart = turns - turns.mean(axis=1, keepdims=True)
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
