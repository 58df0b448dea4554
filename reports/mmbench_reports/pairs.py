"""Two runs on the samples that both answered: which differences are real.

The tests are those of ``mmbench compare``: McNemar's or approximate randomisation, with paired bootstrap
intervals.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmbench.metric import Vector
from mmbench.stats.paired import Aggregate, Difference, bootstrap_difference, compare_statistics
from mmbench.store.records import Result
from mmbench_reports.columns import Column, Place
from mmbench_reports.known import aggregate_of
from mmbench_reports.rows import Samples, Scored

REPLICATES = 2000


@dataclass(frozen=True)
class _Twins:
    """Statistics of the same samples in two runs, each of shape (n, k), with their cluster keys."""

    a: Vector
    b: Vector
    keys: NDArray[np.uint64]
    aggregate: Aggregate
    bounds: tuple[float, float]


class Pairs:
    """The samples of one task in several runs, read when a comparison first needs them."""

    def __init__(self, columns: Sequence[Column], place: Place) -> None:
        self._columns = columns
        self._place = place
        self._read: dict[int, Scored] = {}
        self._aligned: dict[tuple[int, int], tuple[list[int], list[int]]] = {}

    def difference(self, first: int, second: int, results: Sequence[Result | None]) -> Difference | None:
        """Compare the second run with the first by one metric.

        Args:
            first: index of a run.
            second: index of another.
            results: the metric's result of every run.

        Returns:
            The difference second - first; None if the runs have no sample in common that both scored, or their
            statistics cannot be read here.

        Raises:
            StoreError: samples.parquet of a run cannot be read.
        """
        twins = self._twins(first, second, results)
        if twins is None:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            found = compare_statistics(twins.a, twins.b, twins.keys, twins.aggregate, bounds=twins.bounds)
        return found if np.isfinite(found.delta) else None

    def replicates(
        self, first: int, second: int, results: Sequence[Result | None], seed: int
    ) -> tuple[Vector, int] | None:
        """Return paired bootstrap values of the difference, shape (REPLICATES,), and the number of clusters.

        Args and what is raised: as of :meth:`difference`; runs on the same samples get the same weights by the
        same seed. None where there is no difference to tell.
        """
        twins = self._twins(first, second, results)
        if twins is None:
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            values = bootstrap_difference(twins.a, twins.b, twins.keys, twins.aggregate, REPLICATES, seed)
        return values, len(np.unique(twins.keys))

    def _twins(self, first: int, second: int, results: Sequence[Result | None]) -> _Twins | None:
        one, other = results[first], results[second]
        if one is None or other is None or one.signature != other.signature:
            return None
        mine, theirs = self._scored(first), self._scored(second)
        a, b = mine.statistics.get(one.metric), theirs.statistics.get(one.metric)
        if a is None or b is None or a.shape[1] != b.shape[1]:
            return None
        rows, twins = self._rows(first, second)
        aggregate = aggregate_of(self._place, one, a.shape[1])
        if not rows or aggregate is None:
            return None
        low, high = one.range
        bounds = (-math.inf if low is None else low, math.inf if high is None else high)
        return _Twins(a[rows], b[twins], mine.keys[rows], aggregate, bounds)

    def common(self, first: int, second: int) -> int:
        """Return how many samples both runs answered."""
        return len(self._rows(first, second)[0])

    def _rows(self, first: int, second: int) -> tuple[list[int], list[int]]:
        """Return where the samples that both runs answered lie in each."""
        if (first, second) not in self._aligned:
            ids, others = self._scored(first).ids, self._scored(second).ids
            where = {sample: row for row, sample in enumerate(others)}
            rows = [row for row, sample in enumerate(ids) if sample in where]
            self._aligned[first, second] = rows, [where[ids[row]] for row in rows]
        return self._aligned[first, second]

    def _scored(self, index: int) -> Scored:
        if index not in self._read:
            self._read[index] = Samples(self._columns[index].run, self._place).scored()
        return self._read[index]
