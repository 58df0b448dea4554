"""Rows of a dataset as a task's fields: lazily, as often as wanted, with a fingerprint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from mmbench.data.columns import Columns, fill, placeholders
from mmbench.data.embedded import EmbeddedReader, generator_options
from mmbench.data.files import FileReader
from mmbench.data.fingerprint import Fingerprint
from mmbench.data.lock import (
    MIRROR,
    Pinned,
    find_pinned,
    lock_path,
    read_lock,
    refuse_changed_files,
    refuse_changed_rows,
)
from mmbench.data.media import MEDIA_FIELDS, wrap_fields
from mmbench.data.places import mirror_folder
from mmbench.data.reader import Partners, Reader
from mmbench.dataset import Dataset, Embedded, Files, Hub, Source
from mmbench.errors import DataError, UsageError
from mmbench.schema import Sample
from mmbench.task import Task


@dataclass
class Rows:
    """The rows that an evaluation sees, as fields of its task. Iterate as often as you like.

    A row without the field ``id`` gets its number, counted from 0. ``fingerprint`` is None until the rows have
    been iterated once to the end; it is then the SHA-256 over them, media by the digest of their bytes.
    """

    name: str
    dataset: Dataset
    limit: int | None
    reader: Reader
    columns: Columns
    pinned: Pinned | None = None
    partners: Partners | None = None
    fingerprint: str | None = None

    @property
    def source(self) -> str:
        """What was read, for the manifest; no paths of this machine."""
        return self.reader.source

    @property
    def revision(self) -> str | None:
        """The commit on the Hub that is read; None for other sources."""
        return self.reader.revision

    @property
    def streamed(self) -> bool:
        """Whether any rows come over the network as they are read, unchecked."""
        return self.reader.streamed or (self.partners is not None and self.partners.reader.streamed)

    @property
    def length(self) -> int | None:
        """How many rows iteration will yield, if that is known beforehand."""
        return None if self.dataset.gather else self.reader.count(self.limit)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield rows.

        Raises:
            DataError: the dataset is empty, lacks a column, holds a row that makes no sense (with its number), or
                is not the one that was pinned.
        """
        fingerprint = None if self.fingerprint else Fingerprint()
        number = -1
        for number, row in enumerate(self._fields()):
            if fingerprint:
                try:
                    fingerprint.add(row)
                except DataError as error:
                    raise DataError(f"dataset '{self.name}', row {number}: {error}") from error
            yield row
        if number < 0:
            raise DataError(f"dataset '{self.name}' is empty ({self.source}).")
        if fingerprint:
            self.fingerprint = fingerprint.hexdigest()
            if self.pinned and self.limit is None:
                refuse_changed_rows(self.name, self.pinned, number + 1, self.fingerprint)

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of all files that are read, as far as they are known."""
        partner = self.partners.reader.digests() if self.partners else {}
        return self.reader.digests() | partner

    def _fields(self) -> Iterator[dict[str, Any]]:
        if self.dataset.gather is None:
            return self._converted(self._joined(self.limit))
        return islice(self._converted(self.dataset.gather(self._joined(None))), self.limit)

    def _joined(self, limit: int | None) -> Iterator[dict[str, Any]]:
        rows = self.reader.read(limit)
        return self.partners.complete(rows) if self.partners else rows

    def _converted(self, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        convert, folder = self.dataset.convert, self.reader.folder
        for number, raw in enumerate(rows):
            row = self.columns.apply(raw)
            try:
                wrap_fields(row, folder, MEDIA_FIELDS.get)
                row = convert(row) if convert else row
            except (DataError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                reason = f"no column {error}" if isinstance(error, KeyError) else str(error)
                raise DataError(f"dataset '{self.name}', row {number}: {reason}.") from error
            row.setdefault("id", str(number))
            yield row


def open_dataset(
    dataset: Dataset, *, name: str, limit: int | None = None, options: Mapping[str, Any] | None = None
) -> Rows:
    """Open a dataset for evaluation.

    If ``datasets.lock`` pins it, it is read at the pinned revision, and a change of its files or rows is refused.

    Args:
        dataset: the catalogue's entry.
        name: what to call it in messages, e.g. ``"qa:squad"``.
        limit: use the first ``limit`` rows only.
        options: fill ``{option}`` in columns, config and split; ``split``, if not empty, replaces the split; a
            generator gets those that it takes by name.

    Raises:
        UsageError: the limit is not positive, or an option that the dataset needs has no value.
        DataError: the source cannot be read, or is not the one that was pinned.
    """
    options = options or {}
    pinned = find_pinned(read_lock(lock_path()), lock_name(dataset, name, options))
    rows = open_unpinned(dataset, name=name, limit=limit, options=options, pinned=pinned)
    if pinned:
        refuse_changed_files(name, pinned, rows.digests())
    return rows


def open_unpinned(
    dataset: Dataset, *, name: str, limit: int | None, options: Mapping[str, Any], pinned: Pinned | None = None
) -> Rows:
    """Open a dataset whatever ``datasets.lock`` says; ``pinned`` only gives a revision and the rows to compare.

    Raises:
        UsageError, DataError: as :func:`open_dataset`.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"the limit must be at least 1, not {limit}.")
    columns = Columns({field: fill(column, options, name) for field, column in dataset.columns.items()}, name)
    source = _open(dataset.source, name, None if dataset.gather else limit, options, pinned)
    partners = None
    if dataset.join:
        same = _repository(dataset.join.source) == _repository(dataset.source)
        second = _open(dataset.join.source, name, None, options, pinned if same else None)
        partners = Partners(dataset.join, second, name)
    return Rows(name, dataset, limit, source, columns, pinned, partners)


def lock_name(dataset: Dataset, name: str, options: Mapping[str, Any]) -> str:
    """Return what a dataset is called in ``datasets.lock``: its name and the options that choose its rows.

    A mirror may hold a part of what the Hub has, so what it holds is pinned under a name of its own.

    Raises:
        DataError: its generator cannot be imported, or ``MMBENCH_DATA_DIR`` names no folder.
    """
    chosen = placeholders(*dataset.columns.values())
    in_mirror = False
    for source in (dataset.source, dataset.join.source if dataset.join else None):
        if isinstance(source, Hub):
            chosen |= placeholders(source.config, source.split) | {"split"}
            in_mirror = in_mirror or mirror_folder(source) is not None
        elif isinstance(source, Embedded):
            chosen |= generator_options(source, name)
    told = [f"{key}={options[key]}" for key in sorted(chosen) if options.get(key) not in ("", None)]
    return " ".join([name, *told]) + (MIRROR if in_mirror else "")


def _repository(source: Source) -> str:
    return source.path if isinstance(source, Hub) else ""


def _open(
    source: Source, name: str, limit: int | None, options: Mapping[str, Any], pinned: Pinned | None
) -> Reader:
    match source:
        case Embedded():
            return EmbeddedReader(source, name, options)
        case Files(path):
            return FileReader(path)
        case Hub():
            from mmbench.data.hub import HubReader

            return HubReader(source, name, options, limit, pinned)


def open_shots(
    dataset: Dataset, *, name: str, limit: int | None = None, options: Mapping[str, Any] | None = None
) -> Rows:
    """Open the rows that few-shot examples are taken from: never those under test.

    Embedded datasets give their train stream; others what ``Dataset.shots`` says, at the revision that is tested.

    Raises:
        UsageError: the dataset declares no such rows, or ``options["split"]`` names them for the test itself.
        DataError: the source cannot be read.
    """
    options = dict(options or {})
    pinned = find_pinned(read_lock(lock_path()), lock_name(dataset, name, options))
    tested = options.pop("split", "")
    source = _like(dataset.shots, dataset.source, pinned)
    if source is None and isinstance(dataset.source, Embedded):
        source = replace(dataset.source, split="train")
    if source is None:
        raise UsageError(f"dataset '{name}' has no split for few-shot examples. Use --shots 0.")
    if _place(source) == _place(dataset.source, tested):
        where = f"'{source.path}'" if isinstance(source, Files) else f"split '{source.split}'"
        raise UsageError(f"dataset '{name}': few-shot examples come from {where}, so it cannot be tested too.")
    return open_dataset(
        replace(dataset, source=source), name=f"{name} (few-shot examples)", limit=limit, options=options
    )


def _place(source: Source, split: str = "") -> tuple[str, ...]:
    """Return what tells whether two sources hold the same rows, at any revision; ``split`` replaces their own."""
    match source:
        case Hub():
            return source.path, source.config or "default", split or source.split
        case Files():
            return (str(Path(source.path).expanduser().resolve()),)
        case Embedded():
            return source.generator, split or source.split


def _like(shots: Source | None, tested: Source, pinned: Pinned | None) -> Source | None:
    """Return where examples come from, at the revision of the tested rows if that is the same repository."""
    if not isinstance(shots, Hub) or not isinstance(tested, Hub) or shots.path != tested.path:
        return shots
    revision = shots.revision or tested.revision or (pinned.revision if pinned else None)
    return replace(shots, revision=revision)


def samples(task: Task, rows: Rows) -> Iterator[Sample]:
    """Yield ``task.sample(row)`` for every row.

    Raises:
        DataError: names the dataset and the row that the task cannot use.
    """
    for number, row in enumerate(rows):
        try:
            yield task.sample(row)
        except DataError as error:
            raise DataError(f"dataset '{rows.name}', row {number}: {error}") from error
