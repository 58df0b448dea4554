"""The scored samples of a run, as arrays: what comparisons and gates work on."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmbench.engine.rescore import ready_metrics
from mmbench.metric import Metric, Vector
from mmbench.stats.replicates import cluster_keys
from mmbench.store.records import TaskRecord
from mmbench.store.run import Run

_COLUMNS = ["task", "dataset", "id", "cluster", "slices", "statistics", "responses", "error"]


@dataclass
class TaskSamples:
    """The answered samples of one task.

    Attributes:
        record: the manifest's record of the task.
        metrics: ready to aggregate; only those whose statistics were stored.
        ids: one a sample; all other arrays are in their order.
        keys: hashes of the clusters, shape (n,).
        slices: the named groups of each sample.
        statistics: metric name -> shape (n, k).
        latency: seconds, shape (n,).
        errors: samples without an answer, which are in none of the arrays.
        prompts: hashes of the prompts, media included, shape (n,); None if they were not asked for, or not kept.
    """

    record: TaskRecord
    metrics: list[Metric]
    ids: list[str] = field(default_factory=list)
    keys: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    slices: list[dict[str, str]] = field(default_factory=list)
    statistics: dict[str, Vector] = field(default_factory=dict)
    latency: Vector = field(default_factory=lambda: np.zeros(0))
    errors: int = 0
    prompts: NDArray[np.uint64] | None = None

    def members(self, name: str) -> NDArray[np.intp]:
        """Return the rows of a slice "name=value"; all rows for ""."""
        if not name:
            return np.arange(len(self.ids))
        key, _, value = name.partition("=")
        return np.flatnonzero([named.get(key) == value for named in self.slices])

    def aligned(self, other: "TaskSamples", name: str = "") -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows of a slice that ``other`` has too, and their rows there."""
        where = {sample: row for row, sample in enumerate(other.ids)}
        mine = [int(row) for row in self.members(name) if self.ids[row] in where]
        return np.asarray(mine, np.intp), np.asarray([where[self.ids[row]] for row in mine], np.intp)


def read_samples(run: Run, *, prompts: bool = False) -> dict[str, TaskSamples]:
    """Read all finished tasks of a run, by "task:dataset"; with ``prompts``, hashes of them where they are kept.

    Raises:
        StoreError: samples.parquet cannot be read.
    """
    tasks = {
        f"{record.name}:{record.dataset.name}": TaskSamples(record, ready_metrics(run, record))
        for record in run.manifest.tasks
        if record.status == "done"
    }
    vectors: dict[str, dict[str, list[list[float]]]] = {label: {} for label in tasks}
    clusters: dict[str, list[str]] = {label: [] for label in tasks}
    latency: dict[str, list[float]] = {label: [] for label in tasks}
    asked: dict[str, list[str]] = {label: [] for label in tasks}
    hashed = prompts and run.keeps_answers
    for batch in run.sample_batches([*_COLUMNS, *(["prompt", "media"] if hashed else [])]):
        for row in batch.to_pylist():
            label = f"{row['task']}:{row['dataset']}"
            if label not in tasks:
                continue
            if row["error"] is not None:
                tasks[label].errors += 1
                continue
            tasks[label].ids.append(row["id"])
            tasks[label].slices.append(dict(row["slices"]))
            clusters[label].append(row["cluster"] or f"#{row['id']}")
            latency[label].append(sum(response["latency"] for response in row["responses"]))
            if hashed:
                asked[label].append("\0".join([row["prompt"], *row["media"]]))
            for name, vector in row["statistics"]:
                vectors[label].setdefault(name, []).append(vector)
    for label, task in tasks.items():
        task.keys = cluster_keys(clusters[label])
        task.latency = np.asarray(latency[label])
        task.prompts = cluster_keys(asked[label]) if hashed else None
        task.statistics = {name: np.asarray(rows) for name, rows in vectors[label].items()}
        task.metrics = [metric for metric in task.metrics if metric.name in task.statistics]
    return tasks
