"""Writes what another harness found as a run folder."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mmbench.engine.importing import lm_eval, vlmevalkit
from mmbench.engine.importing.found import UNIT, ForeignRun, ForeignTask, common_metrics, decoded
from mmbench.engine.importing.metric import KEY, Imported
from mmbench.engine.scoring import Scorer
from mmbench.errors import DataError, UsageError
from mmbench.schema import Prediction, Response, Sample, user
from mmbench.store.records import (
    SCHEMA_VERSION,
    DatasetRecord,
    Efficiency,
    IntervalRecord,
    Manifest,
    ModelRecord,
    Result,
    TaskRecord,
)
from mmbench.store.run import Run
from mmbench.store.run_folder import Answered, RunFolder, utc_now

_WINDOW = 1024
_NORMAL = 1.959964


def import_files(paths: Iterable[Path], out: Path, *, model: str = "", task: str = "") -> list[Run]:
    """Read result files of other harnesses and write a run folder for each.

    Args:
        paths: ``results*.json`` of lm-evaluation-harness or lmms-eval, whose samples are read where they lie
            beside it, or tables of VLMEvalKit.
        out: where run folders are made.
        model: the model's name, where the file does not tell it, or tells it badly.
        task: the dataset's name, for tables whose name does not tell it.

    Raises:
        UsageError: the file is of no known kind, or names are missing.
        DataError: a file is damaged, or holds no result.
    """
    return [_write(path, _read(path, model, task), out) for path in paths]


def _read(path: Path, model: str, task: str) -> ForeignRun:
    if not path.is_file():
        raise UsageError(f"{path} is no file. Name results_*.json, or a table of VLMEvalKit.")
    if path.suffix == ".json":
        document = decoded(path.read_bytes(), path.name)
        if lm_eval.is_results(document):
            return lm_eval.read(path, document, model)
    if path.suffix in vlmevalkit.TABLES:
        return vlmevalkit.read(path, model, task)
    raise UsageError(
        f"{path.name} is of no kind that can be imported: results_*.json of lm-evaluation-harness or lmms-eval, "
        f"or a table of VLMEvalKit ({', '.join(vlmevalkit.TABLES)})."
    )


def _write(path: Path, found: ForeignRun, out: Path) -> Run:
    if not found.tasks:
        raise DataError(f"{path.name} holds no result.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    folder = RunFolder(out, found.model, digest)
    results: list[Result] = []
    records = []
    for task in found.tasks:
        record = _record(task, path.name)
        records.append(record)
        results += _scored(task, record, folder, found.harness) if task.samples else _totals(task, record, found)
    folder.finish_samples()
    folder.write_results(found.model, results)
    spec = f"imported:{found.harness}:{found.model}"
    folder.write_manifest(
        Manifest(
            schema_version=SCHEMA_VERSION,
            status="done",
            started=found.date or utc_now(),
            finished=found.date or utc_now(),
            model=ModelRecord(spec, found.model, "", {"file": path.name, "sha256": digest}),
            tasks=records,
            seed=0,
            batch_size=None,
            versions=found.versions,
            hardware={},
            reason=f"imported from {found.harness}, not verified",
        )
    )
    return Run(folder.path)


def _record(task: ForeignTask, file: str) -> TaskRecord:
    rows = len(task.samples) or task.n
    return TaskRecord(
        name=task.name,
        version=f"imported:{task.version or '0'}",
        dataset=DatasetRecord("imported", f"imported:{task.source or file}", _fingerprint(task), rows),
        options={},
        metrics=[],
        shots=task.shots,
        status="done",
        efficiency=Efficiency(samples=rows),
    )


def _fingerprint(task: ForeignTask) -> str:
    """Hash ids, questions and targets: two runs of the same rows have the same."""
    asked = [[sample.id, sample.prompt, sample.target] for sample in task.samples]
    return hashlib.sha256(msgspec.json.encode([task.name, asked])).hexdigest() if asked else ""


def _scored(task: ForeignTask, record: TaskRecord, folder: RunFolder, harness: str) -> list[Result]:
    """Write the samples, and total their scores as any run's."""
    names = common_metrics(task.samples)
    if not names:
        raise DataError(f"task '{task.name}' has no metric that every sample has.")
    metrics = [
        Imported(
            name,
            harness,
            task.is_better_higher(name),
            name.partition(" ")[0] in UNIT and all(0 <= sample.scores[name] <= 1 for sample in task.samples),
        )
        for name in names
    ]
    _name_metrics(record, metrics)
    scorer = Scorer(metrics, seed=0)
    for start in range(0, len(task.samples), _WINDOW):
        rows = [_answered(sample, names, scorer) for sample in task.samples[start : start + _WINDOW]]
        scorer.add([scored for _, scored in rows])
        folder.add_samples(task.name, "imported", [row for row, _ in rows])
    return scorer.results(task.name, "imported")


def _answered(found: Any, names: Sequence[str], scorer: Scorer) -> tuple[Answered, Any]:
    scores = {name: found.scores[name] for name in names}
    answer = found.target if isinstance(found.target, str) else ""
    sample = Sample(
        found.id, (user(found.prompt),), found.target, answer, slices=found.slices, info={KEY: dict(scores)}
    )
    prediction = Prediction(found.prediction)
    scored = scorer.score_turns([prediction], sample)
    statistics = scorer.by_metric(scored.statistics) if scored.statistics is not None else {}
    return Answered(sample, [Response(found.prediction)], found.prediction, statistics), scored


def _totals(task: ForeignTask, record: TaskRecord, run: ForeignRun) -> list[Result]:
    """Make results of totals; the interval is that of the standard error that the harness told."""
    results = []
    metrics = []
    for name, (value, error) in task.values.items():
        unit = name.partition(" ")[0] in UNIT and 0 <= value <= 1
        metric = Imported(name, run.harness, task.is_better_higher(name), unit)
        interval = None
        if error is not None:
            method = f"normal|standard error told by {run.harness}"
            interval = IntervalRecord(value - _NORMAL * error, value + _NORMAL * error, 0.95, method)
        metrics.append(metric)
        results.append(
            Result(
                task=task.name,
                dataset="imported",
                metric=name,
                slice="",
                value=value,
                interval=interval,
                n=task.n,
                errors=0,
                clusters=0,
                signature=metric.signature,
                higher_is_better=metric.higher_is_better,
                range=(0.0, 1.0) if unit else (None, None),
            )
        )
    _name_metrics(record, metrics)
    return results


def _name_metrics(record: TaskRecord, metrics: Sequence[Imported]) -> None:
    """Say in the record how its metrics are made again."""
    record.metrics = [metric.signature for metric in metrics]
    record.dataset.metrics = [
        f"imported:label={one.label},harness={one.harness},higher_is_better={str(one.higher_is_better).lower()},"
        f"unit={str(one.unit).lower()}"
        for one in metrics
    ]
