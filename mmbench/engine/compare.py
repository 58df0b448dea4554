"""``compare``: two runs on the same samples, every metric, every slice; what differs is told, never hidden."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mmbench.engine.samples import TaskSamples, read_samples
from mmbench.errors import StoreError
from mmbench.metric import Metric
from mmbench.stats.multiplicity import Method, adjust
from mmbench.stats.paired import Difference, compare_statistics
from mmbench.stats.power import minimum_detectable_effect, samples_needed
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


def compare(a: Run, b: Run, *, correction: Method = "holm", seed: int = 0, slices: bool = False) -> Report:
    """Compare two runs sample by sample.

    Raises:
        StoreError: the runs have no finished task, or no sample, in common.
    """
    notes: list[str] = []
    tasks_a, tasks_b = read_samples(a), read_samples(b)
    for label in sorted(tasks_a.keys() ^ tasks_b.keys()):
        notes.append(f"{label}: only {'A' if label in tasks_a else 'B'} has it; left out.")
    common = [label for label in tasks_a if label in tasks_b]
    if not common:
        raise StoreError(f"{a.path} and {b.path} have no finished task in common.")
    found: list[Comparison] = []
    for label in common:
        found += _compare_task(label, tasks_a[label], tasks_b[label], notes, seed, slices)
    if not found:
        raise StoreError(f"{a.path} and {b.path} have nothing to compare: {' '.join(notes)}")
    return Report(a.manifest.model.name, b.manifest.model.name, _adjusted(found, correction), notes)


def _compare_task(
    label: str, a: TaskSamples, b: TaskSamples, notes: list[str], seed: int, slices: bool
) -> Iterator[Comparison]:
    notes += [f"{label}: {note}" for note in _differences(a.record, b.record)]
    shared = set(a.record.metrics) & set(b.record.metrics)
    rows, _ = a.aligned(b)
    missing = len(a.ids) + len(b.ids) - 2 * len(rows)
    if missing:
        notes.append(f"{label}: {missing} samples are answered in one run only; {len(rows)} in both are compared.")
    names = [""]
    if slices:
        names += sorted({f"{name}={value}" for named in a.slices for name, value in named.items()})
    usable: dict[str, Metric] = {}
    for metric in (*a.metrics, *b.metrics):
        if metric.signature in shared:
            usable.setdefault(metric.signature, metric)
    notes += [
        f"{label}: metric {signature} must see the references, which two baseline files do not keep; left out."
        for signature in sorted(shared - usable.keys())
    ]
    for metric in usable.values():
        for name in names:
            rows, twins = a.aligned(b, name)
            if len(rows) >= (MIN_SLICE if name else 1):
                first, second = a.statistics[metric.name][rows], b.statistics[metric.name][twins]
                yield _compare(a.record, metric, name, first, second, a.keys[rows], seed)


def _differences(left: TaskRecord, right: TaskRecord) -> Iterator[str]:
    """Name everything that keeps two tasks from being the same question."""
    if left.dataset.fingerprint != right.dataset.fingerprint:
        yield "the dataset's rows differ; samples are matched by id."
    if left.version != right.version:
        yield f"the task's version differs ({left.version}, {right.version})."
    if left.shots != right.shots:
        yield f"the number of few-shot examples differs ({left.shots}, {right.shots})."
    if left.repeats != right.repeats:
        yield f"the number of repeats differs ({left.repeats}, {right.repeats})."
    for key in sorted(left.sampling.keys() | right.sampling.keys()):
        if left.sampling.get(key) != right.sampling.get(key):
            yield f"{key} differs ({left.sampling.get(key)}, {right.sampling.get(key)})."
    for key in sorted(left.options.keys() | right.options.keys()):
        if left.options.get(key) != right.options.get(key):
            yield f"option {key} differs ({left.options.get(key)!r}, {right.options.get(key)!r})."
    for signature in sorted(set(left.metrics) ^ set(right.metrics)):
        yield f"metric {signature} is in one run only; left out."


def _compare(
    record: TaskRecord,
    metric: Metric,
    name: str,
    first: _Vector,
    second: _Vector,
    keys: NDArray[np.uint64],
    seed: int,
) -> Comparison:
    difference = compare_statistics(first, second, keys, metric.aggregate, bounds=metric.range, seed=seed)
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
