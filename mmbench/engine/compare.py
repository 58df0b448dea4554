"""``compare``: runs on the same samples, every metric, every slice; what differs is told, never hidden."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from string import ascii_uppercase
from typing import overload

import numpy as np
from numpy.typing import NDArray

from mmbench.engine.comparison import Comparison, Report, Sides, compare_sides
from mmbench.engine.options import check_seed
from mmbench.engine.ranking import Contest, Pair, Ranking, contest_of
from mmbench.engine.samples import TaskSamples, read_samples
from mmbench.errors import StoreError, UsageError
from mmbench.metric import Metric, Vector
from mmbench.stats.intervals import Interval, is_proportion
from mmbench.stats.methods import Sums, interval_of
from mmbench.stats.multiplicity import Method, adjust
from mmbench.stats.replicates import REPLICATES, Replicates, poisson_weights
from mmbench.store.baseline import load_run_or_baseline
from mmbench.store.records import TaskRecord
from mmbench.store.run import Run

__all__ = ["Comparison", "Report", "compare"]

MIN_SLICE = 20
"""Slices with fewer common samples than this are not compared: nothing could be seen in them."""
MOST = len(ascii_uppercase)
ROWS_DIFFER = "the dataset's rows differ; samples are matched by id."


@overload
def compare(
    a: Run | Path | str,
    b: Run | Path | str,
    /,
    *,
    correction: Method = "holm",
    seed: int = 0,
    slices: bool = False,
) -> Report: ...
@overload
def compare(
    a: Run | Path | str,
    b: Run | Path | str,
    c: Run | Path | str,
    /,
    *more: Run | Path | str,
    correction: Method = "holm",
    seed: int = 0,
    slices: bool = False,
) -> Ranking: ...
def compare(
    a: Run | Path | str,
    b: Run | Path | str,
    /,
    *more: Run | Path | str,
    correction: Method = "holm",
    seed: int = 0,
    slices: bool = False,
) -> Report | Ranking:
    """Compare runs sample by sample: two of them in full, more by all pairs and rank intervals.

    Args:
        a: a run, or the path of a run folder or baseline file.
        b: what to compare with it, likewise.
        more: further ones; then only samples that all of them answered count.
        correction: of p-values, over all tasks, metrics and pairs.
        seed: of bootstrap and randomisation.
        slices: compare slices too; their p-values are not adjusted.

    Raises:
        StoreError: the runs have no finished task, or no sample, in common.
        UsageError: there are too many runs, or the seed is out of range.
    """
    check_seed(seed)
    runs = [load_run_or_baseline(each) if isinstance(each, (Path, str)) else each for each in (a, b, *more)]
    if len(runs) > MOST:
        raise UsageError(f"at most {MOST} runs can be compared at once, not {len(runs)}.")
    notes: list[str] = []
    games = [game for lineup in _lineups(runs, notes) for game in _games(lineup, notes, slices)]
    if not games:
        paths = " and ".join(str(run.path) for run in runs)
        raise StoreError(f"{paths} have nothing to compare: {' '.join(notes)}")
    pairs = list(combinations(range(len(runs)), 2))
    found = _adjusted([game.compare(*pair, seed) for game in games for pair in pairs], correction)
    names = [run.manifest.model.name for run in runs]
    if len(runs) == 2:
        return Report(names[0], names[1], found, notes)
    by_game = [found[start : start + len(pairs)] for start in range(0, len(found), len(pairs))]
    contests = [game.contest(names, pairs, part, seed) for game, part in zip(games, by_game, strict=True)]
    return Ranking(names, contests, notes)


@dataclass(frozen=True)
class _Lineup:
    """One task in all runs, and the rows of each run that hold the samples which all answered."""

    label: str
    tasks: list[TaskSamples]

    def rows(self, name: str = "") -> list[NDArray[np.intp]]:
        """Return the rows of each run's samples of a slice, in one order."""
        first = self.tasks[0]
        members = [first.ids[row] for row in first.members(name).tolist()]
        shared = [sample for sample in members if all(sample in found for found in self._where)]
        return [np.asarray([found[sample] for sample in shared], np.intp) for found in self._where]

    @cached_property
    def _where(self) -> list[dict[str, int]]:
        """Where each run has which sample."""
        return [{sample: row for row, sample in enumerate(task.ids)} for task in self.tasks]


@dataclass(frozen=True)
class _Game:
    """One metric on one slice of one task: the statistics of each run on the same samples."""

    record: TaskRecord
    metric: Metric
    slice: str
    ids: list[str]
    keys: NDArray[np.uint64]
    statistics: list[Vector]

    def compare(self, a: int, b: int, seed: int) -> Comparison:
        """Compare two of the runs."""
        sides = Sides(self.ids, self.keys, self.statistics[a], self.statistics[b])
        return compare_sides(self.record, self.metric, self.slice, sides, seed)

    def contest(
        self, names: Sequence[str], pairs: Sequence[tuple[int, int]], found: Sequence[Comparison], seed: int
    ) -> Contest:
        """Rank all runs."""
        values = [float(self.metric.aggregate(each.sum(axis=0))) for each in self.statistics]
        weights = poisson_weights(self.keys, REPLICATES, seed)
        intervals = [self._interval(each, weights, seed) for each in self.statistics]
        met = [Pair(*pair, each) for pair, each in zip(pairs, found, strict=True)]
        return contest_of(names, values, intervals, met)

    def _interval(self, statistics: Vector, weights: NDArray[np.uint8], seed: int) -> Interval | None:
        sums = Replicates(statistics.shape[1], REPLICATES)
        sums.add(statistics, weights)
        known = Sums(
            totals=sums.totals,
            resampled=sums.resampled,
            n=len(self.keys),
            clusters=len(np.unique(self.keys)),
            proportion=is_proportion(statistics),
            bounds=self.metric.range,
            seed=seed,
        )
        return interval_of(self.metric.aggregate, known)


def _lineups(runs: Sequence[Run], notes: list[str]) -> Iterator[_Lineup]:
    """Yield the tasks that all runs finished; tell of the others.

    Raises:
        StoreError: there is none.
    """
    read = [read_samples(run, prompts=True) for run in runs]
    labels = dict.fromkeys(label for tasks in read for label in tasks)
    common = [label for label in labels if all(label in tasks for tasks in read)]
    if not common:
        paths = " and ".join(str(run.path) for run in runs)
        raise StoreError(f"{paths} have no finished task in common.")
    for label in sorted(labels.keys() - set(common)):
        owners = [letter for letter, tasks in zip(ascii_uppercase, read, strict=False) if label in tasks]
        notes.append(f"{label}: only {' and '.join(owners)} has it; left out.")
    for label in common:
        yield _Lineup(label, [tasks[label] for tasks in read])


def _games(lineup: _Lineup, notes: list[str], slices: bool) -> Iterator[_Game]:
    label, tasks, first = lineup.label, lineup.tasks, lineup.tasks[0]
    for index, other in enumerate(tasks[1:], 1):
        who = "" if len(tasks) == 2 else f"{ascii_uppercase[index]} against A: "
        notes += [f"{label}: {who}{note}" for note in differences(first, other)]
    names = [""]
    if slices:
        names += sorted({f"{name}={value}" for named in first.slices for name, value in named.items()})
    shared = {name: lineup.rows(name) for name in names}
    common = len(shared[""][0])
    lacking = len({sample for task in tasks for sample in task.ids}) - common
    if lacking:
        some = "one run only" if len(tasks) == 2 else "some runs only"
        every = "both" if len(tasks) == 2 else "all"
        notes.append(f"{label}: {lacking} samples are answered in {some}; {common} in {every} are compared.")
    metrics = _shared_metrics(lineup, notes)
    for metric in metrics:
        for name, rows in shared.items():
            if len(rows[0]) >= (MIN_SLICE if name else 1):
                statistics = [task.statistics[metric.name][part] for task, part in zip(tasks, rows, strict=True)]
                ids = [first.ids[row] for row in rows[0].tolist()]
                yield _Game(first.record, metric, name, ids, first.keys[rows[0]], statistics)


def _shared_metrics(lineup: _Lineup, notes: list[str]) -> list[Metric]:
    """Return the metrics that all runs were scored with, and can be computed from what is kept."""
    shared = set.intersection(*(set(task.record.metrics) for task in lineup.tasks))
    usable: dict[str, Metric] = {}
    for metric in (metric for task in lineup.tasks for metric in task.metrics):
        if metric.signature in shared:
            usable.setdefault(metric.signature, metric)
    notes += [
        f"{lineup.label}: metric {signature} must see the references, which baseline files do not keep; left out."
        for signature in sorted(shared - usable.keys())
    ]
    return list(usable.values())


def differences(a: TaskSamples, b: TaskSamples) -> Iterator[str]:
    """Name everything that keeps two tasks from being the same question."""
    left, right = a.record, b.record
    if left.dataset.fingerprint != right.dataset.fingerprint:
        yield ROWS_DIFFER
    if left.version != right.version:
        yield f"the task's version differs ({left.version}, {right.version})."
    if left.blind != right.blind:
        yield "one run is blind (--blind): the differences are what pictures and sounds are worth to the model."
    counts = (("few-shot examples", left.shots, right.shots), ("repeats", left.repeats, right.repeats))
    yield from (f"the number of {name} differs ({old}, {new})." for name, old, new in counts if old != new)
    for kind, old, new in (("", left.sampling, right.sampling), ("option ", left.options, right.options)):
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                yield f"{kind}{key} differs ({old.get(key)!r}, {new.get(key)!r})."
    rows, twins = a.aligned(b)
    if (
        a.prompts is not None
        and b.prompts is not None
        and (count := int(np.sum(a.prompts[rows] != b.prompts[twins])))
    ):
        yield f"{count} of {len(rows)} prompts differ."
    for signature in sorted(set(left.metrics) ^ set(right.metrics)):
        yield f"metric {signature} is in one run only; left out."


def _adjusted(found: Sequence[Comparison], correction: Method) -> list[Comparison]:
    whole = [item for item in found if not item.slice]
    p_values = iter(adjust([item.difference.p_value for item in whole], correction))
    return [item if item.slice else replace(item, adjusted_p=next(p_values)) for item in found]
