"""From what a row holds (bytes, a path, the struct of ``datasets``) to references to encoded media."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmbench.errors import DataError
from mmbench.schema import Audio, Image, Media

MEDIA_FIELDS: dict[str, type[Media]] = {"image": Image, "images": Image, "audio": Audio}
"""Task fields whose values are media, whatever the source."""


def as_media(kind: type[Media], value: Any, folder: Path | None) -> Any:
    """Wrap encoded media in ``kind``; None stays None, lists are wrapped item by item.

    Args:
        kind: ``Image`` or ``Audio``.
        value: bytes, a path (relative to ``folder``), ``{"bytes": ..., "path": ...}``, a ``Media``, or a list.
        folder: where relative paths start; None where a source has no folder.

    Raises:
        DataError: the value is none of these.
    """
    if value is None or isinstance(value, Media):
        return value
    if isinstance(value, list):
        return [as_media(kind, item, folder) for item in value]
    if isinstance(value, bytes):
        return kind(value)
    if isinstance(value, str):
        return kind(_resolve(value, folder), name=value)
    if isinstance(value, dict) and value.keys() == {"bytes", "path"}:
        path = value["path"] or ""
        if value["bytes"] is not None:
            return kind(value["bytes"], name=path)
        if path:
            return kind(_resolve(path, folder), name=path)
    what = kind.__name__.lower()
    raise DataError(f"expected an {what} (a path or bytes), found {type(value).__name__}")


def _resolve(path: str, folder: Path | None) -> Path:
    if "://" in path:
        raise DataError(f"'{path}' is a URL. Download the file and give its path")
    if folder is None and not Path(path).is_absolute():
        raise DataError(f"'{path}' is a file name without its file")
    return Path(path) if folder is None else folder / path


def wrap_fields(row: dict[str, Any], folder: Path | None, wanted: Callable[[str], type[Media] | None]) -> None:
    """Replace the media among a row's values by references, in place.

    Raises:
        DataError: names the field whose value is no media.
    """
    for field in row:
        kind = wanted(field)
        if kind is not None:
            try:
                row[field] = as_media(kind, row[field], folder)
            except DataError as error:
                raise DataError(f"column '{field}': {error}") from error
