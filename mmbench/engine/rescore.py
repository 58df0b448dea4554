"""Scoring stored answers again: needs the run folder, and neither the model nor the dataset."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from mmbench.engine.options import load_metric, option_kinds
from mmbench.engine.scoring import Scored, Scorer
from mmbench.engine.select import load_task
from mmbench.errors import StoreError
from mmbench.metric import Fitted, Metric
from mmbench.schema import Response, Sample
from mmbench.store.records import Result, TaskRecord
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


def rescore(run: Run, names: Sequence[str] = ()) -> list[Result]:
    """Parse and score the answers of a run folder.

    Args:
        run: a finished run.
        names: metrics to compute (see ``mmbench list metrics``); none for those of each task and dataset.

    Raises:
        UsageError: there is no metric or task of that name any more.
        MetricError: a metric cannot score this task's predictions.
        StoreError: the folder cannot be read.
    """
    results: list[Result] = []
    for record in run.manifest.tasks:
        if record.status == "done":
            results += _rescore_task(run, record, names)
    if not results:
        raise StoreError(f"{run.path} holds no finished task to score.")
    return results


def ready_metrics(run: Run, record: TaskRecord, names: Sequence[str] = ()) -> list[Metric]:
    """Return the metrics that a task was scored with (or others, by name), fitted to its stored targets."""
    return [
        metric.fit(sample for part in _answers(run, record) for sample, _ in part)
        if isinstance(metric, Fitted)
        else metric
        for metric in [load_metric(name) for name in names] or _metrics_of(record)
    ]


def _rescore_task(run: Run, record: TaskRecord, names: Sequence[str]) -> list[Result]:
    task = _task_of(record)
    scorer = Scorer(ready_metrics(run, record, names), run.manifest.seed)
    for part in _answers(run, record):
        scorer.add([_score(task, scorer, sample, responses) for sample, responses in part])
    return scorer.results(record.name, record.dataset.name)


def _score(task: Task, scorer: Scorer, sample: Sample, responses: list[Response]) -> Scored:
    if not responses or any(response.error is not None for response in responses):
        return Scored(sample, None)
    return Scored(sample, scorer.score(task.parse(responses, sample), sample))


def _task_of(record: TaskRecord) -> Task:
    """Make the task as it was configured; options of its generator are not its own."""
    task = load_task(record.name)
    kinds = option_kinds(task)
    changes = {
        name: msgspec.convert(value, kinds[name]) for name, value in record.options.items() if name in kinds
    }
    return replace(task, **changes) if changes else task  # type: ignore[type-var]


def _metrics_of(record: TaskRecord) -> list[Metric]:
    """Return the metrics that a task was scored with, as this version of mmbench has them; not yet fitted."""
    task = _task_of(record)
    dataset = task.datasets.get(record.dataset.name)
    return list((dataset.metrics if dataset else ()) or task.metrics)


def _answers(run: Run, record: TaskRecord) -> Iterator[list[tuple[Sample, list[Response]]]]:
    """Yield the answered samples of one task, a batch at a time."""
    for batch in run.sample_batches(_COLUMNS):
        rows = [
            row for row in batch.to_pylist() if (row["task"], row["dataset"]) == (record.name, record.dataset.name)
        ]
        yield [(_sample(row), [_response(item) for item in row["responses"]]) for row in rows]


def _sample(row: dict[str, Any]) -> Sample:
    return Sample(
        id=row["id"],
        messages=(),
        target=msgspec.json.decode(row["target"]),
        answer=row["answer"],
        choices=tuple(row["choices"]),
        slices=dict(row["slices"]),
        cluster=row["cluster"],
        info=msgspec.json.decode(row["info"]),
    )


def _response(item: dict[str, Any]) -> Response:
    return Response(**{**item, "logprobs": tuple(item["logprobs"]), "tokens": tuple(item["tokens"])})
