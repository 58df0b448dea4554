"""Running a run again from its manifest, and saying whether the same came out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmbench.engine.again import extra_metrics, selections_of, settings_of
from mmbench.engine.evaluate import run_selections
from mmbench.engine.events import Listener, ignore
from mmbench.errors import UsageError
from mmbench.model import Baseline, Model
from mmbench.store.records import Manifest, Result
from mmbench.store.run import Run
from mmbench.store.run_folder import RESULTS


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The new run, whether its results.json is the old one's to the last byte, and what differs.

    ``results`` names values that differ; ``circumstances`` names what may explain them.
    """

    run: Run
    identical: bool
    results: list[str]
    circumstances: list[str]


def reproduce(
    run: Run,
    out: Path,
    *,
    model: str | Model | Baseline | None = None,
    cache: str = "off",
    on_event: Listener = ignore,
) -> Reproduction:
    """Repeat a run: its model, tasks, options, rows, few-shot examples, seed and size of batches.

    Args:
        run: a finished run.
        out: where the new run folder is made.
        model: in place of the model string of the manifest, for a model that has none or has moved.
        cache: a response store; "off" asks the model anew, which is what shows that it answers the same.
        on_event: is told how the run goes on.

    Raises:
        UsageError: the manifest does not say enough: rows of a local file, a run that a gate stopped early.
        StoreError: the run's results cannot be read.
        MMBenchError: the run cannot be repeated.
    """
    old = run.manifest
    for record in old.tasks:
        if record.status == "done" and record.reason:
            raise UsageError(
                f"{record.name}:{record.dataset.name} of {run.path} was {record.reason}; run it whole."
            )
    before = run.entries  # a run whose results cannot be read is refused before anything is asked
    selections = selections_of(old)
    extra = extra_metrics(old, selections)
    again = run_selections(model or old.model.spec, selections, extra, settings_of(old, out, cache), on_event)
    same = (run.path / RESULTS).read_bytes() == (again.path / RESULTS).read_bytes()
    results = [] if same else changed_results(before, again.entries)
    return Reproduction(again, same, results, list(_circumstances(old, again.manifest)))


def changed_results(old: Sequence[Result], new: Sequence[Result]) -> list[str]:
    """Name every value that is not the same, or stands on one side only."""
    return list(_changed(old, new))


def _changed(old: Sequence[Result], new: Sequence[Result]) -> Iterator[str]:
    left, right = ({(r.task, r.dataset, r.metric, r.slice): r for r in part} for part in (old, new))
    for key in left | right:
        task, dataset, metric, name = key
        label = f"{task}:{dataset} {metric}" + (f" [{name}]" if name else "")
        before, after = left.get(key), right.get(key)
        if before is None or after is None:
            yield f"{label}: only the {'old' if after is None else 'new'} run has it"
        elif before.value != after.value or before.n != after.n:
            yield f"{label}: {before.value} (n = {before.n}) became {after.value} (n = {after.n})"
        elif before != after:
            yield f"{label}: its interval, signature or clusters differ"


def _circumstances(old: Manifest, new: Manifest) -> Iterator[str]:
    """Name everything about model, data, code and machine that is not the same."""
    if old.model.fingerprint != new.model.fingerprint:
        yield "the model's fingerprint differs: other weights, dtype, template or code"
    for before, after in zip(old.tasks, new.tasks, strict=True):
        label = f"{before.name}:{before.dataset.name}"
        if before.dataset.fingerprint != after.dataset.fingerprint:
            yield f"{label}: the dataset's rows differ"
        if before.version != after.version:
            yield f"{label}: the task's version was {before.version} and is {after.version}"
        for signature in sorted(set(before.metrics) - set(after.metrics)):
            yield f"{label}: metric {signature} is another version now"
        if before.status != after.status:
            yield f"{label}: was {before.status} and is {after.status} {after.reason}".rstrip()
    yield from _changes("", old.versions, new.versions)
    yield from _changes("hardware: ", old.hardware, new.hardware)


def _changes(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{what}{name} was {old.get(name, 'absent')} and is {new.get(name, 'absent')}"
