"""What reaches disk: the records of manifest.json, results.json and samples.parquet, every key documented.

``docs/reference/*.schema.json`` is generated from these classes.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import pyarrow as pa

from mmbench.errors import StoreError

SCHEMA_VERSION = 1

Status = Literal["running", "done", "partial", "failed"]
TaskStatus = Literal["pending", "done", "skipped", "failed"]


class IntervalRecord(msgspec.Struct, frozen=True):
    """A confidence interval and how it was made."""

    low: float
    high: float
    level: float
    method: str


class RepeatsRecord(msgspec.Struct, frozen=True):
    """Where the variance of a value comes from, if every sample was answered ``count`` times.

    ``between`` is what the choice of samples adds to the value's variance, ``within`` what the drawing of answers
    adds; they sum to the square of its standard error. More repeats shrink the second part only.
    """

    count: int
    between: float
    within: float


class Result(msgspec.Struct, frozen=True):
    """One value: of a metric, on a slice of a task's dataset.

    ``slice`` is "" for the whole dataset, else "name=value". ``value`` is None where the metric is undefined (no
    samples of a class, say). ``n`` counts the samples that were scored, ``errors`` those without an answer,
    ``clusters`` the independent groups (0: every sample its own). ``repeats`` is None if every sample was answered
    once.
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
    repeats: RepeatsRecord | None = None


class Spread(msgspec.Struct, frozen=True):
    """How one metric spreads over the wordings of the prompt.

    ``values`` begins with the prompt itself, whose value is in the results too; None if a wording gave none.
    ``sd`` is the standard deviation of a sample; mean, sd, min and max are over all values that are there.
    """

    task: str
    dataset: str
    metric: str
    values: list[float | None]
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None


class Results(msgspec.Struct, frozen=True, omit_defaults=True):
    """The whole of results.json. Holds no times or paths: equal runs give equal bytes.

    ``spreads`` is there only if the run asked in other wordings (``--prompt-variants``).
    """

    schema_version: int
    model: str
    results: list[Result]
    spreads: list[Spread] = []


class DatasetRecord(msgspec.Struct):
    """Where a task's rows came from. ``fingerprint`` is a SHA-256 over the rows as loaded.

    ``metrics`` are those that a user's file names in place of the task's own. ``streamed``: rows came over the
    network as they were read (a few of a Hub set, by --limit), so that no file was compared with its checksum;
    only the fingerprint tells whether they are the same again.
    """

    name: str
    source: str
    fingerprint: str = ""
    rows: int = 0
    license: str = ""
    metrics: list[str] = []
    streamed: bool = False


class Percentiles(msgspec.Struct, frozen=True):
    """How seconds are spread over requests: half took at most ``p50``; each value is good to one per cent."""

    p50: float
    p95: float
    p99: float


class Efficiency(msgspec.Struct):
    """What the work took. Seconds are wall-clock; ``model_seconds`` those in which the run waited for the model.

    ``requests`` counts distinct requests, ``cached`` those answered from the store. ``input_tokens`` and
    ``output_tokens`` are those of all samples; ``asked_input_tokens`` and ``asked_output_tokens`` only those that
    the model took and gave in this run, each request once. ``latency`` and ``first_token`` are told for models
    that are reached by network. Bytes are the most that were in use: ``peak_host_bytes`` by this process since its
    start, ``peak_device_bytes`` by PyTorch on the busiest accelerator during the task. ``energy_joules`` is what
    NVML counted for this machine's visible GPUs during the task, ``cost_dollars`` what servers charged for it by
    the prices that were given. None means that it cannot be known here.
    """

    seconds: float = 0.0
    model_seconds: float = 0.0
    samples: int = 0
    requests: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    asked_input_tokens: int = 0
    asked_output_tokens: int = 0
    latency: Percentiles | None = None
    first_token: Percentiles | None = None
    peak_host_bytes: int | None = None
    peak_device_bytes: int | None = None
    energy_joules: float | None = None
    cost_dollars: float | None = None

    @property
    def samples_per_second(self) -> float | None:
        """Samples over the whole time, loading of data and scoring included."""
        return self.samples / self.seconds if self.seconds else None

    @property
    def input_tokens_per_second(self) -> float | None:
        """Tokens that the model took in, over the time that it took; None if it was asked nothing."""
        return self._rate(self.asked_input_tokens)

    @property
    def output_tokens_per_second(self) -> float | None:
        """Tokens that the model gave or scored, over the time that it took; None if it was asked nothing."""
        return self._rate(self.asked_output_tokens)

    @property
    def harness_seconds(self) -> float:
        """Time in which nobody waited for the model."""
        return max(0.0, self.seconds - self.model_seconds)

    @property
    def cache_hit_rate(self) -> float | None:
        """Share of distinct requests that were answered from the store."""
        return self.cached / self.requests if self.requests else None

    def _rate(self, tokens: int) -> float | None:
        return tokens / self.model_seconds if tokens and self.model_seconds else None


class Probe(msgspec.Struct, frozen=True):
    """What became of answers that were asked for again, one at a time.

    ``flips`` of ``requests`` changed; ``widest_margin`` is the largest margin among those, None if none told one.
    """

    requests: int
    flips: int
    widest_margin: float | None = None

    @property
    def flip_rate(self) -> float:
        """Share of answers that changed."""
        return self.flips / self.requests


class TaskRecord(msgspec.Struct):
    """One task of a run: what was asked, of which rows, and how it ended.

    ``metrics`` are signatures; ``added`` says how those that the user added are made (``name:option=value``).
    ``repeats`` is how often each sample was answered; its responses are stored one turn after another.
    ``blind``: pictures and sounds were taken out of every prompt. ``probe`` is there if answers were asked for
    again one at a time (``--probe``, or low precision).
    ``sampling`` holds ``temperature`` and ``top_p`` where the run set them in place of the task.
    """

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
    added: list[str] = []
    repeats: int = 1
    sampling: dict[str, float] = {}
    blind: bool = False
    probe: Probe | None = None


class ModelRecord(msgspec.Struct):
    """Which model answered. ``fingerprint`` changes whenever an answer might; "" for baselines.

    ``revision`` is the commit of the Hub repository that was loaded; None where there is none.
    """

    spec: str
    name: str
    fingerprint: str
    options: dict[str, Any]
    revision: str | None = None


class Manifest(msgspec.Struct):
    """The whole of manifest.json: everything needed to repeat the run.

    ``interval`` is how intervals were made, ``prompt_variants`` how many other wordings of the prompts were asked.
    """

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
    interval: str = "auto"
    prompt_variants: int = 0


_RESPONSE = pa.struct(
    [
        ("text", pa.string()),
        ("logprobs", pa.list_(pa.float64())),
        ("tokens", pa.list_(pa.int32())),
        ("input_tokens", pa.int32()),
        ("latency", pa.float64()),
        ("finish_reason", pa.string()),
        ("error", pa.string()),
        ("first_token", pa.float64()),
        ("margin", pa.float64()),
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


def read_json(row: Mapping[str, Any], column: str) -> Any:
    """Return what a row of samples.parquet holds as JSON; None where it holds nothing.

    Raises:
        StoreError: it is damaged.
    """
    try:
        return msgspec.json.decode(row[column] or "null")
    except msgspec.DecodeError as error:
        raise StoreError(
            f"sample '{row['id']}' in samples.parquet: its {column} is damaged ({str(error).rstrip('.')}). "
            "`mmbench verify` tells what else is; take the run from a copy or make it again."
        ) from error
