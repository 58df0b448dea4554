"""Rows of samples.parquet, read only as far as a report needs them.

A run folder may hold a million samples. Its row groups each hold a window of one task, so the footer tells where a
task lies; a few groups of it are candidates, and only what is shown of those is decoded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmbench.errors import StoreError
from mmbench.stats.replicates import cluster_keys
from mmbench.store.records import read_json
from mmbench.store.run import Run
from mmbench.store.run_folder import SAMPLE_ROWS
from mmbench_reports.columns import Place

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import NDArray

_GROUPS = 2
"""Row groups of a task that are looked at for samples worth showing."""
_NUMBERS = 100_000
"""Statistics that are looked at, over all candidates of a task: a metric of a thousand classes has many."""
_SHORT = ("id", "slices", "statistics", "error")
_SAID = ("responses", "choices", "answer", "statistics", "error")
WHOLE = (*_SHORT, "prompt", "media", "target", "choices", "prediction", "responses")


@dataclass(frozen=True)
class Outcome:
    """What is known of a sample before its texts are read. ``statistics`` are those of each metric."""

    id: str
    slices: dict[str, str]
    statistics: dict[str, list[float]]
    error: str | None


@dataclass(frozen=True)
class Scored:
    """All scored samples of a task: ids, hashes of their clusters (n,), each metric's statistics (n, k)."""

    ids: list[str]
    keys: "NDArray[np.uint64]"
    statistics: dict[str, "NDArray[np.float64]"]


@dataclass(frozen=True)
class Row(Outcome):
    """One run's answer to one sample. ``media`` are SHA-256 digests; ``prediction`` is None after an error."""

    prompt: str
    media: list[str]
    target: Any
    choices: list[str]
    prediction: str | None
    responses: list[dict[str, Any]]


class Samples:
    """The samples of one task of a run.

    Raises:
        StoreError: samples.parquet cannot be read.
    """

    def __init__(self, run: Run, place: Place) -> None:
        self._path = run.path / SAMPLE_ROWS
        self._place = place
        self._file = self._open()
        self.groups = list(_groups(self._file.metadata, place)) if self._file else []

    @property
    def known(self) -> bool:
        """Whether this run has samples of the task."""
        return bool(self.groups)

    @property
    def count(self) -> int:
        """How many samples its row groups hold, as their footer tells."""
        return sum(self._file.metadata.row_group(group).num_rows for group in self.groups) if self._file else 0

    def candidates(self) -> list[Outcome]:
        """Return samples from the beginning and the end of the task, in order."""
        groups = self.groups
        chosen = groups if len(groups) <= _GROUPS else [*groups[: _GROUPS - 1], groups[-1]]
        tables = [_affordable(self.read(group, _SHORT), _NUMBERS // len(chosen)) for group in chosen]
        return [_outcome(found) for table in tables for found in table.to_pylist()]

    def outcomes(self, ids: Sequence[str]) -> dict[str, Outcome]:
        """Return what is known of samples by id; those that are not here are left out."""
        wanted = set(ids)
        tables = (self.read(group, _SHORT) for group, _ in self._holding(wanted))
        rows = (found for table in tables for found in table.to_pylist())
        return {found["id"]: _outcome(found) for found in rows if found["id"] in wanted}

    def rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return whole rows by id; those that are not here are left out."""
        rows: dict[str, Row] = {}
        for group, positions in self._holding(set(ids)):
            table = self.read(group, WHOLE)
            for position in positions:
                row = row_of(table.slice(position, 1).to_pylist()[0])
                rows[row.id] = row
        return rows

    def statistics(self, metric: str) -> Iterator["NDArray[np.float64]"]:
        """Yield one metric's statistics of all scored samples, a group at a time, shape (samples, statistics)."""
        import numpy as np
        import pyarrow.compute as pc

        for group in self.groups:
            for chunk in self.read(group, ("statistics",))["statistics"].chunks:
                mine = chunk.items.filter(pc.equal(chunk.keys, metric))
                if len(mine):
                    yield np.asarray(pc.list_flatten(mine)).reshape(len(mine), -1)

    def said(self, most: int) -> Iterator[dict[str, Any]]:
        """Yield at most ``most`` answered rows with their responses, choices, answer and statistics."""
        left = most
        for group in self.groups:
            table = self.read(group, _SAID)
            for found in table.filter(table["error"].is_null()).slice(0, left).to_pylist():
                left -= 1
                yield {**found, "statistics": dict(found["statistics"] or ())}
            if left <= 0:
                return

    def whole(self) -> Iterator[Row]:
        """Yield all rows in order, a group in memory at a time."""
        for group in self.groups:
            for found in self.read(group, WHOLE).to_pylist():
                yield row_of(found)

    def scored(self) -> Scored:
        """Return what a paired comparison needs; a metric that not every answered sample has is left out."""
        import numpy as np

        ids: list[str] = []
        clusters: list[str] = []
        parts: dict[str, list[NDArray[np.float64]]] = {}
        for group in self.groups:
            table = self.read(group, ("id", "cluster", "statistics", "error"))
            table = table.filter(table["error"].is_null())
            ids += table["id"].to_pylist()
            clusters += table["cluster"].to_pylist()
            for chunk in table["statistics"].chunks:
                for metric, found in _by_metric(chunk):
                    parts.setdefault(metric, []).append(found)
        usable = {
            metric: np.concatenate(found)
            for metric, found in parts.items()
            if sum(map(len, found)) == len(ids) and len({one.shape[1] for one in found}) == 1
        }
        keys = cluster_keys([cluster or f"#{name}" for name, cluster in zip(ids, clusters, strict=True)])
        return Scored(ids, keys, usable)

    def _holding(self, wanted: set[str]) -> Iterator[tuple[int, list[int]]]:
        """Yield the groups that hold wanted ids, and where in them, until all are found."""
        missing = len(wanted)
        for group in self.groups:
            if missing <= 0:
                break
            ids = self.read(group, ("id",))["id"].to_pylist()
            if positions := [position for position, name in enumerate(ids) if name in wanted]:
                missing -= len(positions)
                yield group, positions

    def _open(self) -> "pq.ParquetFile | None":
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._path.is_file():
            return None
        try:
            return pq.ParquetFile(self._path)
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(error) from error

    def read(self, group: int, columns: Sequence[str]) -> "pa.Table":
        """Read a group, and of it only this task's rows."""
        import pyarrow as pa

        assert self._file is not None
        try:
            table = self._file.read_row_group(group, columns=["task", "dataset", *columns])
        except (OSError, pa.ArrowInvalid) as error:
            raise self._unreadable(error) from error
        for name, value in zip(("task", "dataset"), self._place, strict=True):
            column = table[name].unify_dictionaries()
            if any(chunk.dictionary.to_pylist() != [value] for chunk in column.chunks):
                table = _only(table, name, value)
        return table.select(list(columns))

    def _unreadable(self, error: Exception) -> StoreError:
        reason = str(error).splitlines()[0]
        return StoreError(f"cannot read {self._path}: {reason}. Run the same command again to make it anew.")


def _groups(metadata: "pq.FileMetaData", place: Place) -> Iterator[int]:
    """Yield the row groups that may hold a task: all whose smallest and largest value allow it."""
    names = metadata.schema.names
    columns = [names.index(name) for name in ("task", "dataset")]
    for group in range(metadata.num_row_groups):
        found = [metadata.row_group(group).column(column).statistics for column in columns]
        if all(_allows(statistics, value) for statistics, value in zip(found, place, strict=True)):
            yield group


def _allows(statistics: Any, value: str) -> bool:
    return statistics is None or not statistics.has_min_max or statistics.min <= value <= statistics.max


def _only(table: "pa.Table", name: str, value: str) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.equal(table[name].cast(pa.string()), value))


def _affordable(table: "pa.Table", most: int) -> "pa.Table":
    """Keep as many rows from the beginning as hold ``most`` statistics."""
    import pyarrow.compute as pc

    numbers = sum(len(pc.list_flatten(chunk.items)) for chunk in table["statistics"].chunks)
    return table.slice(0, max(1, table.num_rows * most // numbers)) if numbers > most else table


def _by_metric(chunk: "pa.MapArray") -> Iterator[tuple[str, "NDArray[np.float64]"]]:
    """Yield each metric's statistics of the rows of a chunk, in their order."""
    import numpy as np
    import pyarrow.compute as pc

    for metric in pc.unique(chunk.keys).to_pylist():
        mine = chunk.items.filter(pc.equal(chunk.keys, metric))
        if len(pc.unique(pc.list_value_length(mine))) == 1:
            yield metric, np.asarray(pc.list_flatten(mine), np.float64).reshape(len(mine), -1)


def _short(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": found["id"],
        "slices": dict(found["slices"] or ()),
        "statistics": dict(found["statistics"] or ()),
        "error": found["error"],
    }


def _outcome(found: dict[str, Any]) -> Outcome:
    return Outcome(**_short(found))


def row_of(found: dict[str, Any]) -> Row:
    """Make a row of what samples.parquet holds."""
    return Row(
        **_short(found),
        prompt=found["prompt"] or "",
        media=found["media"] or [],
        target=read_json(found, "target"),
        choices=found["choices"] or [],
        prediction=found["prediction"],
        responses=found["responses"] or [],
    )
