"""Typed access to the fields of a row; what does not fit is told by name."""

from collections.abc import Mapping
from typing import Any, TypeVar

from mmbench.errors import DataError, did_you_mean
from mmbench.schema import Json, Media

Row = Mapping[str, Any]
M = TypeVar("M", bound=Media)


def text(row: Row, field: str) -> str:
    """Return a field that must be a string.

    Raises:
        DataError: it is missing or something else.
    """
    value = _present(row, field)
    if not isinstance(value, str):
        raise _wrong(field, "a string", value)
    return value


def texts(row: Row, field: str) -> list[str]:
    """Return a field that must be a list of strings; one string is a list of one, null is an empty list.

    Raises:
        DataError: it is missing or something else.
    """
    value = _present(row, field)
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _wrong(field, "a string or a list of strings", value)
    return list(value)


def some_texts(row: Row, field: str) -> list[str]:
    """Return :func:`texts` that must not be empty.

    Raises:
        DataError: it is empty, missing or something else.
    """
    found = texts(row, field)
    if not found:
        raise _wrong(field, "at least one string", row[field])
    return found


def identifier(row: Row) -> str:
    """Return the row's ``id`` as a string.

    Raises:
        DataError: it is missing, or neither a string nor a whole number.
    """
    value = _present(row, "id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong("id", "a string or a whole number", value)
    return str(value)


def media(row: Row, field: str, kind: type[M]) -> M:
    """Return a field that must be an ``Image`` or ``Audio``.

    Raises:
        DataError: it is missing or something else.
    """
    value = _present(row, field)
    if not isinstance(value, kind):
        raise _wrong(field, f"an {kind.__name__.lower()} (a path or bytes)", value)
    return value


def label(row: Row, field: str) -> str:
    """Return an optional field as a string for a slice or a cluster, "" where it is not there."""
    value = row.get(field)
    return "" if value is None else str(value)


def facts(row: Row, *fields: str) -> dict[str, Json]:
    """Return those of ``fields`` that the row has, as they are."""
    return {field: row[field] for field in fields if row.get(field) is not None}


def _present(row: Row, field: str) -> Any:
    if field not in row:
        raise DataError(f"no field '{field}'.{did_you_mean(field, row)}")
    return row[field]


def _wrong(field: str, expected: str, value: Any) -> DataError:
    shown = repr(value)
    return DataError(
        f"field '{field}' must be {expected}, not {shown if len(shown) <= 60 else shown[:57] + '...'}"
    )
