"""``datasets.lock``: what a dataset was when it was pinned, so that a silent change is noticed and refused.

The file is looked for in the working directory, or where ``MMBENCH_LOCK`` says; ``MMBENCH_LOCK=off`` uses none.
Nothing in it is ever guessed: every digest was computed from bytes that were read, or stated by the Hub for the
revision that was read.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from mmbench.errors import DataError, StoreError

NAME = "datasets.lock"
MIRROR = " @mirror"
"""Ends the names of entries that were read from a mirror."""

_VERSION = 1


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """One dataset as it was pinned.

    Attributes:
        source: what was read: ``hub:...``, ``mirror:...``, ``file:...`` or ``embedded:...``.
        revision: the commit on the Hub; None for other sources.
        files: the SHA-256 of each file of the split, by its path in the repository.
        rows: how many rows an evaluation sees.
        fingerprint: SHA-256 over these rows, see :mod:`mmbench.data.fingerprint`.
    """

    source: str
    revision: str | None
    files: dict[str, str]
    rows: int
    fingerprint: str


class _Lock(msgspec.Struct, kw_only=True):
    """The whole file."""

    version: int
    datasets: dict[str, Pinned]


def lock_path() -> Path | None:
    """Return where the lock is; None if there is none or it is off."""
    named = os.environ.get("MMBENCH_LOCK", "")
    if named == "off":
        return None
    if named:
        return Path(named)
    return Path(NAME) if Path(NAME).is_file() else None


def read_lock(path: Path | None) -> dict[str, Pinned]:
    """Return the pinned datasets by name; none if there is no file.

    Raises:
        DataError: the file is no lock.
    """
    if path is None or not path.exists():
        return {}
    try:
        lock = msgspec.json.decode(path.read_bytes(), type=_Lock)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"cannot read {path}: {error}. Restore it, or delete it and pin again.") from error
    if lock.version != _VERSION:
        raise DataError(
            f"{path} has version {lock.version}, this mmbench knows {_VERSION}. Upgrade, or pin again."
        )
    return lock.datasets


def find_pinned(entries: Mapping[str, Pinned], name: str) -> Pinned | None:
    """Return the entry of a name; a mirror without an entry of its own must be what the Hub was."""
    return entries.get(name) or entries.get(name.removesuffix(MIRROR))


def write_lock(path: Path, entries: Mapping[str, Pinned]) -> None:
    """Add entries to a lock, in place of those of the same name; the file is replaced in one step.

    Raises:
        StoreError: it cannot be written.
        DataError: what is there is no lock.
    """
    together = dict(sorted((read_lock(path) | dict(entries)).items()))
    body = msgspec.json.format(msgspec.json.encode(_Lock(version=_VERSION, datasets=together)), indent=2)
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_bytes(body + b"\n")
        temporary.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}. Choose another place.") from error


def refuse_changed_files(name: str, pinned: Pinned, files: Mapping[str, str]) -> None:
    """Compare the files that are there with those that were pinned; nothing is compared where either is unknown.

    Raises:
        DataError: they differ; names the first differences.
    """
    if pinned.files and files and dict(files) != pinned.files:
        raise _changed(name, "; ".join(_differences(pinned.files, files)))


def refuse_changed_rows(name: str, pinned: Pinned, rows: int, fingerprint: str) -> None:
    """Compare all rows of a dataset with those that were pinned.

    Raises:
        DataError: they differ.
    """
    if rows != pinned.rows:
        raise _changed(name, f"{pinned.rows} rows then, {rows} now")
    if fingerprint != pinned.fingerprint:
        raise _changed(
            name, f"as many rows, but not the same (fingerprint {_short(pinned.fingerprint, fingerprint)})"
        )


def _changed(name: str, difference: str) -> DataError:
    return DataError(
        f"dataset '{name}' is not the one that {lock_path() or NAME} pinned: {difference}. "
        f"If the change is wanted: mmbench data pin {name.split()[0]}"
    )


def _differences(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    told = 0
    for path in sorted(then.keys() | now.keys()):
        if then.get(path) == now.get(path):
            continue
        if told == 3:
            yield "and more"
            return
        told += 1
        if path not in now:
            yield f"{path} is gone"
        elif path not in then:
            yield f"{path} is new"
        else:
            yield f"{path} changed (sha256 {_short(then[path], now[path])})"


def _short(then: str, now: str) -> str:
    return f"{then[:12]} then, {now[:12]} now"
