"""From a source's columns to a task's fields."""

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from mmbench.errors import DataError, UsageError, did_you_mean


class _MissingColumnError(Exception):
    """A column, or a part of a dotted path, that a row does not have."""

    def __init__(self, column: str, there: Iterable[str]) -> None:
        super().__init__(column)
        self.column = column
        self.there = tuple(there)


def fill(text: str, options: Mapping[str, Any], where: str) -> str:
    """Put the values of options in place of ``{option}``.

    >>> fill("xquad.{language}", {"language": "de"}, "qa:xquad")
    'xquad.de'

    Raises:
        UsageError: there is no option of that name, or it is empty.
    """
    if "{" not in text:
        return text
    try:
        return text.format_map({key: value for key, value in options.items() if value not in ("", None)})
    except (KeyError, ValueError, IndexError) as error:
        raise UsageError(f"dataset '{where}' needs a value for option {error} (in '{text}').") from error


def placeholders(*texts: str | None) -> set[str]:
    """Return the names of the options in ``{option}`` placeholders.

    >>> sorted(placeholders("{src}", None, "x.{language}"))
    ['language', 'src']
    """
    return {name for text in texts if text for _, name, _, _ in Formatter().parse(text) if name}


class Columns:
    """A compiled mapping ``field -> column``; dots reach into structures and map over lists."""

    def __init__(self, mapping: Mapping[str, str], name: str) -> None:
        """Compile ``mapping`` (placeholders already filled) for the dataset ``name``."""
        self._name = name
        self.mapping = dict(mapping)
        roots = {column.split(".")[0] for column in mapping.values()} | set(mapping.values())
        self._consumed = roots - set(mapping)

    def apply(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the row with the task's field names; columns that became a field of another name are dropped.

        Raises:
            DataError: a column is missing; names it, the columns that are there and the likely one.
        """
        if not self.mapping:
            return row
        try:
            found = {field: _pick(row, column) for field, column in self.mapping.items()}
        except _MissingColumnError as error:
            hint = did_you_mean(error.column, error.there)
            there = ", ".join(error.there)
            known = "" if hint.startswith(" Known") else f" It has: {there}."
            raise DataError(f"dataset '{self._name}' has no column '{error.column}'.{hint}{known}") from error
        rest = {key: value for key, value in row.items() if key not in self._consumed}
        return rest | found


def _pick(row: dict[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    first, *rest = column.split(".")
    if first not in row:
        raise _MissingColumnError(first if rest else column, row)
    value = row[first]
    for step in rest:
        value = _step(value, step, column)
    return value


def _step(value: Any, name: str, column: str) -> Any:
    if isinstance(value, list):
        return [_step(item, name, column) for item in value]
    if not isinstance(value, dict) or name not in value:
        raise _MissingColumnError(column, value if isinstance(value, dict) else ())
    return value[name]
