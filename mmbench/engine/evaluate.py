"""The main job: a model over tasks, into a run folder."""

import hashlib
import math
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from mmbench.data import samples
from mmbench.data.curate import license_notice
from mmbench.engine.asking import Asker, BaselineAsker, ModelAsker
from mmbench.engine.efficiency import Meter
from mmbench.engine.events import Listener, Notice, RunStarted, TaskEnded, TaskStarted, both, ignore
from mmbench.engine.executors import executor_of
from mmbench.engine.live import LiveListener
from mmbench.engine.loading import Engine, engine_of, open_model
from mmbench.engine.options import check_seed, load_metric
from mmbench.engine.plan import Plan, open_plan, record_of
from mmbench.engine.probe import probe, told, wants_probe
from mmbench.engine.repeats import Drawing
from mmbench.engine.replicas import RayModel, RaySettings
from mmbench.engine.runner import TaskRunner
from mmbench.engine.scoring import Scorer
from mmbench.engine.select import Selection, select
from mmbench.engine.uncertainty import DEFAULT, Uncertainty
from mmbench.errors import CapabilityError, MMBenchError, StoreError, UsageError
from mmbench.metric import Metric
from mmbench.model import Baseline, Model
from mmbench.store.records import SCHEMA_VERSION, Manifest, ModelRecord, Result, Spread, Status, TaskRecord
from mmbench.store.responses import NoStore, SQLiteStore, Store
from mmbench.store.run import Run
from mmbench.store.run_folder import RunFolder, utc_now
from mmbench.task import Task

STORE_NAME = "responses.sqlite"
_PACKAGES = ("mmbench", "numpy", "torch", "transformers", "datasets", "sacrebleu", "pillow", "pyarrow")


@dataclass(frozen=True)
class Settings:
    """How to run, apart from what; see :func:`evaluate`."""

    limit: int | None = None
    shots: int = 0
    batch_size: int | None = None
    seed: int = 0
    out: Path = Path("runs")
    cache: Path | str | None = None
    metrics: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    model_options: Mapping[str, Any] = field(default_factory=dict)
    repeats: int = 1
    interval: str = DEFAULT
    prompt_variants: int = 0
    sampling: Mapping[str, Any] = field(default_factory=dict)
    engine: Engine = None
    blind: bool = False
    probe: bool | None = None

    @property
    def drawing(self) -> Drawing:
        """How answers are drawn."""
        return Drawing(self.seed, self.repeats, dict(self.sampling))

    def __post_init__(self) -> None:
        temperature, top_p = self.sampling.get("temperature", 0.0), self.sampling.get("top_p", 1.0)
        if not 0 <= temperature < math.inf or not 0 < top_p <= 1:
            raise UsageError("--temperature must be a number from 0, and --top-p must be above 0 and at most 1.")
        check_seed(self.seed)
        Uncertainty.parse(self.interval)
        if self.repeats < 1:
            raise UsageError(f"--repeats must be at least 1, not {self.repeats}.")
        if self.limit is not None and self.limit < 1:
            raise UsageError(f"--limit must be at least 1, not {self.limit}.")
        if self.prompt_variants < 0:
            raise UsageError(f"--prompt-variants must not be negative, but is {self.prompt_variants}.")
        if self.shots < 0:
            raise UsageError(f"--shots must not be negative, but is {self.shots}.")
        if self.batch_size is not None and self.batch_size < 1:
            raise UsageError(f"--batch-size must be at least 1 or 'auto', not {self.batch_size}.")


def evaluate(
    model: str | Model | Baseline,
    tasks: str | Task | Sequence[str | Task],
    *,
    limit: int | None = None,
    shots: int = 0,
    batch_size: int | None = None,
    seed: int = 0,
    out: Path | str = "runs",
    cache: Path | str | None = None,
    metrics: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    model_options: Mapping[str, Any] | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    repeats: int = 1,
    interval: str = DEFAULT,
    prompt_variants: int = 0,
    engine: str | RaySettings = "local",
    blind: bool = False,
    probe: bool | None = None,
    on_event: Listener = ignore,
) -> Run:
    """Run a model over tasks and return the finished run.

    Args:
        model: a model string (``"reference"``, a folder, ``"python:module:factory"`` ...) or a model object.
        tasks: task strings (``"vqa"``, ``"vqa:vqav2"``, ``"core"``) or task objects.
        limit: use the first ``limit`` rows of each dataset.
        shots: few-shot examples before each question.
        batch_size: requests a batch; None leaves it to the model.
        seed: of sampling, few-shot choice and bootstrap.
        out: where the run folder is made.
        cache: the response store; None for ``out/responses.sqlite``, "off" for none.
        metrics: further metrics, ``"name"`` or ``"name:option=value,..."``, beside the tasks' own.
        options: task options, ``"key"`` or ``"task.key"`` to value.
        model_options: passed to the model's loader (``device``, ``dtype`` ...).
        temperature, top_p: of written answers, in place of the tasks' own (0 is greedy).
        repeats: how often each sample is answered, with other seeds; needs a temperature above 0. Values are means
            over repeats, and their variance is split into the samples' part and the draws'.
        interval: how intervals are made: "auto" (Wilson's for proportions, else the bootstrap), "wilson",
            "bootstrap", "bca" or "analytic"; ``":stratify=SLICE"`` after it keeps the sizes of slices fixed.
        prompt_variants: also ask in the first so many other wordings of each prompt, and tell how values spread.
        engine: "local", or "ray" for copies of the model in worker processes here or on many machines; a
            :class:`mmbench.engine.replicas.RaySettings` says where and how many.
        blind: take pictures and sounds out of every prompt: what is answered right all the same needed none.
        probe: ask 32 requests again, one at a time, and tell how many answers change; None: only a model of low
            precision.
        on_event: is told how the run goes on.

    Raises:
        MMBenchError: nothing could be run, or the disk failed. A task that fails or is skipped while others
            finish is told in ``run.manifest``, whose status then is "partial".
    """
    setup = Settings(
        limit,
        shots,
        batch_size,
        seed,
        Path(out),
        cache,
        tuple(metrics),
        dict(options or {}),
        dict(model_options or {}),
        repeats,
        interval,
        prompt_variants,
        {name: value for name, value in (("temperature", temperature), ("top_p", top_p)) if value is not None},
        engine_of(engine),
        blind,
        probe,
    )
    wanted = [tasks] if isinstance(tasks, str) or not isinstance(tasks, Sequence) else list(tasks)
    selections = select(wanted, setup.options)
    extra = [load_metric(name) for name in setup.metrics]
    return run_selections(model, selections, extra, setup, on_event)


def run_selections(
    model: str | Model | Baseline,
    selections: Sequence[Selection],
    extra: Sequence[Metric],
    setup: Settings,
    on_event: Listener = ignore,
    job: "type[Evaluation] | Callable[..., Evaluation] | None" = None,
) -> Run:
    """Run a model over tasks that are configured already; see :func:`evaluate`.

    Args:
        model: a model string or a model object.
        selections: tasks with their datasets and options.
        extra: metrics beside the tasks' own.
        setup: everything else.
        on_event: is told how the run goes on.
        job: makes the evaluation; None for one that answers every row in order.
    """
    for chosen in selections:
        if notice := license_notice(chosen.dataset, chosen.label):
            on_event(Notice(notice))
    if setup.prompt_variants:
        from mmbench.engine.wordings import Reworded, refuse_few  # it builds on this module

        refuse_few(selections, setup.prompt_variants)
        job = job or Reworded
    spec = model if isinstance(model, str) else model.name
    store = _open_store(setup)
    try:
        loaded = open_model(model, setup.seed, setup.model_options, setup.engine)
        try:
            return (job or Evaluation)(loaded, spec, selections, extra, setup, store, on_event).run()
        finally:
            if not isinstance(loaded, Baseline):
                loaded.close()
    finally:
        store.close()


def _open_store(setup: Settings) -> Store:
    if setup.cache == "off":
        return NoStore()
    return SQLiteStore(Path(setup.cache) if setup.cache else setup.out / STORE_NAME)


class Evaluation:
    """One model's run: its manifest, folder and results."""

    def __init__(
        self,
        model: Model | Baseline,
        spec: str,
        selections: Sequence[Selection],
        extra: Sequence[Metric],
        setup: Settings,
        store: Store,
        listener: Listener,
    ) -> None:
        self.model, self.selections, self.setup = model, selections, setup
        self.store, self.listener = store, listener
        self.results: list[Result] = []
        self.extra = extra
        fingerprint = "" if isinstance(model, Baseline) else model.fingerprint
        records = [
            record_of(chosen, setup.limit, setup.shots, extra, added=setup.metrics, drawing=setup.drawing)
            for chosen in selections
        ]
        for record in records:
            record.blind = setup.blind
        self.manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            status="running",
            started=utc_now(),
            finished="",
            model=ModelRecord(
                spec, model.name, fingerprint, dict(setup.model_options), getattr(model, "commit", None)
            ),
            tasks=records,
            seed=setup.seed,
            batch_size=setup.batch_size,
            versions=_versions(),
            hardware=_hardware() | (model.hardware if isinstance(model, RayModel) else {}),
            interval=setup.interval,
            prompt_variants=setup.prompt_variants,
        )
        identity = msgspec.json.encode([self.manifest.model, records, setup.seed])
        self.folder = RunFolder(setup.out, model.name, hashlib.sha256(identity).hexdigest())

    def run(self) -> Run:
        """Run all tasks and return the finished run."""
        self.folder.write_manifest(self.manifest)
        labels = tuple(chosen.label for chosen in self.selections)
        self.listener(RunStarted(self.model.name, self.folder.path, labels))
        live = LiveListener(self.folder.path, labels)
        self.listener = both(self.listener, live)
        try:
            for chosen, record in zip(self.selections, self.manifest.tasks, strict=True):
                self._run_task(chosen, record)
            self.folder.finish_samples()
            self.folder.write_results(self.model.name, self.results, self.spreads())
        except BaseException as error:
            interrupted = isinstance(error, KeyboardInterrupt)
            self._close("failed", "interrupted" if interrupted else str(error) or type(error).__name__)
            raise
        finally:
            live.close()
        self._close(_status(self.manifest.tasks))
        return Run(self.folder.path)

    def _close(self, status: Status, reason: str = "") -> None:
        self.manifest.status, self.manifest.reason, self.manifest.finished = status, reason, utc_now()
        try:
            self.folder.write_manifest(self.manifest)
        except StoreError as error:
            self.listener(Notice(str(error)))

    def _run_task(self, chosen: Selection, record: TaskRecord) -> None:
        started = time.perf_counter()
        meter = Meter(record.efficiency, self.model)
        try:
            self._score_task(chosen, record, meter)
            record.status = "done"
        except StoreError:
            raise
        except CapabilityError as error:
            record.status, record.reason = "skipped", str(error)
        except MMBenchError as error:
            record.status, record.reason = "failed", str(error)
        record.efficiency.seconds = time.perf_counter() - started
        meter.finish()
        self.folder.write_manifest(self.manifest)
        self.listener(TaskEnded(chosen.label, record.status, record.reason, record.errors, record.first_error))

    def _score_task(self, chosen: Selection, record: TaskRecord, meter: Meter) -> None:
        setup = self.setup
        plan = open_plan(chosen, self.extra, limit=setup.limit, shots=setup.shots, seed=setup.seed)
        record.dataset.source, record.dataset.streamed = plan.rows.source, plan.rows.streamed
        self.listener(TaskStarted(chosen.label, plan.rows.length))
        if isinstance(self.model, Baseline):
            self.model.prepare(samples(chosen.task, plan.rows))
        scorer = self.scorer(plan)
        runner = TaskRunner(chosen.task, record, self._asker(meter), scorer, plan.shots, self.listener)
        self.answer(plan, runner)
        self._probe(chosen.label, record, runner)
        record.metrics = [metric.signature for metric in plan.metrics]
        record.dataset.fingerprint = plan.rows.fingerprint or ""
        record.dataset.rows = record.efficiency.samples
        if record.errors == record.efficiency.samples:
            raise UsageError(f"no sample was answered; the first: {record.first_error}")
        self.results += scorer.results(chosen.task.name, chosen.name)

    def _probe(self, label: str, record: TaskRecord, runner: TaskRunner) -> None:
        """Ask the first requests again, one at a time."""
        if isinstance(self.model, Baseline) or not wants_probe(self.model, self.setup.probe):
            return
        record.probe = probe(self.model, runner.first)
        if record.probe is not None:
            self.listener(Notice(told(label, record.probe)))

    def spreads(self) -> list[Spread]:
        """Return how values spread over other wordings of the prompts, where those were asked for."""
        return []

    def scorer(self, plan: Plan) -> Scorer:
        """Make what totals a task's scores."""
        return Scorer(plan.metrics, self.setup.seed, uncertainty=Uncertainty.parse(self.setup.interval))

    def answer(self, plan: Plan, runner: TaskRunner) -> None:
        """Answer a task's rows: all of them, in order."""
        runner.run(plan.rows, self.folder)

    def _asker(self, meter: Meter) -> Asker:
        if isinstance(self.model, Baseline):
            return BaselineAsker(self.model, meter, self.setup.drawing)
        executor = executor_of(self.model, whole_batches=self.setup.batch_size is not None)
        return ModelAsker(
            self.model,
            executor,
            self.store,
            meter,
            batch_size=self.setup.batch_size,
            drawing=self.setup.drawing,
        )


def _status(tasks: Sequence[TaskRecord]) -> Status:
    if all(task.status == "done" and not task.errors for task in tasks):
        return "done"
    return "partial" if any(task.status == "done" for task in tasks) else "failed"


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _hardware() -> dict[str, Any]:
    return {"machine": platform.machine(), "system": platform.system(), "cpus": os.cpu_count()}
