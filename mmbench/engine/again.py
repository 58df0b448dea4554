"""From a run's manifest back to what was run: its tasks, options, metrics and settings."""

from collections.abc import Sequence
from pathlib import Path

from mmbench.dataset import Files
from mmbench.engine.evaluate import Settings
from mmbench.engine.options import load_metric, option_kinds
from mmbench.engine.plan import metrics_of
from mmbench.engine.rescore import task_of
from mmbench.engine.select import Selection
from mmbench.errors import UsageError, did_you_mean
from mmbench.metric import Fitted, Metric
from mmbench.store.records import Manifest, TaskRecord


def selections_of(manifest: Manifest) -> list[Selection]:
    """Return the tasks of a run as they were configured.

    Raises:
        UsageError: a task, dataset or option is not there any more, or rows came from a local file, whose place a
            manifest does not tell.
    """
    return [_selection(record) for record in manifest.tasks]


def extra_metrics(manifest: Manifest, selections: Sequence[Selection]) -> list[Metric]:
    """Return the metrics that a run had beside its tasks' own; older manifests tell only their signatures.

    Raises:
        UsageError: one of them is not there any more, or not of that version.
    """
    if added := added_metrics(manifest):
        return [load_metric(spec) for spec in added]
    own = [metric for chosen in selections for metric in metrics_of(chosen, ())]
    exact = {metric.signature for metric in own}
    fitted = {_name(metric.signature) for metric in own if isinstance(metric, Fitted)}
    used = dict.fromkeys(signature for record in manifest.tasks for signature in record.metrics)
    return [_metric(item) for item in used if item not in exact and _name(item) not in fitted]


def added_metrics(manifest: Manifest) -> tuple[str, ...]:
    """Return the metrics that a run had beside its tasks' own, as ``name:option=value``."""
    return tuple(dict.fromkeys(spec for record in manifest.tasks for spec in record.added))


def settings_of(manifest: Manifest, out: Path, cache: str | None) -> Settings:
    """Return the settings of a run, with another place for what it writes."""
    first = manifest.tasks[0]
    return Settings(
        limit=first.limit,
        shots=first.shots,
        batch_size=manifest.batch_size,
        seed=manifest.seed,
        out=out,
        cache=cache,
        metrics=added_metrics(manifest),
        model_options=manifest.model.options,
        repeats=first.repeats,
        sampling=first.sampling,
        interval=manifest.interval,
        prompt_variants=manifest.prompt_variants,
        blind=first.blind,
    )


def _selection(record: TaskRecord) -> Selection:
    task = task_of(record)
    dataset = task.datasets.get(record.dataset.name)
    if record.dataset.source.startswith("file:") and not (dataset and isinstance(dataset.source, Files)):
        raise UsageError(
            f"{record.name}:{record.dataset.name} was read from {record.dataset.source}, and a run does not "
            "keep where that file was. Use `mmbench run` with the file's path."
        )
    if dataset is None:
        hint = did_you_mean(record.dataset.name, task.datasets)
        raise UsageError(f"task '{record.name}' has no dataset '{record.dataset.name}' any more.{hint}")
    own = option_kinds(task)
    rest = {name: value for name, value in record.options.items() if name not in own}
    return Selection(task, record.dataset.name, dataset, rest)


def _metric(signature: str) -> Metric:
    name = _name(signature)
    metric = load_metric(name)
    if metric.signature != signature and not isinstance(metric, Fitted):  # fitting changes a signature
        raise UsageError(
            f"the run was scored with metric {signature}, but '{name}' is {metric.signature} here. "
            "Score it with `mmbench score RUN --metric`."
        )
    return metric


def _name(signature: str) -> str:
    return signature.partition("|")[0]
