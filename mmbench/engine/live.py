"""Tells live.json how a run goes on."""

import math
from collections.abc import Sequence
from pathlib import Path

from mmbench.engine.events import Event, Progress, TaskEnded, TaskStarted
from mmbench.store.live import LiveFile, LiveTask


class LiveListener:
    """Listens to a run and keeps live.json in its folder until :meth:`close`."""

    def __init__(self, folder: Path, tasks: Sequence[str]) -> None:
        self._file = LiveFile(folder)
        self._tasks = {label: LiveTask(label) for label in tasks}
        self._file.tell(list(self._tasks.values()), now=True)

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        match event:
            case TaskStarted(task, total):
                self._task(task).total, self._task(task).status = total, "running"
            case Progress():
                self._count(event)
            case TaskEnded(task, status):
                self._task(task).status = status
            case _:
                return
        self._file.tell(list(self._tasks.values()), now=isinstance(event, TaskEnded))

    def close(self) -> None:
        """Take the file away."""
        self._file.remove()

    def _task(self, label: str) -> LiveTask:
        return self._tasks.setdefault(label, LiveTask(label))

    def _count(self, event: Progress) -> None:
        task = self._task(event.task)
        task.samples, task.cached, task.metric = event.samples, event.cached, event.metric
        task.score = event.score if math.isfinite(event.score) else None
        task.low, task.high = event.interval or (None, None)
        low, high = event.range
        task.range = (low if math.isfinite(low) else None, high if math.isfinite(high) else None)
