"""The response store: every answer, by its address, committed as soon as its batch returns.

One SQLite file in write-ahead mode. A process killed at any moment loses at most the batch in flight.
Values carry a checksum; one that does not match is a miss, never a wrong answer.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from mmbench.errors import StoreError
from mmbench.schema import Response

_SCHEMA_VERSION = 1
_PAGES_AHEAD = 10_000  # 40 MB of write-ahead log
WAIT = 60.0
"""Seconds that another program may hold the file for itself."""
_LOOKUP = 500  # keys in one SELECT; SQLite allows 999 variables in old builds

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Response).decode


class Store(Protocol):
    """Where answers are kept."""

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Response]:
        """Return the answers that are there."""
        ...

    def put(self, answers: Sequence[tuple[bytes, Response]]) -> None:
        """Keep answers for good; errors are never kept, so that they are asked again."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class NoStore:
    """Keeps nothing (``--cache off``)."""

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Response]:  # noqa: ARG002
        """Return nothing."""
        return {}

    def put(self, answers: Sequence[tuple[bytes, Response]]) -> None:
        """Drop the answers."""

    def close(self) -> None:
        """Do nothing."""


class SQLiteStore:
    """Answers in one SQLite file, which several processes may share.

    Raises:
        StoreError: the file is no response store, or its folder cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            # NORMAL: a killed process loses nothing; only a power cut may lose the last commits, never corrupt.
            self._db.execute("PRAGMA synchronous=NORMAL")
            # Answers lie in random order, so a batch touches many pages: bring them home together, and seldom.
            self._db.execute(f"PRAGMA wal_autocheckpoint={_PAGES_AHEAD}")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _SCHEMA_VERSION):
                raise StoreError(
                    f"response store {path} has format {version}; this mmbench reads {_SCHEMA_VERSION}"
                )
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS responses (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
            )
            self._db.execute(f"PRAGMA user_version={_SCHEMA_VERSION}")
        except (sqlite3.Error, OSError) as error:
            raise self._explain("open", error) from error

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Response]:
        """Return the answers that are there; a value whose checksum fails counts as absent."""
        wanted = list(keys)
        found: dict[bytes, Response] = {}
        try:
            for start in range(0, len(wanted), _LOOKUP):
                part = wanted[start : start + _LOOKUP]
                marks = ",".join("?" * len(part))
                rows = self._db.execute(f"SELECT key, value FROM responses WHERE key IN ({marks})", part)
                for key, value in rows:
                    if zlib.crc32(value[4:]).to_bytes(4, "little") == value[:4]:
                        found[key] = _decode(value[4:])
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise self._explain("read", error) from error
        return found

    def put(self, answers: Sequence[tuple[bytes, Response]]) -> None:
        """Commit answers in one transaction.

        Raises:
            StoreError: the disk is full, or the file cannot be written.
        """
        rows = [(key, _pack(answer)) for key, answer in answers if answer.error is None]
        if not rows:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO responses VALUES (?, ?)", rows)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise self._explain("write", error) from error

    def close(self) -> None:
        """Close the file; pending write-ahead pages are merged into it."""
        self._db.close()

    def _explain(self, what: str, error: Exception) -> StoreError:
        text = str(error)
        if "full" in text:
            text += ". Free some space and run the same command again: everything answered so far is kept"
        elif "not a database" in text or "malformed" in text:
            text += ". Move it away, or name another file with --cache"
        elif "locked" in text:
            text += f": another program has held it for {WAIT:g} s. Wait for it, or name another file with --cache"
        elif what == "open":
            text += ". Choose a writable folder with --out, or another file with --cache"
        return StoreError(f"cannot {what} response store {self.path}: {text}.")


def _pack(answer: Response) -> bytes:
    body = _encode(answer)
    return zlib.crc32(body).to_bytes(4, "little") + body
