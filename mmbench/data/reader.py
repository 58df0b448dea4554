"""What every kind of source offers, and how the rows of two of them come together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from mmbench.dataset import Join
from mmbench.errors import DataError


class Reader(Protocol):
    """Raw rows of one source."""

    @property
    def source(self) -> str:
        """What is read, without paths of this machine."""
        ...

    @property
    def folder(self) -> Path | None:
        """Where media paths in rows start."""
        ...

    @property
    def revision(self) -> str | None:
        """The commit on the Hub that is read; None for other sources."""
        ...

    @property
    def streamed(self) -> bool:
        """Whether rows come over the network as they are read, so that no file is compared with its checksum."""
        ...

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of the files that are read, as far as they are known."""
        ...

    def count(self, limit: int | None) -> int | None:
        """Return how many rows :meth:`read` yields, if that is known beforehand."""
        ...

    def read(self, limit: int | None) -> Iterator[dict[str, Any]]:
        """Yield rows from the first one on."""
        ...


class Partners:
    """The second table of a join, read when the first row asks for it."""

    def __init__(self, join: Join, reader: Reader, name: str) -> None:
        self.reader = reader
        self._join, self._name = join, name
        self._table: dict[Any, dict[str, Any]] | None = None

    def complete(self, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Add the partner's columns to each row.

        Raises:
            DataError: a row has no partner, or one of the tables lacks a column.
        """
        if self._table is None:
            self._table = self._read()
        for number, row in enumerate(rows):
            partner = self._table.get(row.get(self._join.key))
            if partner is None:
                missing = f"{self._join.key}={row.get(self._join.key)!r}"
                where = f"the second table ({self.reader.source})"
                raise DataError(f"dataset '{self._name}', row {number}: {missing} is not in {where}.")
            yield row | partner

    def _read(self) -> dict[Any, dict[str, Any]]:
        join = self._join
        try:
            return {
                row[join.other]: {column: row[other] for column, other in join.columns.items()}
                for row in self.reader.read(None)
            }
        except KeyError as error:
            raise DataError(
                f"dataset '{self._name}': the second table ({self.reader.source}) has no column {error}."
            ) from error
