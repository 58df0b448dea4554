"""What reaches disk: the records of manifest.json, results.json and samples.parquet, every key documented.

``docs/reference/*.schema.json`` is generated from these classes.
"""

from typing import Any, Literal

import msgspec
import pyarrow as pa

SCHEMA_VERSION = 1

Status = Literal["running", "done", "partial", "failed"]
TaskStatus = Literal["pending", "done", "skipped", "failed"]


class IntervalRecord(msgspec.Struct, frozen=True):
    """A confidence interval and how it was made."""

    low: float
    high: float
    level: float
    method: str


class Result(msgspec.Struct, frozen=True):
    """One value: of a metric, on a slice of a task's dataset.

    ``slice`` is "" for the whole dataset, else "name=value". ``value`` is None where the metric is undefined (no
    samples of a class, say). ``n`` counts the samples that were scored, ``errors`` those without an answer,
    ``clusters`` the independent groups (0: every sample its own).
    """

    task: str
    dataset: str
    metric: str
    slice: str
    value: float | None
    interval: IntervalRecord | None
    n: int
    errors: int
    clusters: int
    signature: str
    higher_is_better: bool
    range: tuple[float | None, float | None]


class Results(msgspec.Struct, frozen=True):
    """The whole of results.json. Holds no times or paths: equal runs give equal bytes."""

    schema_version: int
    model: str
    results: list[Result]


class DatasetRecord(msgspec.Struct):
    """Where a task's rows came from. ``fingerprint`` is a SHA-256 over the rows as loaded."""

    name: str
    source: str
    fingerprint: str = ""
    rows: int = 0
    license: str = ""


class Efficiency(msgspec.Struct):
    """What the work took. Seconds are wall-clock; ``model_seconds`` is the part spent inside the model.

    ``requests`` counts distinct requests, ``cached`` those answered from the store.
    """

    seconds: float = 0.0
    model_seconds: float = 0.0
    samples: int = 0
    requests: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


class TaskRecord(msgspec.Struct):
    """One task of a run: what was asked, of which rows, and how it ended."""

    name: str
    version: str
    dataset: DatasetRecord
    options: dict[str, Any]
    metrics: list[str]
    shots: int = 0
    limit: int | None = None
    status: TaskStatus = "pending"
    reason: str = ""
    errors: int = 0
    first_error: str = ""
    efficiency: Efficiency = msgspec.field(default_factory=Efficiency)


class ModelRecord(msgspec.Struct):
    """Which model answered. ``fingerprint`` changes whenever an answer might; "" for baselines."""

    spec: str
    name: str
    fingerprint: str
    options: dict[str, Any]


class Manifest(msgspec.Struct):
    """The whole of manifest.json: everything needed to repeat the run."""

    schema_version: int
    status: Status
    started: str
    finished: str
    model: ModelRecord
    tasks: list[TaskRecord]
    seed: int
    batch_size: int | None
    versions: dict[str, str]
    hardware: dict[str, Any]
    reason: str = ""


_RESPONSE = pa.struct(
    [
        ("text", pa.string()),
        ("logprobs", pa.list_(pa.float64())),
        ("tokens", pa.list_(pa.int32())),
        ("input_tokens", pa.int32()),
        ("latency", pa.float64()),
        ("finish_reason", pa.string()),
        ("error", pa.string()),
    ]
)

SAMPLES = pa.schema(
    [
        pa.field("task", pa.dictionary(pa.int16(), pa.string())),
        pa.field("dataset", pa.dictionary(pa.int16(), pa.string())),
        ("id", pa.string()),
        ("cluster", pa.string()),
        ("slices", pa.map_(pa.string(), pa.string())),
        ("prompt", pa.string()),
        ("media", pa.list_(pa.string())),
        ("target", pa.string()),
        ("answer", pa.string()),
        ("choices", pa.list_(pa.string())),
        ("info", pa.string()),
        ("prediction", pa.string()),
        ("responses", pa.list_(_RESPONSE)),
        ("statistics", pa.map_(pa.string(), pa.list_(pa.float64()))),
        ("error", pa.string()),
    ]
)
"""Columns of samples.parquet, one row a sample. ``media`` holds SHA-256 digests, ``target`` and ``info`` JSON,
``statistics`` each metric's additive statistics, ``error`` why there is no prediction (null if there is one)."""
