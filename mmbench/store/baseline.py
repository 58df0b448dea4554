"""Baselines as files: what comparisons and gates need of a run, small enough for a git repository.

One Parquet file holds a row a sample with its id, cluster, slices, additive statistics and latency, but no
prompts, targets or answers; manifest and results are in its metadata, with a SHA-256 over everything, which is
checked when the file is read.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mmbench.errors import StoreError
from mmbench.store.records import Manifest, Result, Results, Spread
from mmbench.store.run import Run, of_this_version
from mmbench.store.run_folder import cannot_write, results_json, write_atomic

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIX = ".mmbench.parquet"
_COLUMNS = ["task", "dataset", "id", "cluster", "slices", "statistics", "responses", "error"]
_MANIFEST, _RESULTS, _SIGNATURE = b"mmbench.manifest", b"mmbench.results", b"mmbench.sha256"


class BaselineFile(Run):
    """A baseline file, read like a run folder that has neither prompts nor answers.

    Raises:
        StoreError: it is no baseline file, or its content is not what was signed.
    """

    keeps_answers = False

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._table, self._facts = _read(self.path)

    @property
    def signature(self) -> str:
        """SHA-256 over manifest, results and all rows, in hexadecimal."""
        return self._facts[_SIGNATURE].decode()

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest of the run that was saved."""
        return of_this_version(msgspec.json.decode(self._facts[_MANIFEST], type=Manifest), self.path)

    @cached_property
    def entries(self) -> list[Result]:
        """The results of the run that was saved."""
        return msgspec.json.decode(self._facts[_RESULTS], type=Results).results

    @cached_property
    def spreads(self) -> list[Spread]:
        """How values of the run spread over wordings of the prompts."""
        return msgspec.json.decode(self._facts[_RESULTS], type=Results).spreads

    def sample_batches(self, columns: list[str] | None = None, size: int = 4096) -> Iterator["pa.RecordBatch"]:
        """Yield rows; ``responses`` hold only the sum of latencies.

        Raises:
            StoreError: a column is wanted that baselines do not keep.
        """
        if missing := set(columns or ()) - set(self._table.column_names):
            raise StoreError(f"{self.path} is a baseline file: it keeps no {', '.join(sorted(missing))}.")
        yield from self._table.select(columns or self._table.column_names).to_batches(max_chunksize=size)


def save_baseline(run: Run, path: Path) -> BaselineFile:
    """Write a run as a baseline file; its folder is made if it is not there.

    Raises:
        StoreError: the run cannot be read or did not finish, or the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not any(task.status == "done" for task in run.manifest.tasks):
        raise StoreError(f"{run.path} holds no finished task; there is nothing to save.")
    batches = [_lean(batch) for batch in run.sample_batches(_COLUMNS)]
    table = pa.Table.from_batches(batches, schema=_schema())
    facts = {
        _MANIFEST: msgspec.json.encode(run.manifest),
        _RESULTS: results_json(run.manifest.model.name, run.entries, run.spreads),
    }
    facts[_SIGNATURE] = _signed(table, facts).encode()
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.replace_schema_metadata(facts), sink, compression="zstd", compression_level=19, store_schema=True
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    write_atomic(path, sink.getvalue().to_pybytes())
    return BaselineFile(path)


def load_run_or_baseline(path: Path | str) -> Run:
    """Open a run folder, or a baseline file.

    Raises:
        StoreError: it is neither.
    """
    return BaselineFile(path) if Path(path).is_file() else Run(path)


def baseline_files(folder: Path) -> list[Path]:
    """Return the baseline files of a folder, by name."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def _schema() -> "pa.Schema":
    """Return the columns of a baseline file: some of samples.parquet's; of responses, only their latency."""
    import pyarrow as pa

    from mmbench.store.records import SAMPLES

    latency = pa.field("responses", pa.list_(pa.struct([("latency", pa.float64())])))
    return pa.schema([latency if name == "responses" else SAMPLES.field(name) for name in _COLUMNS])


def _lean(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    import pyarrow as pa

    rows = batch.to_pylist()
    for row in rows:
        spent = sum(response["latency"] for response in row["responses"])
        row["responses"] = [{"latency": round(spent, 4)}]
        row["error"] = None if row["error"] is None else "no answer"
    return pa.RecordBatch.from_pylist(rows, schema=_schema())


def _read(path: Path) -> tuple["pa.Table", Mapping[bytes, bytes]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"cannot read baseline {path}: {str(error).splitlines()[0]}.") from error
    facts: Mapping[bytes, bytes] = table.schema.metadata or {}
    if _SIGNATURE not in facts:
        raise StoreError(f"{path} is no baseline file. Make one with `mmbench baseline save RUN`.")
    if facts[_SIGNATURE].decode() != _signed(table, facts):
        raise StoreError(f"{path}: its content is not what was signed. Save it again from the run.")
    return table, facts


def _signed(table: "pa.Table", facts: Mapping[bytes, bytes]) -> str:
    """Hash manifest, results and rows; independent of how Parquet lays them out."""
    digest = hashlib.sha256()
    for key in (_MANIFEST, _RESULTS):
        digest.update(len(facts[key]).to_bytes(8, "little") + facts[key])
    encode = msgspec.json.Encoder(order="deterministic").encode
    for batch in table.to_batches():
        for row in batch.to_pylist():
            digest.update(encode(_plain(row)) + b"\n")
    return digest.hexdigest()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "slices": dict(row["slices"]), "statistics": dict(row["statistics"])}
