"""lm-evaluation-harness and lmms-eval: ``results*.json`` and the ``samples*.jsonl`` beside it.

lmms-eval grew out of the other and writes the same keys; its files begin with their date.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from mmbench.engine.importing.found import ForeignRun, ForeignSample, ForeignTask, decoded, label, text_of
from mmbench.errors import DataError

_STAMP = r"\d{4}-?\d\d-?\d\d[T_]?[\d\-.:]*"
_SAMPLES = (
    re.compile(rf"^samples_(?P<task>.+?)_(?P<stamp>{_STAMP})\.jsonl$"),
    re.compile(rf"^(?P<stamp>{_STAMP})_samples_(?P<task>.+)\.jsonl$"),
    re.compile(r"^samples_(?P<task>.+)\.jsonl$"),
)
_RESULTS = re.compile(rf"(?P<stamp>{_STAMP})")
_OURS = frozenset(
    "doc_id doc target arguments resps filtered_resps filter metrics doc_hash prompt_hash target_hash input "
    "submission".split()
)
_NESTED = ("score", "acc", "accuracy", "correct", "is_correct", "hit")


def is_results(document: Any) -> bool:
    """Tell whether a JSON document is one of theirs."""
    return isinstance(document, dict) and isinstance(document.get("results"), dict) and "configs" in document


def read(path: Path, document: Mapping[str, Any], model: str) -> ForeignRun:
    """Read a results file and the samples beside it.

    Raises:
        DataError: a file of samples is damaged.
    """
    samples = _samples_beside(path)
    harness = (
        "lmms-eval" if "lmms" in str(document.get("model_source", "")) or path.name[:1].isdigit() else "lm-eval"
    )
    tasks = []
    for name, values in document["results"].items():
        task = _task(name, values, document)
        if name in samples:
            task.samples = list(_read_samples(samples[name]))
        if task.values or task.samples:
            tasks.append(task)
    date = document.get("date")
    versions = {
        name: str(document[key]) for name, key in (("transformers", "transformers_version"), ("git", "git_hash"))
        if document.get(key)
    }  # fmt: skip
    return ForeignRun(harness, model or _model(document), tasks, _iso(date), versions)


def _model(document: Mapping[str, Any]) -> str:
    """Return the model's name: told, or what ``pretrained=`` names."""
    config = document.get("config") or {}
    arguments = config.get("model_args") or ""
    if isinstance(arguments, dict):
        arguments = ",".join(f"{key}={value}" for key, value in arguments.items())
    named = re.search(r"(?:^|,)(?:pretrained|model|model_version)=([^,]+)", str(arguments))
    return str(document.get("model_name") or (named[1] if named else "") or config.get("model") or "unknown")


def _iso(date: Any) -> str:
    from datetime import UTC, datetime

    if not isinstance(date, int | float) or not math.isfinite(date):
        return ""
    return datetime.fromtimestamp(date, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _task(name: str, values: Mapping[str, Any], document: Mapping[str, Any]) -> ForeignTask:
    config = (document.get("configs") or {}).get(name) or {}
    counts = (document.get("n-samples") or {}).get(name) or {}
    source = "/".join(str(part) for part in (config.get("dataset_path"), config.get("dataset_name")) if part)
    better = (document.get("higher_is_better") or {}).get(name) or {}
    task = ForeignTask(
        name,
        source,
        values={},
        shots=int((document.get("n-shot") or {}).get(name) or 0),
        n=int(counts.get("effective") or 0),
        version=str((document.get("versions") or {}).get(name) or ""),
    )
    for key, value in values.items():
        metric, _, kind = key.partition(",")
        if metric.endswith("_stderr") or not _is_number(value) or key in ("alias", "samples", "sample_len"):
            continue
        error = values.get(f"{metric}_stderr,{kind}" if kind else f"{metric}_stderr")
        task.values[label(key)] = float(value), float(error) if _is_number(error) else None
        if isinstance(better.get(metric), bool):
            task.higher[label(key)] = better[metric]
    return task


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _samples_beside(path: Path) -> dict[str, Path]:
    """Return the files of samples in the same folder, by task; of several dates that of the results."""
    stamp = _RESULTS.search(path.name)
    found: dict[str, Path] = {}
    for other in sorted(path.parent.glob("*samples_*.jsonl")):
        match = next((match for pattern in _SAMPLES if (match := pattern.match(other.name))), None)
        if match is None:
            continue
        mine = match.groupdict().get("stamp")
        if mine is None or stamp is None or mine == stamp["stamp"].rstrip("."):
            found[match["task"]] = other
    return found


def _read_samples(path: Path) -> Iterator[ForeignSample]:
    """Yield samples; lines of several filters about one document become one sample with the metrics of each.

    Raises:
        DataError: a line is damaged.
    """
    lines: dict[str, dict[str, Any]] = {}
    scores: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            row = decoded(line, f"{path.name}, line {number},") if line.strip() else None
            if row is None:
                continue
            if not isinstance(row, dict) or "doc_id" not in row:
                raise DataError(f"{path.name}, line {number}, has no doc_id: it is no file of samples.")
            name = str(row["doc_id"])
            lines.setdefault(name, row)
            scores.setdefault(name, {}).update(_scores(row))
    for name, row in lines.items():
        yield ForeignSample(
            name,
            _prompt(row),
            row.get("target"),
            text_of(row.get("filtered_resps") or row.get("resps")),
            scores[name],
        )


def _scores(row: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for key, value in row.items():
        if key in _OURS:
            continue
        if isinstance(value, dict):
            value = next((value[name] for name in _NESTED if name in value), None)
        if isinstance(value, bool):
            value = float(value)
        if _is_number(value):
            yield label(f"{key},{row.get('filter') or 'none'}"), float(value)


def _prompt(row: Mapping[str, Any]) -> str:
    """Return what was asked: the first argument of the first request."""
    asked = row.get("arguments") or row.get("input") or ""
    if isinstance(asked, dict):
        first = next(iter(asked.values()), "")
        asked = next(iter(first.values()), "") if isinstance(first, dict) else first
    while isinstance(asked, list) and asked:
        asked = asked[0]
    return text_of(asked)
