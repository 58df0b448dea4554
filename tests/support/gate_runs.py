"""Runs as a gate reads them, made of scores."""

import numpy as np

from mmbench.engine.samples import TaskSamples
from mmbench.metrics.classification import Accuracy
from mmbench.stats.replicates import cluster_keys
from mmbench.store.records import DatasetRecord, Efficiency, TaskRecord

ACCURACY = Accuracy()


class FakeRun:
    """What ``gate`` reads of a run: the manifest's tasks."""

    def __init__(self, **tasks):
        self.tasks = tasks
        self.manifest = type("M", (), {"tasks": [task.record for task in tasks.values()]})


def task(scores, *, metric=ACCURACY, clusters=None, errors=0, latency=0.1, kind="a"):
    n = len(scores)
    record = TaskRecord("vqa", "1", DatasetRecord("scenes", ""), {}, [metric.signature], status="done")
    record.efficiency = Efficiency()
    names = clusters or [str(i) for i in range(n)]
    return TaskSamples(
        record=record,
        metrics=[metric],
        ids=[str(i) for i in range(n)],
        keys=cluster_keys(names),
        slices=[{"type": kind if i % 2 else "b"} for i in range(n)],
        statistics={metric.name: np.stack([np.asarray(scores, float), np.ones(n)], axis=1)},
        latency=np.full(n, latency),
        errors=errors,
    )


def scores(n, right, seed=0):
    return np.random.default_rng(seed).permutation(np.arange(n) < right).astype(float)
