"""What is kept in memory of each sample so that a million of them can be filtered: a few bytes, and no text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mmbench.stats.replicates import cluster_keys
from mmbench_reports.cards import Asked
from mmbench_reports.columns import Column, Place
from mmbench_reports.rows import Samples
from mmbench_reports.scores import Scorer, Verdict
from mmbench_reports.view.reading import Pages

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)

VERDICTS: tuple[Verdict, ...] = ("right", "partly", "wrong", "error", "scored")
ABSENT = -1
"""Stands for a run that does not have the sample."""
_COLUMNS = ("id", "slices", "statistics", "error")


@dataclass
class _Facts:
    """One run's samples of a task, as they lie in its file."""

    verdicts: "list[NDArray[np.int8]]" = field(default_factory=list)
    shares: "list[NDArray[np.float32]]" = field(default_factory=list)
    keys: "list[NDArray[np.uint64]]" = field(default_factory=list)
    slices: "dict[str, _Codes]" = field(default_factory=dict)
    count: int = 0


class _Codes:
    """The values of one slice name, a number each; ABSENT for samples that have none."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.parts: list[tuple[int, NDArray[np.int32], NDArray[np.int32]]] = []

    def add(self, start: int, rows: "NDArray[np.int32]", values: "pa.Array") -> None:
        found = values.dictionary_encode()
        own = [self.values.setdefault(value, len(self.values)) for value in found.dictionary.to_pylist()]
        self.parts.append((start, rows, np.asarray(own, np.int32)[np.asarray(found.indices)]))

    def of(self, count: int) -> "NDArray[np.int32]":
        codes = np.full(count, ABSENT, np.int32)
        for start, rows, own in self.parts:
            codes[start + rows] = own
        return codes


@dataclass(frozen=True)
class Grid:
    """All samples of a task: those of the first run that has any, and where the others have the same.

    Attributes:
        place: the task and its dataset.
        columns: the runs that have samples of it; the first is the lead.
        pages: where each run's samples are read.
        keys: hashes of the lead's ids; shape (samples,).
        where: each run's number of each of the lead's samples, ABSENT if it has none; shape (runs, samples).
        verdicts: indices into VERDICTS, or ABSENT; shape (runs, samples).
        shares: main scores from 0 to 1, NaN where none; shape (runs, samples).
        slices: each name's values, and of each sample which of them it has.
    """

    place: Place
    columns: tuple[Column, ...]
    scorers: tuple[Scorer, ...]
    pages: tuple[Pages, ...]
    keys: "NDArray[np.uint64]"
    where: "NDArray[np.int32]"
    verdicts: "NDArray[np.int8]"
    shares: "NDArray[np.float32]"
    slices: "dict[str, tuple[list[str], NDArray[np.int32]]]"

    @property
    def count(self) -> int:
        """How many samples the lead has."""
        return int(self.where.shape[1])

    def number_of(self, identity: str) -> int | None:
        """Return the number of a sample by its id."""
        found = np.flatnonzero(self.keys == cluster_keys([identity])[0])
        return int(found[0]) if len(found) else None

    def asked(self, numbers: "NDArray[np.int32]") -> list[Asked]:
        """Return whole samples by number, in this order, as each run that has them was asked them.

        Raises:
            StoreError: a file of a run folder cannot be read.
        """
        asked: list[Asked] = [[] for _ in numbers]
        for column, scorer, pages, where in zip(
            self.columns, self.scorers, self.pages, self.where[:, numbers], strict=True
        ):
            has = np.flatnonzero(where != ABSENT)
            for place, row in zip(has, pages.rows(where[has]), strict=True):
                asked[place].append((column, scorer, row))
        return asked


def grid_of(columns: Sequence[Column], place: Place) -> Grid | None:
    """Read once through a task's samples; None if no run has any.

    Raises:
        StoreError: a file of a run folder cannot be read.
    """
    import pyarrow as pa

    samples = [Samples(column.run, place) for column in columns]
    having = [(column, one) for column, one in zip(columns, samples, strict=True) if one.known]
    if not having:
        return None
    scorers = tuple(scorer_of_column(column, place) for column, _ in having)
    found = [_facts(one, scorer) for (_, one), scorer in zip(having, scorers, strict=True)]
    facts, starts = [each[0] for each in found], [each[1] for each in found]
    pa.default_memory_pool().release_unused()
    keys = [np.concatenate(one.keys) for one in facts]
    where = np.stack([np.arange(facts[0].count, dtype=np.int32), *(_found(keys[0], other) for other in keys[1:])])
    return Grid(
        place=place,
        columns=tuple(column for column, _ in having),
        scorers=scorers,
        pages=tuple(Pages(one, start) for (_, one), start in zip(having, starts, strict=True)),
        keys=keys[0],
        where=where,
        verdicts=np.stack([_at(own.verdicts, rows, ABSENT) for own, rows in zip(facts, where, strict=True)]),
        shares=np.stack([_at(own.shares, rows, np.nan) for own, rows in zip(facts, where, strict=True)]),
        slices={name: (list(codes.values), codes.of(facts[0].count)) for name, codes in facts[0].slices.items()},
    )


def scorer_of_column(column: Column, place: Place) -> Scorer:
    """Return what scores single samples of a run's task."""
    whole = (*place, "")
    return Scorer(place, [entry for entry in column.entries if (entry.task, entry.dataset, entry.slice) == whole])


def _facts(samples: Samples, scorer: Scorer) -> "tuple[_Facts, NDArray[np.int32]]":
    facts, starts = _Facts(), [0]
    for group in samples.groups:
        table = samples.read(group, _COLUMNS)
        for batch in table.to_batches():
            verdicts, shares = _scored(batch, scorer)
            facts.verdicts.append(verdicts)
            facts.shares.append(shares)
            facts.keys.append(cluster_keys(batch["id"].to_pylist()))
            _add_slices(facts, batch["slices"])
            facts.count += batch.num_rows
        starts.append(facts.count)
    return facts, np.asarray(starts, np.int32)


def _scored(batch: "pa.RecordBatch", scorer: Scorer) -> "tuple[NDArray[np.int8], NDArray[np.float32]]":
    """Return each sample's verdict and share."""
    import pyarrow.compute as pc

    answered = ~np.asarray(batch["error"].is_valid())
    shares = np.full(batch.num_rows, np.nan, np.float32)
    shares[~answered] = 0.0
    statistics = batch["statistics"]
    if scorer.main is not None and answered.any():
        mine = statistics.items.filter(pc.equal(statistics.keys, scorer.main.metric))
        widths = np.asarray(pc.list_value_length(mine))
        if len(mine) == answered.sum() and widths.min() == widths.max():
            flat = np.asarray(pc.list_flatten(mine), np.float64).reshape(len(mine), -1)
            shares[answered] = scorer.shares(flat)
        else:
            every = [dict(found or ()) for found in statistics.filter(batch["error"].is_null()).to_pylist()]
            told = [scorer.share(found) for found in every]
            shares[answered] = [np.nan if share is None else share for share in told]
    verdicts = np.select([~answered, np.isnan(shares), shares >= 1, shares <= 0], [3, 4, 0, 2], 1)
    return verdicts.astype(np.int8), shares


def _add_slices(facts: _Facts, slices: "pa.MapArray") -> None:
    import pyarrow.compute as pc

    offsets = np.asarray(slices.offsets)
    owners = np.repeat(np.arange(len(slices), dtype=np.int32), np.diff(offsets))
    for name in pc.unique(slices.keys).to_pylist():
        mine = pc.equal(slices.keys, name)
        facts.slices.setdefault(name, _Codes()).add(
            facts.count, owners[np.asarray(mine)], slices.items.filter(mine)
        )


def _found(wanted: "NDArray[np.uint64]", keys: "NDArray[np.uint64]") -> "NDArray[np.int32]":
    if np.array_equal(wanted, keys):
        return np.arange(len(keys), dtype=np.int32)
    order = np.argsort(keys, kind="stable").astype(np.int32)
    places = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    return np.where(keys[order][places] == wanted, order[places], np.int32(ABSENT))


def _at(parts: "Sequence[NDArray[T]]", rows: "NDArray[np.int32]", none: float) -> "NDArray[T]":
    """Return the values of these rows; ``none`` for those that are absent."""
    values = np.concatenate(parts)
    return np.where(rows == ABSENT, np.asarray(none, values.dtype), values[np.maximum(rows, 0)])
