"""Confusion matrices, read back from the stored statistics of a metric that is computed from one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmbench.metrics.classification import split
from mmbench_reports.columns import Column
from mmbench_reports.rows import Samples
from mmbench_reports.tables import Block, Line

MOST_LABELS = 12
"""More labels than this make a matrix that nobody reads."""


@dataclass(frozen=True)
class Confusion:
    """What one run answered where each label was the target.

    ``counts`` has a row for each target and a column for each answer, with a last column for answers in which no
    label could be read.
    """

    column: Column
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """Headings of the columns."""
        return (*self.labels, "no label")

    def share(self, target: int, answer: int) -> float:
        """Return how often a target got an answer, 0..1."""
        return self.counts[target][answer] / max(1, sum(self.counts[target]))

    def heat(self, target: int, answer: int) -> int:
        """The share in ten steps, 0 to 9."""
        return min(9, int(self.share(target, answer) * 10))


def confusions_of(columns: Sequence[Column], block: Block) -> list[Confusion]:
    """Return the matrix of every run of a classification task; none for other tasks.

    Raises:
        StoreError: samples.parquet cannot be read.
    """
    for line in block.lines:
        labels = _labels(line)
        if not labels:
            continue
        found = [_confusion(column, block, line, labels) for column in columns]
        return [one for one in found if one is not None]
    return []


def _labels(line: Line) -> tuple[str, ...]:
    """Return the labels that a metric's signature lists, unless they are too many or not known beforehand."""
    named = re.search(r"\|labels:(.+)\|extractor:", line.signature)
    labels = tuple(named[1].split(",")) if named else ()
    return labels if 2 <= len(labels) <= MOST_LABELS else ()


def _confusion(column: Column, block: Block, line: Line, labels: tuple[str, ...]) -> Confusion | None:
    if line.cells[column.index].result is None:
        return None
    counts = np.zeros((len(labels), len(labels) + 1), dtype=np.int64)
    for statistics in Samples(column.run, block.place).statistics(line.metric):
        if statistics.shape[1] != 2 + 3 * len(labels):
            return None
        np.add.at(counts, _cells(statistics), 1)
    if not counts.any():
        return None
    return Confusion(column, labels, tuple(tuple(row) for row in counts.tolist()))


def _cells(statistics: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the target and the answer of each row; one past the last label where no label could be read."""
    _, _, predicted, true = split(statistics)
    answers = np.where(predicted.any(-1), predicted.argmax(-1), predicted.shape[-1])
    return true.argmax(-1), answers


def each(blocks: Sequence[Block], columns: Sequence[Column]) -> Iterator[tuple[Block, list[Confusion]]]:
    """Yield the tasks that have matrices, with them."""
    for block in blocks:
        if found := confusions_of(columns, block):
            yield block, found
