"""A user's file as a dataset, its columns found by their usual names."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mmbench.data.files import FileReader
from mmbench.data.metadata import read_metadata
from mmbench.dataset import Column, Dataset, Files
from mmbench.errors import DataError

ENDINGS = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
_TEXT_ONLY = (".csv", ".tsv")
Convert = Callable[[dict[str, Any]], dict[str, Any]]
_NONE: Mapping[str, Column] = {}


def dataset_from_file(path: str, known: Mapping[str, Column] = _NONE) -> Dataset:
    """Return a dataset whose columns have the names of the task's fields, or usual other names of them.

    A Croissant record, ``datasets``' own record or a card beside the file tells licence and citation.

    Args:
        path: a jsonl, csv, tsv or parquet file.
        known: the task's ``known_columns``.

    Raises:
        DataError: there is no such file, it is of an unknown kind, or what is beside it cannot be read.
    """
    columns = usual_columns(known, columns_of(path))
    told = read_metadata(Path(path).expanduser().parent)
    return Dataset(
        Files(path),
        columns=columns,
        convert=completing(path, known, columns),
        license=told.license,
        citation=told.citation,
        notes=told.notes,
    )


def columns_of(path: str) -> tuple[str, ...]:
    """Return the columns of a file's first row; none if it has no rows.

    Raises:
        DataError: it cannot be read.
    """
    return tuple(next(iter(FileReader(path).read(1)), {}))


def usual_columns(known: Mapping[str, Column], there: Iterable[str]) -> dict[str, str]:
    """Return field -> column for the fields that a file has under another name than their own.

    >>> usual_columns({"answers": Column(("answer", "label")), "image": Column()}, ["image", "label"])
    {'answers': 'label'}
    """
    free = set(there) - known.keys()
    found = {}
    for field, column in known.items():
        if field not in there and (name := next((name for name in column.names if name in free), "")):
            found[field] = name
            free.discard(name)
    return found


def fitting(known: Mapping[str, Column], there: Iterable[str]) -> int:
    """Return how many of a task's required fields a file has, 0 if it lacks one."""
    has = {*there, *usual_columns(known, there)}
    required = [field for field, column in known.items() if column.required]
    return len(required) if has.issuperset(required) else 0


def completing(path: str, known: Mapping[str, Column], columns: Mapping[str, str]) -> Convert | None:
    """Return what completes the rows of a file; None where nothing needs it.

    In a text file, lists stand as JSON (``["red", "blue"]``). A field without a column may be all values of one.

    Args:
        path: the file.
        known: the task's ``known_columns``.
        columns: field -> column, for fields whose column has another name.
    """
    text_only = Path(path).suffix.lower() in _TEXT_ONLY
    many = [field for field, column in known.items() if column.many and text_only]
    there = {*columns_of(path), *columns}
    missing = [(field, column.values_of) for field, column in known.items() if field not in there]
    values = [(field, of) for field, of in missing if of in there]
    if not many and not values:
        return None

    @cache
    def constants() -> dict[str, Any]:
        return {field: _values(path, columns.get(of, of)) for field, of in values}

    def convert(row: dict[str, Any]) -> dict[str, Any]:
        lists = {field: _list(row[field], field) for field in many if _is_list(row.get(field))}
        return constants() | row | lists

    return convert


def _values(path: str, column: str) -> list[str]:
    """Return all values of a column, sorted."""
    return sorted({str(row[column]) for row in FileReader(path).read(None) if row.get(column) is not None})


def _is_list(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith("[")


def _list(text: str, field: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"column '{field}': {text!r} begins like a list but is no JSON: {error}") from error
