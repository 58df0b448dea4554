"""Results as the Hugging Face Hub takes them: ``.eval_results/*.yaml``, and the model card's ``model-index``."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mmbench.errors import UsageError
from mmbench.store.records import Result, TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.exchange.mains import finished, hub_source, only

HUB_TASKS = {
    "vqa": "visual-question-answering",
    "caption": "image-to-text",
    "translation": "translation",
    "summarization": "summarization",
    "sentiment": "text-classification",
    "qa": "question-answering",
    "lm": "text-generation",
    "speech": "automatic-speech-recognition",
}
"""What the Hub calls our tasks; others keep their name."""


def eval_results(runs: Sequence[Run], out: Path) -> None:
    """Write one model's results on datasets of the Hub, for ``.eval_results/`` of its repository.

    Raises:
        UsageError: there are several runs, or none of the datasets is on the Hub.
        StoreError: the run folder cannot be read, or the file cannot be written.
    """
    import yaml
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    run = only(runs, "eval-results")
    entries = [
        EvalResultEntry(
            dataset_id=source.path,
            task_id=source.config,
            value=found[0].value,
            dataset_revision=source.revision,
            date=run.manifest.finished or None,
            notes=_notes(record, found[0], source.split),
        )
        for record, found in finished(run)
        if (source := hub_source(record))
    ]
    if not entries:
        raise UsageError(f"{run.path.name} has no result on a dataset of the Hub, which .eval_results is for.")
    text = yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True)
    write_atomic(out, text.encode())


def _notes(record: TaskRecord, result: Result, split: str) -> str:
    told = [f"{result.metric} ({_scale(result)})", f"split {split}", f"n {result.n}"]
    if result.interval:
        told.append(f"95% interval {result.interval.low:.4g} to {result.interval.high:.4g}")
    if record.shots:
        told.append(f"{record.shots} examples")
    return ", ".join([*told, "mmbench"])


def _scale(result: Result) -> str:
    low, high = ("no bound" if end is None else f"{end:g}" for end in result.range)
    return f"{low} to {high}" + ("" if result.higher_is_better else ", lower is better")


def model_index(runs: Sequence[Run], out: Path) -> None:
    """Write the front matter of a model card with every metric of every finished task.

    Raises:
        UsageError: there are several runs, or no finished task.
        StoreError: the run folder cannot be read, or the file cannot be written.
    """
    from huggingface_hub import ModelCardData

    run = only(runs, "model-index")
    results = list(_index_results(run))
    if not results:
        raise UsageError(f"{run.path.name} has no finished task to put into a model index.")
    data = ModelCardData(model_name=run.manifest.model.name, eval_results=results)
    write_atomic(out, f"---\n{data.to_yaml()}\n---\n".encode())


def _index_results(run: Run) -> Iterator[Any]:
    from huggingface_hub import EvalResult

    for record, found in finished(run):
        source = hub_source(record)
        for result in found:
            yield EvalResult(
                task_type=HUB_TASKS.get(record.name, record.name),
                task_name=record.name,
                dataset_type=source.path if source else f"mmbench-{record.dataset.name}",
                dataset_name=record.dataset.name,
                dataset_config=source.config if source else None,
                dataset_split=source.split if source else None,
                dataset_revision=source.revision if source else None,
                metric_type=result.metric,
                metric_name=result.metric,
                metric_value=result.value,
                metric_args=_metric_args(result),
            )


def _metric_args(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {"signature": result.signature, "n": result.n}
    if result.interval:
        told |= {"low": result.interval.low, "high": result.interval.high, "level": result.interval.level}
    return told
