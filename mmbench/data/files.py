"""Rows of local files, streamed in constant memory: jsonl, csv, tsv and parquet."""

import csv
import sys
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from mmbench.data.download import file_digest
from mmbench.errors import DataError

_PARQUET_BATCH = 64


class FileReader:
    """Reads one file; ``folder`` is where the media paths in it start."""

    revision: str | None = None
    streamed = False

    def __init__(self, path: str) -> None:
        """Check that the file is there and of a kind that can be read.

        Raises:
            DataError: it is not.
        """
        self._path = Path(path).expanduser()
        self._kind = _KINDS.get(self._path.suffix.lower())
        if self._kind is None:
            raise DataError(f"cannot read '{path}': the ending must be one of {', '.join(_KINDS)}.")
        if not self._path.is_file():
            raise DataError(f"there is no file '{path}'. Is the path right?")
        self.folder = self._path.parent
        self.source = f"file:{self._path.name}"

    def count(self, limit: int | None) -> int | None:
        """Return how many rows :meth:`read` yields, where it can be told without parsing the file."""
        return at_most(self._length, limit)

    @cached_property
    def _length(self) -> int | None:
        with _Readable(self._path):
            return rows_in(self._path)

    def digests(self) -> dict[str, str]:
        """Return the file's SHA-256 under its name."""
        with _Readable(self._path):
            return {self._path.name: file_digest(self._path)}

    def read(self, limit: int | None) -> Iterator[dict[str, Any]]:
        """Yield the first ``limit`` rows.

        Raises:
            DataError: names the line that is broken.
        """
        assert self._kind is not None
        with _Readable(self._path):
            yield from islice(self._kind(self._path), limit)


def at_most(length: int | None, limit: int | None) -> int | None:
    """Return the smaller of both; None if the length is unknown.

    >>> at_most(5, 3), at_most(5, None), at_most(None, 3)
    (3, 5, None)
    """
    return length if length is None or limit is None else min(length, limit)


def rows_in(path: Path) -> int | None:
    """Return the number of rows of a jsonl or Parquet file; None for other kinds, which must be parsed."""
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet

        return int(pyarrow.parquet.read_metadata(path).num_rows)
    if _KINDS.get(path.suffix.lower()) is _jsonl:
        with path.open("rb") as file:
            return sum(1 for line in file if not line.isspace())
    return None


class _Readable:
    """Turns what goes wrong while reading a file into one line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | UnicodeDecodeError | csv.Error) or _is_arrow(error):
            reason = getattr(error, "strerror", None) or str(error).split("\n")[0].rstrip(".")
            if isinstance(error, UnicodeDecodeError):
                reason = f"it is not UTF-8 ({reason})"
            raise DataError(f"cannot read '{self._path}': {reason}. Mend or replace the file.") from error


def _is_arrow(error: BaseException | None) -> bool:
    if error is None or "pyarrow" not in sys.modules:
        return False
    import pyarrow

    return isinstance(error, pyarrow.ArrowException)


def _jsonl(path: Path) -> Iterator[dict[str, Any]]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.isspace():
                continue
            try:
                yield decode(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            except msgspec.DecodeError as error:
                raise DataError(f"'{path}' line {number} is no JSON object: {error}.") from error


def _csv(path: Path, delimiter: str = ",") -> Iterator[dict[str, Any]]:
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter=delimiter, strict=True)
        names = reader.fieldnames or ()
        if twins := sorted({name for name in names if names.count(name) > 1}):
            raise DataError(f"'{path}' has two columns '{twins[0]}'. Rename or drop one.")
        for row in reader:
            if None in row or None in row.values():
                raise DataError(
                    f"'{path}' line {reader.line_num} does not have {len(names)} fields like the header."
                )
            yield row


def _tsv(path: Path) -> Iterator[dict[str, Any]]:
    return _csv(path, "\t")


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(batch_size=_PARQUET_BATCH):
            yield from batch.to_pylist()


_KINDS = {".jsonl": _jsonl, ".ndjson": _jsonl, ".csv": _csv, ".tsv": _tsv, ".parquet": _parquet}
