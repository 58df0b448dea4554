"""``compare``: two runs on the same samples, every metric, every slice; what differs is told, never hidden."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mmbench.engine.rescore import ready_metrics
from mmbench.errors import StoreError
from mmbench.metric import Metric
from mmbench.stats.multiplicity import Method, adjust
from mmbench.stats.paired import Difference, compare_statistics
from mmbench.stats.power import minimum_detectable_effect, samples_needed
from mmbench.stats.replicates import cluster_keys
from mmbench.store.records import TaskRecord
from mmbench.store.run import Run

_Vector = NDArray[np.float64]
MIN_SLICE = 20
"""Slices with fewer common samples than this are not compared: nothing could be seen in them."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric on one slice of one dataset, B against A.

    Attributes:
        task, dataset, metric, slice: what is compared; ``slice`` is "" for all samples.
        higher_is_better: which sign of ``difference.delta`` is an improvement.
        percent: values are shares of one.
        n: samples that both runs answered; ``clusters`` independent groups among them.
        difference: values, interval and p-value.
        adjusted_p: the p-value adjusted over all comparisons of whole datasets; None for slices.
        better, worse, equal: samples whose own score rose, fell or stayed (in the metric's own direction).
        detectable: the smallest difference that this comparison finds with 80 % power.
        needed: samples that would show the observed difference with 80 % power; None if it is 0.
    """

    task: str
    dataset: str
    metric: str
    slice: str
    higher_is_better: bool
    percent: bool
    n: int
    clusters: int
    difference: Difference
    adjusted_p: float | None
    better: int
    worse: int
    equal: int
    detectable: float
    needed: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """All comparisons of two runs, and everything that makes them less than comparable."""

    a: str
    b: str
    comparisons: list[Comparison]
    notes: list[str] = field(default_factory=list)


@dataclass
class _Side:
    """The samples of one task of one run."""

    ids: list[str] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    slices: list[dict[str, str]] = field(default_factory=list)
    statistics: dict[str, list[list[float]]] = field(default_factory=dict)


def compare(a: Run, b: Run, *, correction: Method = "holm", seed: int = 0, slices: bool = False) -> Report:
    """Compare two runs sample by sample.

    Raises:
        StoreError: the runs have no finished task, or no sample, in common.
    """
    notes: list[str] = []
    tasks_a, tasks_b = _tasks(a), _tasks(b)
    for label in sorted(tasks_a.keys() ^ tasks_b.keys()):
        notes.append(f"{label}: only {'A' if label in tasks_a else 'B'} has it; left out.")
    common = [label for label in tasks_a if label in tasks_b]
    if not common:
        raise StoreError(f"{a.path} and {b.path} have no finished task in common.")
    found: list[Comparison] = []
    for label in common:
        found += _compare_task(a, b, tasks_a[label], tasks_b[label], notes, seed, slices)
    if not found:
        raise StoreError(f"{a.path} and {b.path} have nothing to compare: {' '.join(notes)}")
    return Report(a.manifest.model.name, b.manifest.model.name, _adjusted(found, correction), notes)


def _tasks(run: Run) -> dict[str, TaskRecord]:
    return {f"{task.name}:{task.dataset.name}": task for task in run.manifest.tasks if task.status == "done"}


def _compare_task(
    a: Run, b: Run, left: TaskRecord, right: TaskRecord, notes: list[str], seed: int, slices: bool
) -> Iterator[Comparison]:
    label = f"{left.name}:{left.dataset.name}"
    notes += [f"{label}: {note}" for note in _differences(left, right)]
    shared = set(left.metrics) & set(right.metrics)
    sides = _side(a, left), _side(b, right)
    rows = _aligned(*sides)
    missing = len(sides[0].ids) + len(sides[1].ids) - 2 * len(rows)
    if missing:
        notes.append(f"{label}: {missing} samples are answered in one run only; {len(rows)} in both are compared.")
    if not rows:
        return
    left_rows, right_rows = (np.array([pair[side] for pair in rows]) for side in (0, 1))
    ids, names = sides[0].ids, sides[0].clusters
    keys = cluster_keys([names[row] or f"#{ids[row]}" for row in left_rows])
    for metric in ready_metrics(a, left):
        if metric.signature not in shared:
            continue
        first = np.asarray(sides[0].statistics[metric.name])[left_rows]
        second = np.asarray(sides[1].statistics[metric.name])[right_rows]
        for name, part in _parts([sides[0].slices[row] for row in left_rows], slices):
            yield _compare(left, metric, name, first[part], second[part], keys[part], seed)


def _differences(left: TaskRecord, right: TaskRecord) -> Iterator[str]:
    """Name everything that keeps two tasks from being the same question."""
    if left.dataset.fingerprint != right.dataset.fingerprint:
        yield "the dataset's rows differ; samples are matched by id."
    if left.version != right.version:
        yield f"the task's version differs ({left.version}, {right.version})."
    if left.shots != right.shots:
        yield f"the number of few-shot examples differs ({left.shots}, {right.shots})."
    for key in sorted(left.options.keys() | right.options.keys()):
        if left.options.get(key) != right.options.get(key):
            yield f"option {key} differs ({left.options.get(key)!r}, {right.options.get(key)!r})."
    for signature in sorted(set(left.metrics) ^ set(right.metrics)):
        yield f"metric {signature} is in one run only; left out."


def _side(run: Run, record: TaskRecord) -> _Side:
    side = _Side()
    columns = ["task", "dataset", "id", "cluster", "slices", "statistics", "error"]
    for batch in run.sample_batches(columns):
        for row in batch.to_pylist():
            if (row["task"], row["dataset"]) != (record.name, record.dataset.name) or row["error"] is not None:
                continue
            side.ids.append(row["id"])
            side.clusters.append(row["cluster"])
            side.slices.append(dict(row["slices"]))
            for name, vector in row["statistics"]:
                side.statistics.setdefault(name, []).append(vector)
    return side


def _aligned(left: _Side, right: _Side) -> list[tuple[int, int]]:
    where = {name: row for row, name in enumerate(right.ids)}
    return [(row, where[name]) for row, name in enumerate(left.ids) if name in where]


def _parts(slices: Sequence[dict[str, str]], wanted: bool) -> Iterator[tuple[str, NDArray[np.intp]]]:
    yield "", np.arange(len(slices))
    members: dict[str, list[int]] = {}
    for row, named in enumerate(slices if wanted else ()):
        for name, value in named.items():
            members.setdefault(f"{name}={value}", []).append(row)
    for name in sorted(members):
        if len(members[name]) >= MIN_SLICE:
            yield name, np.asarray(members[name])


def _compare(
    record: TaskRecord,
    metric: Metric,
    name: str,
    first: _Vector,
    second: _Vector,
    keys: NDArray[np.uint64],
    seed: int,
) -> Comparison:
    difference = compare_statistics(first, second, keys, metric.aggregate, seed=seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = metric.aggregate(second) - metric.aggregate(first)
    gap = gap if metric.higher_is_better else -gap
    error = difference.standard_error
    known = np.isfinite(error) and error > 0
    return Comparison(
        task=record.name,
        dataset=record.dataset.name,
        metric=metric.name,
        slice=name,
        higher_is_better=metric.higher_is_better,
        percent=metric.range == (0, 1),
        n=len(keys),
        clusters=len(np.unique(keys)),
        difference=difference,
        adjusted_p=None,
        better=int(np.sum(gap > 0)),
        worse=int(np.sum(gap < 0)),
        equal=int(np.sum(~((gap > 0) | (gap < 0)))),
        detectable=minimum_detectable_effect(error) if known else float("nan"),
        needed=samples_needed(len(keys), error, difference.delta) if known and difference.delta else None,
    )


def _adjusted(found: Sequence[Comparison], correction: Method) -> list[Comparison]:
    whole = [item for item in found if not item.slice]
    p_values = iter(adjust([item.difference.p_value for item in whole], correction))
    return [item if item.slice else replace(item, adjusted_p=next(p_values)) for item in found]
