"""Events of a run, as progress bars on a terminal or as plain lines elsewhere."""

import math

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn

from mmbench.cli.bars import Bars
from mmbench.engine.events import Event, Notice, Progress, RunStarted, TaskEnded, TaskStarted


class ProgressView(Bars):
    """Shows rate, time left, store hits and the running score of each task on standard error."""

    def __init__(self, console: Console) -> None:
        super().__init__(
            console,
            TextColumn("{task.description:<26}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[cached]}"),
            TextColumn("{task.fields[score]}"),
        )
        self._open: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case RunStarted(model, path, _):
                self.say((model, "bold"), f" -> {path}")
            case TaskStarted(task, total):
                self._open[task] = self._bars.add_task(task, total=total, rate="", cached="", score="")
            case Progress():
                self._count(event)
            case TaskEnded():
                self._end(event)
            case Notice(text):
                self.say(("note:", "yellow"), f" {text}")

    def _count(self, event: Progress) -> None:
        bar = self._open[event.task]
        speed = self._bars.tasks[self._bars.task_ids.index(bar)].speed
        factor = 100 if event.range == (0, 1) else 1
        ends = f" ({event.interval[0] * factor:.1f}-{event.interval[1] * factor:.1f})" if event.interval else ""
        self._bars.update(
            bar,
            completed=event.samples,
            rate=f"{speed:,.0f}/s" if speed else "",
            cached=f"{event.cached:,} from store" if event.cached else "",
            score=f"{event.metric} {event.score * factor:.1f}{ends}" if math.isfinite(event.score) else "",
        )

    def _end(self, event: TaskEnded) -> None:
        if event.task in self._open and event.status == "done":
            bar = self._open[event.task]
            done = self._bars.tasks[self._bars.task_ids.index(bar)].completed
            self._bars.update(bar, total=done)
        if event.status != "done":
            self.say((f"{event.task} {event.status}:", "yellow"), f" {event.reason}")
        elif event.errors:
            count = f"{event.task}: {event.errors} samples without an answer;"
            self.say((count, "yellow"), f" the first: {event.first_error}")
