"""One task: windows of samples flow from rows to answers to totals and to the run folder.

Three things go on at once: the next window is made ready, the model answers, and what it has answered before is
parsed, scored and written. Answers are committed to the store before the model is asked for more.
"""

import math
import time
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from itertools import islice

from mmbench.data import Rows, samples
from mmbench.engine.asking import Asker, Item
from mmbench.engine.background import Worker, ahead
from mmbench.engine.events import Listener, Notice, Progress
from mmbench.engine.probe import PROBED
from mmbench.engine.repeats import turns_of
from mmbench.engine.scoring import Scored, Scorer
from mmbench.engine.shots import shown
from mmbench.errors import DataError
from mmbench.schema import Message, Sample
from mmbench.store.records import TaskRecord
from mmbench.store.run_folder import Answered, RunFolder
from mmbench.task import Task

WINDOW = 2048
"""Samples that are asked at a time; sorting by length happens within a window. Three windows are in memory."""
TELL = 0.1
"""Seconds from one telling of progress to the next, at least: running intervals take time."""


class TaskRunner:
    """Runs one task and keeps its record up to date."""

    def __init__(
        self,
        task: Task,
        record: TaskRecord,
        asker: Asker,
        scorer: Scorer,
        shots: tuple[Message, ...],
        listener: Listener,
    ) -> None:
        self.task, self.record, self.asker, self.scorer = task, record, asker, scorer
        self.shots, self.listener = shots, listener
        self._quiet_until = 0.0
        self.first: list[Item] = []

    def run(self, rows: Rows, folder: RunFolder) -> None:
        """Answer, keep and score every row.

        Raises:
            MMBenchError: the data, the model or the disk fail; what was answered before stays stored.
        """
        with Worker() as worker:
            for window in ahead(self._windows(rows)):
                self.first = self.first or window[:PROBED]
                self._tell_fall_back(rows.name, window[0])
                for finished in self.asker.answer(window):
                    worker.submit(partial(self._score_all, finished, rows.name))
                worker.submit(partial(self._keep, window, folder))
        self._progress(rows.name)
        if repeated := self.scorer.duplicates():
            raise DataError(f"{rows.name}: {repeated} rows repeat an id of another row; ids must be unique.")

    def _windows(self, rows: Rows) -> Generator[list[Item], None, None]:
        stream = self._samples(rows)
        while window := [self.asker.item(self.task, sample) for sample in islice(stream, WINDOW)]:
            yield window

    def _samples(self, rows: Rows) -> Iterator[Sample]:
        """Yield samples, few-shot turns put first."""
        for sample in samples(self.task, rows):
            yield shown(sample, self.shots, blind=self.record.blind)

    def _score_all(self, items: Sequence[Item], label: str) -> None:
        """Score what a batch has completed, and tell of it if that has not just been done."""
        for item in items:
            self._score(item)
        if time.monotonic() >= self._quiet_until:
            self._progress(label)
            self._quiet_until = time.monotonic() + TELL

    def _score(self, item: Item) -> None:
        """Parse and score a sample whose responses are all there."""
        item.error = item.error or next((r.error for r in item.responses if r.error is not None), None)
        work = self.record.efficiency
        work.samples += 1
        if item.error is not None:
            self.record.errors += 1
            self.record.first_error = self.record.first_error or f"{item.sample.id}: {item.error}"
            item.scored = Scored(item.sample, None)
            return
        for response in item.responses:
            work.input_tokens += response.input_tokens
            work.output_tokens += sum(response.tokens)
        turns = turns_of(item.responses, self.record.repeats)
        predictions = [self.task.parse(turn, item.sample) for turn in turns]
        item.prediction, item.scored = predictions[0], self.scorer.score_turns(predictions, item.sample)

    def _keep(self, window: Sequence[Item], folder: RunFolder) -> None:
        """Add a window that is scored to the totals and to the run folder, in the order of its rows."""
        self.scorer.add([item.scored for item in window if item.scored is not None])
        folder.add_samples(self.task.name, self.record.dataset.name, [self._row(item) for item in window])

    def _row(self, item: Item) -> Answered:
        statistics = item.scored.statistics if item.scored else None
        return Answered(
            sample=item.sample,
            responses=item.responses,
            prediction=item.prediction.text if item.prediction else None,
            statistics={} if statistics is None else self.scorer.by_metric(statistics),
            error=item.error,
        )

    def _tell_fall_back(self, label: str, first: Item) -> None:
        """Say once that answers which could be scored are generated instead."""
        if self.record.efficiency.requests == 0 and self.asker.falls_back(self.task, first.sample):
            self.listener(
                Notice(f"{label}: the model tells no log-probabilities of given answers; it writes its choice.")
            )

    def _progress(self, label: str) -> None:
        first = self.scorer.metrics[0] if self.scorer.metrics else None
        running = self.scorer.running
        self.listener(
            Progress(
                task=label,
                samples=self.record.efficiency.samples,
                cached=self.record.efficiency.cached,
                metric=first.name if first else "",
                score=running.value() if running else math.nan,
                interval=running.interval() if running else None,
                range=first.range if first else (-math.inf, math.inf),
            )
        )
