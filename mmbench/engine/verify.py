"""``verify``: is a run folder what it says it is?

Everything that can be computed again is: each sample's statistics from its stored answer, each value from those
statistics, the samples themselves from the dataset. What differs is a reason to refuse the run.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmbench.engine.options import load_metric
from mmbench.engine.rescore import Rescored, ready_metrics, rescored
from mmbench.engine.scoring import Scorer
from mmbench.engine.uncertainty import Uncertainty
from mmbench.engine.verification import Fault, Findings, Verification
from mmbench.engine.verify_dataset import check_dataset
from mmbench.engine.verify_manifest import check_manifest
from mmbench.errors import MMBenchError, StoreError
from mmbench.metric import Fitted, Metric
from mmbench.store.records import SAMPLES, Result, TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import SAMPLE_ROWS

__all__ = ["Fault", "Verification", "verify"]

_TOLERANCE = 1e-9
"""Relative: sums in another order, or on another machine, differ in their last bits only."""
_IMPOSSIBLE = (MMBenchError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What parsing and scoring raise for rows that no run would have written."""


def verify(run: Run | Path | str, *, download: bool = False) -> Verification:
    """Compute all scores of a run again and compare everything that can be compared.

    Args:
        run: a run folder.
        download: fetch datasets from the Hub that are not in the local mirror; else those are not compared.

    Raises:
        StoreError: it is no run folder at all. Files of it that cannot be read are faults of the verification.
    """
    opened = run if isinstance(run, Run) else Run(run)
    findings, model = Findings(), ""
    try:
        model = opened.manifest.model.name
        entries = opened.entries
        _check_schema(opened)
        check_manifest(opened.manifest, entries, findings)
        _check_rows(opened, findings)
    except StoreError as error:
        findings.add("file", "", str(error))
        return findings.told(opened.path.name, model)
    for record in opened.manifest.tasks:
        if record.status == "done":
            try:
                _check_task(opened, record, entries, findings)
            except _IMPOSSIBLE as error:
                findings.add("answer", label_of(record), f"cannot be scored again: {error}")
                continue
            check_dataset(opened, record, findings, download=download)
    return findings.told(opened.path.name, model)


def label_of(record: TaskRecord) -> str:
    """Return "task:dataset"."""
    return f"{record.name}:{record.dataset.name}"


def _check_schema(run: Run) -> None:
    """Refuse samples.parquet with other columns than ours.

    Raises:
        StoreError: it has other columns, or is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = run.path / SAMPLE_ROWS
    try:
        found = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"cannot read {path.name}: {str(error).splitlines()[0]}.") from error
    if not found.equals(SAMPLES):
        raise StoreError(f"{path.name} has not the columns of a run folder of this version.")


def _check_rows(run: Run, findings: Findings) -> None:
    """Count the rows of each task, and find rows of tasks that the manifest does not name."""
    counts: dict[str, int] = {}
    for batch in run.sample_batches(["task", "dataset"]):
        for row in batch.to_pylist():
            label = f"{row['task']}:{row['dataset']}"
            counts[label] = counts.get(label, 0) + 1
    records = {label_of(record): record for record in run.manifest.tasks}
    for label in counts.keys() - records.keys():
        findings.add("rows", label, f"{counts[label]:,} rows of a task that the manifest does not name.")
    for label, record in records.items():
        if record.status == "done" and counts.get(label, 0) != record.dataset.rows:
            stated = f"the manifest says {record.dataset.rows:,}"
            findings.add("rows", label, f"samples.parquet holds {counts.get(label, 0):,} rows, {stated}.")


def _check_task(run: Run, record: TaskRecord, entries: list[Result], findings: Findings) -> None:
    place = label_of(record)
    mine = [entry for entry in entries if (entry.task, entry.dataset) == (record.name, record.dataset.name)]
    uncertainty = Uncertainty.parse(run.manifest.interval)
    scorer = Scorer(_metrics(run, record, mine), run.manifest.seed, uncertainty=uncertainty)
    errors = 0
    for part in rescored(run, record, scorer, ["prediction", "statistics"]):
        scorer.add([item.scored for item in part])
        for item in part:
            findings.samples += 1
            errors += item.prediction is None
            for text in _differences(item, scorer):
                findings.add_sample("answer", place, item.sample.id, text)
    if scorer.duplicates():
        findings.add("rows", place, f"{scorer.duplicates():,} rows repeat the id of another row.")
    if errors != record.errors:
        findings.add("manifest", place, f"{record.errors:,} samples without an answer; the rows say {errors:,}.")
    _check_values(place, mine, scorer.results(record.name, record.dataset.name), findings)


def _metrics(run: Run, record: TaskRecord, entries: list[Result]) -> list[Metric]:
    """Return the task's metrics, and those that the user added, as far as their signatures tell how."""
    metrics = ready_metrics(run, record)
    known = {metric.signature for metric in metrics}
    added = dict.fromkeys(entry.signature for entry in entries if entry.signature not in known)
    for signature in added:
        metrics += _added(run, record, signature)
    return metrics


def _added(run: Run, record: TaskRecord, signature: str) -> Iterator[Metric]:
    try:
        metric = load_metric(signature.partition("|")[0])
    except MMBenchError:
        return
    if isinstance(metric, Fitted):
        metric = ready_metrics(run, record, [signature.partition("|")[0]])[0]
    if metric.signature == signature:
        yield metric


def _differences(item: Rescored, scorer: Scorer) -> Iterator[str]:
    """Say what the row holds that does not follow from its responses."""
    row, vector = item.row, item.scored.statistics
    if (row["error"] is None) != (item.prediction is not None):
        yield "it is marked as without an answer but has one" if row["error"] else "it has no answer and no error"
    if item.prediction is not None and row["error"] is None and row["prediction"] != item.prediction.text:
        yield "the stored prediction is not what its answer says"
    stored = dict(row["statistics"])
    expected = {} if vector is None else scorer.by_metric(vector)
    if stored.keys() - expected.keys():
        yield f"statistics of {', '.join(sorted(stored.keys() - expected.keys()))} cannot be computed again"
    wrong = [name for name, values in expected.items() if not _same_vector(values, stored.get(name))]
    if wrong:
        yield f"its answer does not give the statistics stored for {', '.join(wrong)}"


def _check_values(place: str, stored: list[Result], computed: list[Result], findings: Findings) -> None:
    expected = {(entry.metric, entry.slice): entry for entry in computed}
    seen = set()
    for entry in stored:
        key = (entry.metric, entry.slice)
        name = f"{entry.metric} ({entry.slice})" if entry.slice else entry.metric
        other = expected.get(key)
        if key in seen:
            findings.add("score", place, f"{name} stands twice in results.json.")
        elif other is None:
            findings.add("score", place, f"{name} cannot be computed again here ({entry.signature}).")
        else:
            findings.values += 1
            for text in _value_differences(entry, other):
                findings.add("score", place, f"{name}: {text}.")
        seen.add(key)
    missing = [f"{metric} ({name})" if name else metric for metric, name in expected.keys() - seen]
    if missing:
        findings.add("score", place, f"results.json lacks {', '.join(sorted(missing))}.")


def _value_differences(stored: Result, computed: Result) -> Iterator[str]:
    if not _same(stored.value, computed.value):
        yield f"results.json says {_shown(stored.value)}, the answers give {_shown(computed.value)}"
    if not _same_interval(stored, computed):
        yield "the interval in results.json is not that of the answers"
    if not _same_repeats(stored, computed):
        yield "the variance's parts in results.json are not those of the answers"
    for name in ("n", "errors", "clusters", "signature", "higher_is_better", "range"):
        one, other = getattr(stored, name), getattr(computed, name)
        if one != other:
            yield f"{name} is {_shown(one)} in results.json and {_shown(other)} by the answers"


def _same_interval(stored: Result, computed: Result) -> bool:
    one, other = stored.interval, computed.interval
    if one is None or other is None:
        return one is other
    ends = _same(one.low, other.low) and _same(one.high, other.high)
    return ends and (one.level, one.method) == (other.level, other.method)


def _same_repeats(stored: Result, computed: Result) -> bool:
    one, other = stored.repeats, computed.repeats
    if one is None or other is None:
        return one is other
    return one.count == other.count and _same(one.between, other.between) and _same(one.within, other.within)


def _same_vector(values: list[float], stored: list[float] | None) -> bool:
    if stored is None or len(stored) != len(values):
        return False
    return values == stored or all(_same(one, other) for one, other in zip(values, stored, strict=True))


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=1e-12) or (math.isnan(one) and math.isnan(other))


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
