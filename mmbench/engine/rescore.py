"""Scoring stored answers again: needs the run folder, and neither the model nor the dataset."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from mmbench.engine.options import load_metric, option_kinds
from mmbench.engine.repeats import turns_of
from mmbench.engine.scoring import Scored, Scorer
from mmbench.engine.select import load_task
from mmbench.engine.uncertainty import Uncertainty
from mmbench.errors import StoreError, UsageError
from mmbench.metric import Fitted, Metric
from mmbench.schema import Prediction, Response, Sample
from mmbench.store.records import Result, TaskRecord, read_json
from mmbench.store.run import Run
from mmbench.task import Task

_COLUMNS = [
    "task",
    "dataset",
    "id",
    "cluster",
    "slices",
    "target",
    "answer",
    "choices",
    "info",
    "responses",
    "error",
]


@dataclass(frozen=True, slots=True)
class Rescored:
    """One stored sample, parsed and scored again.

    ``row`` is what samples.parquet holds of it; ``turns`` are its responses, one list a repeat; ``prediction`` is
    that of the first.
    """

    row: dict[str, Any]
    sample: Sample
    turns: list[Sequence[Response]]
    prediction: Prediction | None
    scored: Scored


def rescore(run: Run, names: Sequence[str] = (), interval: str = "") -> list[Result]:
    """Parse and score the answers of a run folder.

    Args:
        run: a finished run.
        names: metrics to compute (see ``mmbench list metrics``); none for those that the run was scored with.
        interval: how to make intervals; "" for the run's own way.

    Raises:
        UsageError: there is no metric or task of that name any more.
        MetricError: a metric cannot score this task's predictions.
        StoreError: the folder cannot be read.
    """
    results: list[Result] = []
    for record in run.manifest.tasks:
        if record.status == "done":
            results += _rescore_task(run, record, names, Uncertainty.parse(interval or run.manifest.interval))
    if not results:
        raise StoreError(f"{run.path} holds no finished task to score.")
    return results


def ready_metrics(run: Run, record: TaskRecord, names: Sequence[str] = ()) -> list[Metric]:
    """Return the metrics that a task was scored with (or others, by name), fitted to its stored targets.

    A baseline file keeps no targets: metrics read from it only aggregate, and are not fitted.
    """
    return [
        metric.fit(_sample(row) for part in _rows(run, record, _COLUMNS) for row in part)
        if isinstance(metric, Fitted) and run.keeps_answers
        else metric
        for metric in [load_metric(name) for name in names] or metrics_of_record(record)
    ]


def rescored(
    run: Run, record: TaskRecord, scorer: Scorer, columns: Sequence[str] = ()
) -> Iterator[list[Rescored]]:
    """Yield one task's samples, scored again, a batch at a time; ``columns`` are read beside those needed."""
    task = task_of(record)
    for rows in _rows(run, record, [*_COLUMNS, *columns]):
        yield [_rescored(task, scorer, row, record.repeats) for row in rows]


def task_of(record: TaskRecord) -> Task:
    """Make the task as it was configured; options of its generator are not its own.

    Raises:
        UsageError: there is no task of that name any more, or an option of it takes other values now.
    """
    task = load_task(record.name)
    kinds = option_kinds(task)
    try:
        changes = {
            name: msgspec.convert(value, kinds[name]) for name, value in record.options.items() if name in kinds
        }
    except msgspec.ValidationError as error:
        raise UsageError(
            f"the manifest's options of task '{record.name}' are not its own any more: {error}."
        ) from error
    return replace(task, **changes) if changes else task  # type: ignore[type-var]


def _rescore_task(run: Run, record: TaskRecord, names: Sequence[str], uncertainty: Uncertainty) -> list[Result]:
    scorer = Scorer(ready_metrics(run, record, names), run.manifest.seed, uncertainty=uncertainty)
    for part in rescored(run, record, scorer):
        scorer.add([item.scored for item in part])
    return scorer.results(record.name, record.dataset.name)


def _rescored(task: Task, scorer: Scorer, row: dict[str, Any], repeats: int) -> Rescored:
    sample, responses = _sample(row), [_response(item) for item in row["responses"]]
    turns = turns_of(responses, repeats)
    if not responses or any(response.error is not None for response in responses):
        return Rescored(row, sample, turns, None, Scored(sample, None))
    predictions = [task.parse(turn, sample) for turn in turns]
    return Rescored(row, sample, turns, predictions[0], scorer.score_turns(predictions, sample))


def metrics_of_record(record: TaskRecord) -> list[Metric]:
    """Return the metrics that a task was scored with, as this version of mmbench has them; not yet fitted."""
    return [*_own_metrics(record), *(load_metric(spec) for spec in record.added)]


def _own_metrics(record: TaskRecord) -> list[Metric]:
    if record.dataset.metrics:
        return [load_metric(name) for name in record.dataset.metrics]
    task = task_of(record)
    dataset = task.datasets.get(record.dataset.name)
    return list((dataset.metrics if dataset else ()) or task.metrics)


def _rows(run: Run, record: TaskRecord, columns: list[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of one task, a batch at a time; those of other tasks are dropped before they are unpacked."""
    import pyarrow.compute as pc

    for batch in run.sample_batches(columns):
        mine = pc.and_(pc.equal(batch["task"], record.name), pc.equal(batch["dataset"], record.dataset.name))
        yield batch.filter(mine).to_pylist()


def _sample(row: dict[str, Any]) -> Sample:
    return Sample(
        id=row["id"],
        messages=(),
        target=read_json(row, "target"),
        answer=row["answer"],
        choices=tuple(row["choices"]),
        slices=dict(row["slices"]),
        cluster=row["cluster"],
        info=read_json(row, "info"),
    )


def _response(item: dict[str, Any]) -> Response:
    return Response(**{**item, "logprobs": tuple(item["logprobs"]), "tokens": tuple(item["tokens"])})
