"""One column a run: its manifest, its results as far as they exist, and a name that tells it from the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mmbench.store.records import Manifest, Result, TaskRecord
from mmbench.store.run import Run
from mmbench.store.run_folder import RESULTS

Place = tuple[str, str]
"""A task and its dataset."""


@dataclass(frozen=True)
class Column:
    """A run in a report. ``index`` is its place, and so its colour."""

    index: int
    label: str
    run: Run
    manifest: Manifest
    entries: tuple[Result, ...]

    def task(self, place: Place) -> TaskRecord | None:
        """Return the record of a task; None if this run was not asked for it."""
        return next((task for task in self.manifest.tasks if place_of(task) == place), None)


def place_of(task: TaskRecord) -> Place:
    """Return the task's name and its dataset's."""
    return task.name, task.dataset.name


def places(columns: Sequence[Column]) -> list[Place]:
    """Return every task and dataset of any run, in the order of the manifests."""
    return list(dict.fromkeys(place_of(task) for column in columns for task in column.manifest.tasks))


def columns_of(runs: Sequence[Run]) -> list[Column]:
    """Read the runs. One that stopped before its results were written has none, and its manifest says why.

    Raises:
        StoreError: a file of a run folder cannot be read.
    """
    manifests = [run.manifest for run in runs]
    labels = _labels([manifest.model.name for manifest in manifests])
    return [
        Column(index, label, run, manifest, tuple(run.entries) if (run.path / RESULTS).is_file() else ())
        for index, (label, run, manifest) in enumerate(zip(labels, runs, manifests, strict=True))
    ]


def _labels(names: Sequence[str]) -> list[str]:
    """Number the names that occur more than once."""
    total, seen = Counter(names), Counter[str]()
    labels = []
    for name in names:
        seen[name] += 1
        labels.append(f"{name} #{seen[name]}" if total[name] > 1 else name)
    return labels
