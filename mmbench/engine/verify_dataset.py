"""Are the samples of a run those of its dataset, all of them, in their order?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import msgspec

from mmbench.data import Rows, open_dataset, open_shots, samples
from mmbench.data.places import mirror_folder
from mmbench.dataset import Embedded, Hub
from mmbench.engine.rescore import task_of
from mmbench.engine.shots import POOL, examples, shown
from mmbench.engine.verification import Findings
from mmbench.errors import MMBenchError, StoreError
from mmbench.schema import Message, Sample
from mmbench.store.records import TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import media_digests, prompt_text
from mmbench.task import Task

_FIELDS = ("cluster", "slices", "prompt", "media", "target", "answer", "choices", "info")
_ITEM = dict[str, Any]
_COLUMNS = ["task", "dataset", "id", *_FIELDS]
_MEANT = {"media": "pictures or sounds", "answer": "expected answer"}


def check_dataset(run: Run, record: TaskRecord, findings: Findings, *, download: bool) -> None:
    """Compare fingerprint, ids and contents of a task's samples with the dataset, if it can be read here."""
    place = f"{record.name}:{record.dataset.name}"
    findings.datasets[place] = False
    task = task_of(record)
    dataset = task.datasets.get(record.dataset.name)
    if dataset is None:
        findings.notes.append(f"{place}: not compared with its dataset, which is not in the task's catalogue.")
        return
    if isinstance(dataset.source, Hub) and not download and mirror_folder(dataset.source) is None:
        findings.notes.append(f"{place}: not compared with its dataset, which is not here; --download fetches it.")
        return
    try:
        rows = open_dataset(dataset, name=place, limit=record.limit, options=record.options)
        differences = _compare(_samples(task, rows, run, record), _stored(run, record))
    except StoreError:
        raise
    except MMBenchError as error:
        if isinstance(dataset.source, Embedded):
            findings.add("dataset", place, f"cannot be made again: {error}")
        else:
            findings.notes.append(f"{place}: not compared with its dataset: {error}")
        return
    findings.datasets[place] = True
    if isinstance(dataset.source, Embedded) and rows.source != record.dataset.source:
        text = f"the run's rows come from '{record.dataset.source}', this mmbench makes '{rows.source}'."
        findings.add("dataset", place, text)
    if rows.fingerprint != record.dataset.fingerprint:
        stated, found = record.dataset.fingerprint[:12], (rows.fingerprint or "")[:12]
        text = f"another dataset: its fingerprint is {found}, the manifest says {stated or 'none'}."
        findings.add("dataset", place, text)
    if differences.out_of_step and not differences.unmatched:
        findings.add("dataset", place, "the samples stand in another order than in the dataset.")
    for sample, text in differences.of_samples:
        findings.add_sample("dataset", place, sample, text)


def _samples(task: Task, rows: Rows, run: Run, record: TaskRecord) -> Iterator[dict[str, Any]]:
    """Yield the dataset's samples as samples.parquet holds them."""
    turns: tuple[Message, ...] = ()
    if record.shots:
        dataset = task.datasets[record.dataset.name]
        pool = open_shots(dataset, name=rows.name, limit=POOL, options=record.options)
        turns = examples(task, pool, record.shots, run.manifest.seed)
    for sample in samples(task, rows):
        yield _row(shown(sample, turns, blind=record.blind))


def _row(sample: Sample) -> dict[str, Any]:
    return {
        "id": sample.id,
        "cluster": sample.cluster,
        "slices": dict(sample.slices),
        "prompt": prompt_text(sample.messages),
        "media": media_digests(sample),
        "target": msgspec.json.encode(sample.target).decode(),
        "answer": sample.answer,
        "choices": list(sample.choices),
        "info": msgspec.json.encode(dict(sample.info)).decode(),
    }


def _stored(run: Run, record: TaskRecord) -> Iterator[dict[str, Any]]:
    wanted = (record.name, record.dataset.name)
    for batch in run.sample_batches(_COLUMNS):
        for row in batch.to_pylist():
            if (row["task"], row["dataset"]) == wanted:
                yield row | {"slices": dict(row["slices"])}


@dataclass
class _Differences:
    """Between a run's samples and the dataset's; ``out_of_step``: they came in another order.

    ``unmatched`` samples are on one side only; ``of_samples`` are ids, with what is wrong.
    """

    out_of_step: bool = False
    unmatched: bool = False
    of_samples: list[tuple[str, str]] = field(default_factory=list)


def _compare(expected: Iterator[_ITEM], stored: Iterator[_ITEM]) -> _Differences:
    """Read both side by side; only what has not yet met its like is kept in memory."""
    found = _Differences()
    wanted: dict[str, _ITEM] = {}
    waiting: dict[str, _ITEM] = {}
    for one, other in zip_longest(expected, stored):
        if one and other and one["id"] == other["id"]:
            found.of_samples += _unlike(one, other)
            continue
        for row, mine, theirs in ((one, wanted, waiting), (other, waiting, wanted)):
            if row and row["id"] in theirs:
                found.out_of_step = True
                found.of_samples += _unlike(row, theirs.pop(row["id"]))
            elif row:
                mine[row["id"]] = row
    found.unmatched = bool(wanted or waiting)
    found.of_samples += [(sample, "it is not in the run") for sample in wanted]
    found.of_samples += [(sample, "it is not in the dataset") for sample in waiting]
    return found


def _unlike(one: _ITEM, other: _ITEM) -> list[tuple[str, str]]:
    """Say which fields of a sample differ."""
    return [
        (one["id"], f"not the {_MEANT.get(name, name)} of the dataset")
        for name in _FIELDS
        if one[name] != other[name]
    ]
