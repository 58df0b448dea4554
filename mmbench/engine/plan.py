"""What a run will do, settled before the model is loaded, so that mistakes cost no time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmbench.data import Rows, open_dataset, open_shots, samples
from mmbench.engine.options import option_kinds
from mmbench.engine.repeats import Drawing
from mmbench.engine.select import Selection
from mmbench.engine.shots import POOL, examples
from mmbench.errors import UsageError
from mmbench.metric import Fitted, Metric
from mmbench.schema import Message
from mmbench.store.records import DatasetRecord, TaskRecord


@dataclass(frozen=True)
class Plan:
    """One task of a run, opened: its rows, its few-shot turns, its metrics fitted to the references."""

    selection: Selection
    rows: Rows
    shots: tuple[Message, ...]
    metrics: tuple[Metric, ...]


def options_of(selection: Selection) -> dict[str, Any]:
    """Return a task's options with those of its dataset."""
    own = {name: getattr(selection.task, name) for name in option_kinds(selection.task)}
    return own | dict(selection.data_options)


def metrics_of(selection: Selection, extra: Sequence[Metric]) -> tuple[Metric, ...]:
    """Return the metrics that apply: the dataset's own, else the task's; and those that the user adds."""
    return (*(selection.dataset.metrics or selection.task.metrics), *extra)


def record_of(
    selection: Selection,
    limit: int | None,
    shots: int,
    extra: Sequence[Metric],
    *,
    added: Sequence[str] = (),
    drawing: Drawing = Drawing(),  # noqa: B008 - frozen
) -> TaskRecord:
    """Start the manifest's record of a task; ``added`` says how the metrics in ``extra`` are made."""
    return TaskRecord(
        name=selection.task.name,
        version=selection.task.version,
        dataset=DatasetRecord(
            name=selection.name,
            source="",
            license=selection.dataset.license,
            metrics=list(selection.metric_names),
        ),
        options=options_of(selection),
        metrics=[metric.signature for metric in metrics_of(selection, extra)],
        shots=shots,
        limit=limit,
        added=list(added),
        repeats=drawing.repeats,
        sampling=drawing.sampling,
    )


def open_plan(selection: Selection, extra: Sequence[Metric], *, limit: int | None, shots: int, seed: int) -> Plan:
    """Open the data of a task.

    Raises:
        DataError: the dataset cannot be read.
        UsageError: it holds no examples for few-shot turns, or two metrics have one name.
    """
    options = options_of(selection)
    rows = open_dataset(selection.dataset, name=selection.label, limit=limit, options=options)
    turns: tuple[Message, ...] = ()
    if shots:
        pool = open_shots(selection.dataset, name=selection.label, limit=POOL, options=options)
        turns = examples(selection.task, pool, shots, seed)
    metrics = metrics_of(selection, extra)
    _refuse_twins(metrics, selection.label)
    fitted = [_fit(metric, selection, rows) for metric in metrics]
    return Plan(selection, rows, turns, tuple(fitted))


def _fit(metric: Metric, selection: Selection, rows: Rows) -> Metric:
    return metric.fit(samples(selection.task, rows)) if isinstance(metric, Fitted) else metric


def _refuse_twins(metrics: Sequence[Metric], label: str) -> None:
    names = [metric.name for metric in metrics]
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise UsageError(f"{label}: two metrics are called {', '.join(twins)}; give one another name.")
