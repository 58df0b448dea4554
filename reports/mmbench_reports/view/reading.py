"""Samples by their number, so that a page of a million of them reads one row group."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from mmbench_reports.rows import WHOLE, Row, Samples, row_of

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_KEPT = 8
"""Decoded row groups that are kept at hand."""


class Pages:
    """Reads the samples of one task of a run by number. Several threads may ask at a time.

    Args:
        samples: where they lie.
        starts: the number of each row group's first sample, then the count of all; shape (groups + 1,).
    """

    def __init__(self, samples: Samples, starts: "NDArray[np.int32]") -> None:
        self._samples, self._starts = samples, starts
        self._decoded: OrderedDict[tuple[int, tuple[str, ...]], pa.Table] = OrderedDict()
        self._lock = Lock()

    def groups_of(self, numbers: "NDArray[np.int32]") -> "NDArray[np.int32]":
        """Return the row group in which each number lies, counted from 0; same shape."""
        return (np.searchsorted(self._starts, numbers, side="right") - 1).astype(np.int32)

    def take(self, numbers: "NDArray[np.int32]", columns: Sequence[str]) -> "pa.Table":
        """Return the samples of these numbers (at least one), in this order."""
        import pyarrow as pa

        groups = self.groups_of(numbers)
        order = np.argsort(groups, kind="stable")
        parts = []
        for group in np.unique(groups):
            mine = numbers[groups == group] - self._starts[group]
            parts.append(self._group(int(group), tuple(columns)).take(pa.array(mine)))
        back = np.empty(len(order), np.int32)
        back[order] = np.arange(len(order), dtype=np.int32)
        return pa.concat_tables(parts, promote_options="default").take(pa.array(back))

    def rows(self, numbers: "NDArray[np.int32]") -> list[Row]:
        """Return whole rows of these numbers, in this order."""
        return [row_of(found) for found in self.take(numbers, WHOLE).to_pylist()] if len(numbers) else []

    def _group(self, group: int, columns: tuple[str, ...]) -> "pa.Table":
        key = (group, columns)
        with self._lock:
            if key in self._decoded:
                self._decoded.move_to_end(key)
            else:
                self._decoded[key] = self._samples.read(self._samples.groups[group], columns)
                if len(self._decoded) > _KEPT:
                    self._decoded.popitem(last=False)
            return self._decoded[key]
