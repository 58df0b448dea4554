"""One SHA-256 over rows as an evaluation sees them, the same on every machine."""

import hashlib
from typing import Any

import msgspec

from mmbench.errors import DataError, MediaError
from mmbench.schema import Media

_SIMPLE = frozenset({str, int, float, bool, type(None)})


def _refuse(value: Any) -> Any:
    raise DataError(f"holds a value of type {type(value).__name__}, which is neither JSON nor media")


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=_refuse)


def _plain(value: Any) -> Any:
    """Replace media by their digests, wherever they are."""
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, Media):
        return {"media": type(value).__name__.lower(), "sha256": _digest(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _digest(media: Media) -> str | None:
    """Return the digest, None if the file cannot be read: the sample that needs it will fail, not all of them."""
    try:
        return media.digest
    except MediaError:
        return None


class Fingerprint:
    """Takes in rows one by one: canonical JSON (sorted keys, UTF-8), media by the digest of their bytes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, row: dict[str, Any]) -> None:
        """Take in a row.

        Raises:
            DataError: a value is neither JSON nor media.
        """
        self._hash.update(_encoder.encode(_plain(row)))
        self._hash.update(b"\n")

    def hexdigest(self) -> str:
        """Return the digest of all rows so far, 64 hexadecimal digits."""
        return self._hash.hexdigest()
