"""What a careful user does before trusting a dataset: look at it, pin it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from mmbench.data.lock import (
    NAME,
    Pinned,
    find_pinned,
    lock_path,
    read_lock,
    refuse_changed_files,
    refuse_changed_rows,
    write_lock,
)
from mmbench.data.metadata import Metadata, read_metadata
from mmbench.data.reader import Reader
from mmbench.data.rows import Rows, lock_name, open_unpinned, samples
from mmbench.dataset import Dataset
from mmbench.errors import DataError
from mmbench.schema import Image, Media, Message, Sample, Text
from mmbench.task import Task

_WIDTH = 80
_NON_COMMERCIAL = re.compile(r"non-?\s?commercial|\bnc\b", re.IGNORECASE)


@dataclass(frozen=True)
class Check:
    """What :func:`check` found.

    Attributes:
        name: the dataset's name in ``datasets.lock``.
        found: what there is now; as much as would be pinned.
        pinned: what was pinned; None if nothing was.
        difference: how both differ; "" if they do not, or nothing is pinned.
        described: what the dataset's own folder or repository says about it.
        split: the split that was read; "" where there is none.
        columns: the source's columns as they came, with a sign of their type and the task's field, if any.
        first: the first rows as the task's fields, long values cut.
        prompts: the first samples as a model sees them, as text, with the right answer.
    """

    name: str
    found: Pinned
    pinned: Pinned | None
    difference: str
    described: Metadata
    split: str
    columns: list[tuple[str, str, str]]
    first: list[dict[str, str]]
    prompts: list[str]


def pin(dataset: Dataset, name: str, options: Mapping[str, Any], path: Path | None = None) -> tuple[str, Pinned]:
    """Read all of a dataset and write what it is into the lock; return its name there, and that.

    Args:
        dataset: the catalogue's entry.
        name: its name, e.g. ``"qa:squad"``.
        options: the task's options, as for :func:`mmbench.data.open_dataset`.
        path: the lock; default: the one in use, else ``datasets.lock`` here.

    Raises:
        DataError: the dataset cannot be read.
        StoreError: the lock cannot be written.
    """
    rows = open_unpinned(dataset, name=name, limit=None, options=options)
    label, found = lock_name(dataset, name, options), _measured(rows, sum(1 for _ in rows))
    write_lock(path or lock_path() or Path(NAME), {label: found})
    return label, found


def check(task: Task, dataset: Dataset, name: str, options: Mapping[str, Any], show: int = 3) -> Check:
    """Read all of a dataset through its task, and tell what it is and whether it is what was pinned.

    Raises:
        DataError: the dataset cannot be read, lacks a column, or the task cannot use a row.
    """
    rows = open_unpinned(dataset, name=name, limit=None, options=options)
    label = lock_name(dataset, name, options)
    raw = next(iter(rows.reader.read(1)), {})
    fields = {column: field for field, column in rows.columns.mapping.items()}
    first = [
        {field: _cut(value) for field, value in row.items()}
        for row in islice(open_unpinned(dataset, name=name, limit=show, options=options), show)
    ]
    seen = list(islice(samples(task, rows), show))
    found = _measured(rows, sum(1 for _ in samples(task, rows)))
    pinned = find_pinned(read_lock(lock_path()), label)
    return Check(
        name=label,
        found=found,
        pinned=pinned,
        difference=_difference(name, pinned, found),
        described=_metadata(rows.reader),
        split=getattr(rows.reader, "split", ""),
        columns=[(column, _type(value), _field_of(column, fields)) for column, value in raw.items()],
        first=first,
        prompts=[transcript(sample) for sample in seen],
    )


def transcript(sample: Sample) -> str:
    """Return a sample's conversation and right answer as text; media as ``[image 4 x 3, 1f2e3d...]``."""
    turns = [f"{turn.role}: {_content(turn)}" for turn in sample.messages]
    return "\n".join([*turns, f"=> {_cut(sample.answer)}"])


def license_notice(dataset: Dataset, name: str) -> str:
    """Return what a user must be told about a licence before a run; "" if nothing.

    Known are the word "non-commercial" and the NC of Creative Commons' licences.

    >>> from mmbench.dataset import Files
    >>> license_notice(Dataset(Files("x.csv"), license="CC BY-NC 4.0 (non-commercial)"), "t:x")
    "the licence of 't:x' limits commercial use: CC BY-NC 4.0 (non-commercial)"
    """
    if not _NON_COMMERCIAL.search(dataset.license):
        return ""
    return f"the licence of '{name}' limits commercial use: {dataset.license}"


def _metadata(reader: Reader) -> Metadata:
    if hasattr(reader, "metadata"):
        return cast(Metadata, reader.metadata())
    return read_metadata(reader.folder) if reader.folder else Metadata()


def _measured(rows: Rows, count: int) -> Pinned:
    """Describe rows that have been iterated to the end."""
    assert rows.fingerprint is not None
    return Pinned(
        source=rows.source,
        revision=rows.revision,
        files=rows.digests(),
        rows=count,
        fingerprint=rows.fingerprint,
    )


def _difference(name: str, pinned: Pinned | None, found: Pinned) -> str:
    if pinned is None:
        return ""
    try:
        refuse_changed_files(name, pinned, found.files)
        refuse_changed_rows(name, pinned, found.rows, found.fingerprint)
    except DataError as error:
        return str(error)
    return ""


def _content(turn: Message) -> str:
    return "\n".join(part.text if isinstance(part, Text) else _shown(part) for part in turn.content)


def _shown(value: Any) -> str:
    """Name media by what they are, their size and the start of their SHA-256."""
    if isinstance(value, Image):
        picture = value.open()
        return f"[image {picture.width} x {picture.height}, {value.digest[:12]}]"
    if isinstance(value, Media):
        return f"[{type(value).__name__.lower()} of {len(value.read()):,} bytes, {value.digest[:12]}]"
    return f"[{type(value).__name__.lower()}]"


def _cut(value: Any) -> str:
    text = _shown(value) if isinstance(value, Media) else value if isinstance(value, str) else repr(value)
    text = text.replace("\n", "\\n")
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _type(value: Any) -> str:
    if isinstance(value, list):
        return f"list of {_type(value[0])}" if value else "list"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_type(item)}" for key, item in value.items()) + "}"
    return type(value).__name__.lower()


def _field_of(column: str, fields: Mapping[str, str]) -> str:
    return next((field for source, field in fields.items() if source.split(".")[0] == column), "")
