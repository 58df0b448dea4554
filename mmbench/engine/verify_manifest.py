"""Is a manifest complete, and does results.json belong to it?"""

import re
from collections.abc import Iterator, Sequence

from mmbench import plugins
from mmbench.engine.verification import Findings
from mmbench.store.records import Manifest, Result, TaskRecord

_SHA = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def check_manifest(manifest: Manifest, entries: Sequence[Result], findings: Findings) -> None:
    """Note everything that a complete manifest has and this one lacks."""
    for text in _run_faults(manifest):
        findings.add("manifest", "", text)
    for record in manifest.tasks:
        if record.status == "done":
            place = f"{record.name}:{record.dataset.name}"
            for text in _task_faults(record, entries):
                findings.add("manifest", place, text)
    done = {(record.name, record.dataset.name) for record in manifest.tasks if record.status == "done"}
    for task, dataset in sorted({(entry.task, entry.dataset) for entry in entries} - done):
        findings.add(
            "score", f"{task}:{dataset}", "results.json has values of a task that the run did not finish."
        )


def _run_faults(manifest: Manifest) -> Iterator[str]:
    if manifest.status not in ("done", "partial"):
        yield f"the run's status is '{manifest.status}'; only finished runs are verified."
    done = [record for record in manifest.tasks if record.status == "done"]
    whole = len(done) == len(manifest.tasks) and not any(record.errors for record in done)
    if not done:
        yield "no task is finished."
    elif manifest.status == "done" and not whole:
        yield "the status is 'done', but a task is not, or has samples without an answer."
    labels = [(record.name, record.dataset.name) for record in manifest.tasks]
    if len(labels) > len(set(labels)):
        yield "a task stands twice in it."
    missing = [name for name in ("started", "finished") if not _TIME.fullmatch(getattr(manifest, name))]
    missing += [f"versions.{name}" for name in ("python", "mmbench") if not manifest.versions.get(name)]
    missing += [f"model.{name}" for name in ("spec", "name") if not getattr(manifest.model, name)]
    if not manifest.model.fingerprint and not _is_baseline(manifest.model.spec):
        missing.append("model.fingerprint")
    if missing:
        yield f"it lacks {', '.join(missing)}."


def _is_baseline(spec: str) -> bool:
    """Tell whether a model string names a baseline: only those have no fingerprint."""
    name = spec.partition(":")[0]
    if name not in plugins.names("models"):
        return False
    try:
        loader = plugins.load("models", name)
    except plugins.BrokenPluginError:
        return False
    return all(hasattr(loader, name) for name in ("prepare", "answer"))


def _task_faults(record: TaskRecord, entries: Sequence[Result]) -> Iterator[str]:
    if not _SHA.fullmatch(record.dataset.fingerprint):
        yield "the dataset has no fingerprint (SHA-256)."
    missing = [name for name in ("version", "metrics") if not getattr(record, name)]
    missing += [] if record.dataset.source else ["dataset.source"]
    if missing:
        yield f"it lacks {', '.join(missing)}."
    if record.efficiency.samples != record.dataset.rows:
        yield f"{record.efficiency.samples:,} samples were scored, of {record.dataset.rows:,} rows."
    told = {
        entry.signature for entry in entries if (entry.task, entry.dataset) == (record.name, record.dataset.name)
    }
    for signature in sorted(told ^ set(record.metrics)):
        where = "results.json" if signature in told else "the manifest"
        yield f"metric {signature} is in {where} only."
