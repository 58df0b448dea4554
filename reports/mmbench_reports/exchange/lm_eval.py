"""One run as lm-evaluation-harness writes its ``results_*.json``, for tools that read those."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from mmbench.store.records import Manifest, Result, TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.exchange.mains import finished, hub_source, only, standard_error

FILTER = "none"
"""Their name for "the answer as it is"; keys are "metric,filter"."""


def render(runs: Sequence[Run], out: Path) -> None:
    """Write the document; values keep our scale, 0 to 1 or 0 to 100 by their signature.

    Raises:
        UsageError: there are several runs.
        StoreError: the run folder cannot be read, or the file cannot be written.
    """
    document = document_of(only(runs, "lm-eval"))
    write_atomic(out, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def document_of(run: Run) -> dict[str, Any]:
    """Return the document of a run."""
    manifest = run.manifest
    tasks = {_name(record): (record, found) for record, found in finished(run)}
    return {
        "results": {name: _values(name, found) for name, (_, found) in tasks.items()},
        "group_subtasks": {name: [] for name in tasks},
        "configs": {name: _config(name, record, found) for name, (record, found) in tasks.items()},
        "versions": {name: record.version for name, (record, _) in tasks.items()},
        "n-shot": {name: record.shots for name, (record, _) in tasks.items()},
        "higher_is_better": {
            name: {entry.metric: entry.higher_is_better for entry in found} for name, (_, found) in tasks.items()
        },
        "n-samples": {
            name: {"original": record.dataset.rows, "effective": found[0].n}
            for name, (record, found) in tasks.items()
        },
        "config": {
            "model": manifest.model.spec.partition(":")[0],
            "model_args": manifest.model.spec,
            "batch_size": manifest.batch_size or "auto",
            "limit": next((record.limit for record, _ in tasks.values()), None),
            "random_seed": manifest.seed,
            "numpy_seed": manifest.seed,
            "torch_seed": manifest.seed,
            "fewshot_seed": manifest.seed,
        },
        "git_hash": None,
        "date": _seconds(manifest.started),
        "pretty_env_info": ", ".join(f"{name} {version}" for name, version in manifest.versions.items()),
        "transformers_version": manifest.versions.get("transformers"),
        "model_source": "mmbench",
        "model_name": manifest.model.name,
        "model_name_sanitized": re.sub(r"[\"<>:/|\\?*\[\]]+", "__", manifest.model.name),
        "task_hashes": {name: record.dataset.fingerprint for name, (record, _) in tasks.items()},
        "total_evaluation_time_seconds": str(_total(manifest)),
    }


def _name(record: TaskRecord) -> str:
    return f"{record.name}:{record.dataset.name}"


def _values(name: str, found: Sequence[Result]) -> dict[str, Any]:
    values: dict[str, Any] = {"alias": name, "sample_len": found[0].n}
    for entry in found:
        error = standard_error(entry)
        values[f"{entry.metric},{FILTER}"] = entry.value
        values[f"{entry.metric}_stderr,{FILTER}"] = "N/A" if error is None else error
    return values


def _config(name: str, record: TaskRecord, found: Sequence[Result]) -> dict[str, Any]:
    source = hub_source(record)
    return {
        "task": name,
        "dataset_path": source.path if source else record.dataset.source,
        "dataset_name": source.config if source else record.dataset.name,
        "test_split": source.split if source else None,
        "doc_to_text": str(record.options.get("prompt", "")),
        "num_fewshot": record.shots,
        "metric_list": [
            {"metric": entry.metric, "higher_is_better": entry.higher_is_better, "signature": entry.signature}
            for entry in found
        ],
        "metadata": {"version": record.version},
    }


def _seconds(time: str) -> float | None:
    return datetime.fromisoformat(time).timestamp() if time else None


def _total(manifest: Manifest) -> float:
    return sum(task.efficiency.seconds for task in manifest.tasks)
