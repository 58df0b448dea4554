"""One run in the schema of Every Eval Ever (0.3): aggregate results, and the samples in a file beside it.

Metrics without bounds have no ``score_type``: the schema wants bounds for continuous ones.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from mmbench.store.records import Manifest, Result, TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.exchange.mains import finished, hub_source, only, standard_error
from mmbench_reports.rows import Samples
from mmbench_reports.scores import Scorer

SCHEMA_VERSION = "0.3.0"
_ENGINES = {"hf": "transformers", "reference": "transformers", "vllm": "vllm"}


def render(runs: Sequence[Run], out: Path) -> None:
    """Write ``out``, and ``<stem>_samples.jsonl`` beside it.

    Raises:
        UsageError: there are several runs.
        StoreError: the run folder cannot be read, or a file cannot be written.
    """
    run = only(runs, "every-eval-ever")
    identity = _identity(run)
    lines = [msgspec.json.encode(line) for line in _instances(run, identity)]
    samples = out.with_name(f"{out.stem}_samples.jsonl")
    data = b"".join(line + b"\n" for line in lines)
    document = _aggregate(run, identity) | {
        "detailed_evaluation_results": {
            "format": "jsonl",
            "file_path": samples.name,
            "hash_algorithm": "sha256",
            "checksum": hashlib.sha256(data).hexdigest(),
            "total_rows": len(lines),
        }
    }
    write_atomic(samples, data)
    write_atomic(out, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def _identity(run: Run) -> str:
    return f"mmbench/{run.manifest.model.name}/{_epoch(run.manifest.finished or run.manifest.started)}"


def _epoch(time: str) -> str:
    """Return a time of the manifest as seconds since 1970, "0" for none."""
    return str(int(datetime.fromisoformat(time).astimezone(UTC).timestamp())) if time else "0"


def _aggregate(run: Run, identity: str) -> dict[str, Any]:
    manifest = run.manifest
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": identity,
        "evaluation_timestamp": manifest.started,
        "retrieved_timestamp": _epoch(manifest.finished or manifest.started),
        "source_metadata": {
            "source_name": "mmbench",
            "source_type": "evaluation_run",
            "source_organization_name": "unknown",
            "evaluator_relationship": "other",
            "additional_details": {"run": run.path.name, "seed": str(manifest.seed)},
        },
        "eval_library": {"name": "mmbench", "version": manifest.versions.get("mmbench", "unknown")},
        "model_info": _model(manifest),
        "evaluation_results": [_result(record, entry) for record, found in finished(run) for entry in found],
    }


def _model(manifest: Manifest) -> dict[str, Any]:
    model, kind = manifest.model, manifest.model.spec.partition(":")[0]
    details = {"deployment_type": "unknown", "model_availability": "unknown", "spec": model.spec}
    if model.fingerprint:
        details["fingerprint"] = model.fingerprint
    info: dict[str, Any] = {"name": model.name, "id": model.name, "additional_details": details}
    engine = _ENGINES.get(kind, "transformers" if ":" not in model.spec and model.fingerprint else "")
    if engine:
        info["inference_engine"] = {"name": engine, "version": manifest.versions.get(engine, "unknown")}
    return info


def _result_id(record: TaskRecord, metric: str) -> str:
    return f"{record.name}:{record.dataset.name}#{metric}"


def _result(record: TaskRecord, entry: Result) -> dict[str, Any]:
    return {
        "evaluation_result_id": _result_id(record, entry.metric),
        "evaluation_name": f"{record.name}:{record.dataset.name}",
        "source_data": _source(record),
        "metric_config": _metric(entry),
        "score_details": {"score": entry.value, "uncertainty": _uncertainty(entry)},
        "generation_config": {
            "generation_args": {"prompt_template": str(record.options["prompt"])}
            if "prompt" in record.options
            else {},
            "additional_details": {
                "shots": str(record.shots),
                "task_version": record.version,
                "options": msgspec.json.encode(record.options).decode(),
            },
        },
    }


def _source(record: TaskRecord) -> dict[str, Any]:
    details = {"fingerprint": record.dataset.fingerprint, "source": record.dataset.source}
    source = hub_source(record)
    if source is None:
        return {"dataset_name": record.dataset.name, "source_type": "other", "additional_details": details}
    return {
        "dataset_name": record.dataset.name,
        "source_type": "hf_dataset",
        "hf_repo": source.path,
        "hf_split": source.split,
        "samples_number": record.dataset.rows,
        "additional_details": details | {"config": source.config},
    }


def _metric(entry: Result) -> dict[str, Any]:
    low, high = entry.range
    config: dict[str, Any] = {
        "evaluation_description": entry.signature,
        "metric_id": entry.metric,
        "metric_name": entry.metric,
        "lower_is_better": not entry.higher_is_better,
    }
    if low is not None and high is not None:
        config |= {"score_type": "continuous", "min_score": low, "max_score": high}
    return config


def _uncertainty(entry: Result) -> dict[str, Any]:
    told: dict[str, Any] = {"num_samples": entry.n}
    interval = entry.interval
    if interval:
        error = standard_error(entry)
        told |= {
            "standard_error": {"value": error, "method": "width of the 95% interval over 3.92"},
            "confidence_interval": {
                "lower": interval.low,
                "upper": interval.high,
                "confidence_level": interval.level,
                "method": interval.method,
            },
        }
    return told


def _instances(run: Run, identity: str) -> Iterator[dict[str, Any]]:
    """Yield each sample with its score by the main metric; a metric that scores no single sample has none."""
    for record, found in finished(run):
        place = (record.name, record.dataset.name)
        scorer = Scorer(place, found)
        for row in Samples(run, place).whole():
            share = 0.0 if row.error else scorer.share(row.statistics)
            if share is None:
                break
            said = [response["text"] or "" for response in row.responses] or [""]
            reference = row.target if isinstance(row.target, list) else [row.target]
            yield {
                "schema_version": f"instance_level_eval_{SCHEMA_VERSION}",
                "evaluation_id": identity,
                "model_id": run.manifest.model.name,
                "evaluation_name": f"{record.name}:{record.dataset.name}",
                "evaluation_result_id": _result_id(record, found[0].metric),
                "sample_id": row.id,
                "sample_hash": hashlib.sha256((row.prompt + "".join(map(str, reference))).encode()).hexdigest(),
                "interaction_type": "single_turn",
                "input": {
                    "raw": row.prompt,
                    "reference": [
                        text if isinstance(text, str) else msgspec.json.encode(text).decode() for text in reference
                    ],
                    "choices": row.choices or None,
                },
                "output": {"raw": said},
                "answer_attribution": [_attribution(row.prediction)],
                "evaluation": {"score": share, "is_correct": share >= 1},
                "error": row.error,
                "metadata": row.slices or None,
            }


def _attribution(prediction: str | None) -> dict[str, Any]:
    return {
        "turn_idx": 0,
        "source": "output.raw",
        "extracted_value": prediction or "",
        "extraction_method": "custom",
        "is_terminal": True,
    }
