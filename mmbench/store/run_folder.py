"""Writing a run folder: manifest.json, results.json, samples.parquet and the media that a report shows."""

import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from mmbench.errors import MediaError, StoreError
from mmbench.schema import Audio, Image, Json, Message, Response, Sample, Text, Video, media_of
from mmbench.store.arrow import arrow_array, repeated
from mmbench.store.records import SAMPLES, SCHEMA_VERSION, Manifest, Result, Results, Spread

MANIFEST, RESULTS, SAMPLE_ROWS, MEDIA = "manifest.json", "results.json", "samples.parquet", "media"
MEDIA_BUDGET = 64 * 2**20
"""Bytes of distinct media that a run folder keeps for its report, first come first kept."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One sample with all that is known of it; a row of samples.parquet."""

    sample: Sample
    responses: Sequence[Response]
    prediction: str | None
    statistics: Mapping[str, Sequence[float]] = field(default_factory=dict)
    error: str | None = None


def utc_now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_atomic(path: Path, data: bytes) -> None:
    """Write under a temporary name, flush to disk, then rename: a reader never sees half a file.

    Raises:
        StoreError: the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> StoreError:
    """Explain why a file could not be written, and that answers in the response store are safe."""
    reason = error.strerror or str(error)
    return StoreError(
        f"cannot write {path}: {reason}. Make room or choose another place, and run the same command again: "
        "what is in the response store is not asked again."
    )


class RunFolder:
    """A run folder that is being written.

    Raises:
        StoreError: the folder cannot be made or written.
    """

    def __init__(self, parent: Path, model: str, identity: str) -> None:
        slug = re.sub(r"[^A-Za-z0-9._-]+", "-", model).strip("-.")[-40:] or "model"
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self.path = _fresh(parent, f"{stamp}-{slug}-{identity[:8]}")
        self._samples: pq.ParquetWriter | None = None
        self._kept: set[str] = set()
        self._room = MEDIA_BUDGET

    def write_manifest(self, manifest: Manifest) -> None:
        """Replace manifest.json."""
        write_atomic(self.path / MANIFEST, _pretty(manifest))

    def write_results(self, model: str, results: Iterable[Result], spreads: Iterable[Spread] = ()) -> None:
        """Replace results.json."""
        write_atomic(self.path / RESULTS, results_json(model, results, spreads))

    def add_samples(self, task: str, dataset: str, rows: Sequence[Answered]) -> None:
        """Append a window of samples, and keep their media while there is room."""
        table = pa.Table.from_arrays(_columns(task, dataset, rows), schema=SAMPLES)
        try:
            if self._samples is None:
                self._samples = pq.ParquetWriter(self._unfinished, SAMPLES, compression="zstd")
            self._samples.write_table(table)
            for row in rows:
                self._keep_media(row.sample)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def finish_samples(self) -> None:
        """Close samples.parquet and give it its name."""
        try:
            if self._samples is None:
                self._samples = pq.ParquetWriter(self._unfinished, SAMPLES)
            self._samples.close()
            self._unfinished.replace(self.path / SAMPLE_ROWS)
        except OSError as error:
            raise cannot_write(self.path / SAMPLE_ROWS, error) from error

    @property
    def _unfinished(self) -> Path:
        return self.path / f".{SAMPLE_ROWS}.tmp"

    def _keep_media(self, sample: Sample) -> None:
        for item in _files_of(sample):
            digest = _digest(item)
            if self._room <= 0 or not digest or digest in self._kept:
                continue
            data = item.read()
            self._kept.add(digest)
            self._room -= len(data)
            if self._room > 0:
                _write_media(self.path / MEDIA, digest, data)


def _files_of(sample: Sample) -> list[Image | Audio]:
    """Return a sample's pictures and sounds, and the frames of its videos."""
    parts = media_of(sample.messages)
    return [item for part in parts for item in (part.frames if isinstance(part, Video) else (part,))]


def _write_media(folder: Path, digest: str, data: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / digest).write_bytes(data)


def _digest(item: Image | Audio) -> str:
    """Name media by their bytes; "" if they cannot be read, which the sample's error tells."""
    try:
        return item.digest
    except MediaError:
        return ""


def media_digests(sample: Sample) -> list[str]:
    """Return the SHA-256 of each picture, sound and frame, in order; "" for one that cannot be read."""
    return [_digest(item) for item in _files_of(sample)]


def results_json(model: str, results: Iterable[Result], spreads: Iterable[Spread] = ()) -> bytes:
    """Return the content of results.json."""
    return _pretty(Results(SCHEMA_VERSION, model, list(results), list(spreads)))


def prompt_text(messages: Sequence[Message]) -> str:
    """Return a conversation as text to be read by people; media stand as ``<image>``, ``<audio>``, ``<video>``."""
    turns = []
    for turn in messages:
        parts = [
            part.text if isinstance(part, Text) else f"<{type(part).__name__.lower()}>" for part in turn.content
        ]
        turns.append("\n".join(parts) if len(messages) == 1 else f"[{turn.role}]\n" + "\n".join(parts))
    return "\n".join(turns)


def _fresh(parent: Path, name: str) -> Path:
    """Make a new folder; a second run within the same second gets a number."""
    for attempt in range(1, 1000):
        path = parent / (name if attempt == 1 else f"{name}-{attempt}")
        try:
            path.mkdir(parents=True)
            return path
        except FileExistsError as error:
            if not parent.is_dir():
                raise StoreError(f"cannot use {parent} as the output folder: it is a file.") from error
        except OSError as error:
            raise StoreError(
                f"cannot make the run folder in {parent}: {error.strerror}. Choose a writable folder with --out."
            ) from error
    raise StoreError(f"too many runs named {name} in {parent}.")


def _pretty(record: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def _columns(task: str, dataset: str, rows: Sequence[Answered]) -> list[pa.Array]:
    samples = [row.sample for row in rows]
    columns: dict[str, list[Any]] = {
        "id": [sample.id for sample in samples],
        "cluster": [sample.cluster for sample in samples],
        "slices": [sample.slices for sample in samples],
        "prompt": [prompt_text(sample.messages) for sample in samples],
        "media": [media_digests(sample) for sample in samples],
        "target": [_json(sample.target) for sample in samples],
        "answer": [sample.answer for sample in samples],
        "choices": [sample.choices for sample in samples],
        "info": [_json(dict(sample.info)) for sample in samples],
        "prediction": [row.prediction for row in rows],
        "responses": [row.responses for row in rows],
        "statistics": [row.statistics for row in rows],
        "error": [row.error for row in rows],
    }
    names = {"task": task, "dataset": dataset}
    return [
        repeated(names[column.name], len(rows), column.type)
        if column.name in names
        else arrow_array(columns[column.name], column.type)
        for column in SAMPLES
    ]


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()
