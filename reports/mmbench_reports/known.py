"""How totals of stored statistics become values: by the metric itself, where it is at hand."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mmbench import plugins
from mmbench.engine.select import select
from mmbench.errors import UsageError
from mmbench.metric import Metric
from mmbench.store.records import Result
from mmbench.task import Task
from mmbench_reports.columns import Place

Vector = NDArray[np.float64]
Aggregate = Callable[[Vector], Vector]


def aggregate_of(place: Place, result: Result, width: int) -> Aggregate | None:
    """Return what turns totals (..., width) into values (...).

    It is the metric's own, if the task is installed and its metric has the signature with which the run was
    scored. Else only [score, 1] of a metric that runs from 0 to 1 can be read; None for all others.
    """
    metric = _metrics(place).get((result.metric, result.signature))
    if metric is not None:
        return metric.aggregate
    return _mean if result.range == (0, 1) and width == 2 else None


def _mean(totals: Vector) -> Vector:
    with np.errstate(invalid="ignore", divide="ignore"):
        values: Vector = totals[..., 0] / totals[..., 1]
    return values


@cache
def _metrics(place: Place) -> dict[tuple[str, str], Metric]:
    """Return the metrics of an installed task by name and signature; none if it is not installed or broken."""
    try:
        task = _task(place)
    except (UsageError, plugins.BrokenPluginError):
        return {}
    own = task.datasets[place[1]].metrics if place[1] in task.datasets else ()
    return {(metric.name, metric.signature): metric for metric in own or task.metrics}


def _task(place: Place) -> Task:
    """Make a task as its dataset configures it."""
    name, dataset = place
    found: Task = plugins.load("tasks", name)()
    return select([":".join(place)], {})[0].task if dataset in found.datasets else found
