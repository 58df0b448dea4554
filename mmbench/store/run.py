"""Reading a run folder."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from mmbench.errors import StoreError
from mmbench.store.records import SAMPLES, SCHEMA_VERSION, Manifest, Result, Results, Spread
from mmbench.store.run_folder import MANIFEST, MEDIA, RESULTS, SAMPLE_ROWS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


T = TypeVar("T")


class Run:
    """A run folder, read as far as asked.

    Raises:
        StoreError: the folder is no run folder, or a file in it cannot be read.
    """

    keeps_answers = True
    """Whether targets and answers are there, so that they can be scored again."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        if not (self.path / MANIFEST).is_file():
            raise StoreError(f"{self.path} is not a run folder: it has no {MANIFEST}.")

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @cached_property
    def manifest(self) -> Manifest:
        """The record from which the run can be repeated."""
        return of_this_version(self._decode(MANIFEST, Manifest), self.path / MANIFEST)

    @cached_property
    def entries(self) -> list[Result]:
        """All results, typed; :attr:`results` is the same as a table."""
        return self._decode(RESULTS, Results).results

    @cached_property
    def spreads(self) -> list[Spread]:
        """How values spread over wordings of the prompts; empty unless the run asked in several."""
        return self._decode(RESULTS, Results).spreads

    @property
    def results(self) -> "pd.DataFrame":
        """All results: one row a (task, dataset, metric, slice)."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for entry in self.entries:
            row = msgspec.structs.asdict(entry)
            interval = row.pop("interval")
            row.update(
                low=interval.low if interval else None,
                high=interval.high if interval else None,
                level=interval.level if interval else None,
                method=interval.method if interval else None,
            )
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def samples(self) -> "pd.DataFrame":
        """All samples with prompts, answers and statistics; see ``mmbench.store.records.SAMPLES``."""
        import pandas as pd

        frames = [batch.to_pandas() for batch in self.sample_batches()]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def sample_batches(self, columns: list[str] | None = None, size: int = 4096) -> Iterator["pa.RecordBatch"]:
        """Yield samples.parquet in batches, in constant memory.

        Raises:
            StoreError: it cannot be read, or has not the columns that are wanted.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path / SAMPLE_ROWS
        try:
            with pq.ParquetFile(path) as file:
                there = {field.name: field.type for field in file.schema_arrow}
                for name in columns or SAMPLES.names:
                    if there.get(name) != SAMPLES.field(name).type:
                        raise StoreError(f"{path} has no column '{name}' as runs of this version have it.")
                yield from file.iter_batches(batch_size=size, columns=columns)
        except (OSError, pa.ArrowInvalid) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise StoreError(f"cannot read {path}: {reason}. Did the run finish?") from error

    def media(self, digest: str) -> bytes | None:
        """Return the encoded bytes of a picture or sound, if the run folder kept it."""
        path = self.path / MEDIA / digest
        return path.read_bytes() if path.is_file() else None

    def _decode(self, name: str, kind: type[T]) -> T:
        path = self.path / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except OSError as error:
            raise StoreError(f"cannot read {path}: {error.strerror}. Did the run finish?") from error
        except msgspec.MsgspecError as error:
            raise StoreError(f"{path} does not follow its schema: {error}.") from error


def of_this_version(manifest: Manifest, path: Path) -> Manifest:
    """Return a manifest that was read from ``path``.

    Raises:
        StoreError: it was written by an mmbench whose records are others.
    """
    if manifest.schema_version != SCHEMA_VERSION:
        raise StoreError(
            f"{path} has schema version {manifest.schema_version}; this mmbench reads {SCHEMA_VERSION}."
        )
    return manifest


def load_run(path: Path | str) -> Run:
    """Open a run folder.

    Raises:
        StoreError: it is no run folder.
    """
    return Run(path)
