"""One SHA-256 over rows as an evaluation sees them, the same on every machine."""

import hashlib
from typing import Any

import msgspec

from mmbench.errors import DataError, MediaError
from mmbench.schema import Media


def _plain(value: Any) -> Any:
    if isinstance(value, Media):
        return {"media": type(value).__name__.lower(), "sha256": _digest(value)}
    raise DataError(f"holds a value of type {type(value).__name__}, which is neither JSON nor media")


def _digest(media: Media) -> str | None:
    """Return the digest, None if the file cannot be read: the sample that needs it will fail, not all of them."""
    try:
        return media.digest
    except MediaError:
        return None


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=_plain)


class Fingerprint:
    """Takes in rows one by one: canonical JSON (sorted keys, UTF-8), media by the digest of their bytes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, row: dict[str, Any]) -> None:
        """Take in a row.

        Raises:
            DataError: a value is neither JSON nor media.
        """
        self._hash.update(_encoder.encode(row))
        self._hash.update(b"\n")

    def hexdigest(self) -> str:
        """Return the digest of all rows so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()
