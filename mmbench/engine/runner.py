"""One task: windows of samples flow from rows to answers to totals and to the run folder."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from mmbench.data import Rows, samples
from mmbench.engine.asking import Asker, Item
from mmbench.engine.events import Listener, Progress
from mmbench.engine.scoring import Scored, Scorer
from mmbench.errors import DataError
from mmbench.schema import Message, Prediction, Sample
from mmbench.store.records import TaskRecord
from mmbench.store.run_folder import Answered, RunFolder
from mmbench.task import Task

WINDOW = 2048
"""Samples in memory at a time; sorting by length happens within a window."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one item."""

    prediction: Prediction | None
    scored: Scored


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

    def run(self, rows: Rows, folder: RunFolder) -> None:
        """Answer, keep and score every row.

        Raises:
            MMBenchError: the data, the model or the disk fail; what was answered before stays stored.
        """
        stream = self._samples(rows)
        while window := [self.asker.item(self.task, sample) for sample in islice(stream, WINDOW)]:
            outcomes: dict[int, _Outcome] = {}
            for _ in self.asker.answer(window, lambda item: outcomes.update({id(item): self._score(item)})):  # noqa: B023
                self._progress(rows.name)
            ordered = [(item, outcomes[id(item)]) for item in window]
            self.scorer.add([outcome.scored for _, outcome in ordered])
            folder.add_samples(self.task.name, self.record.dataset.name, [self._row(*pair) for pair in ordered])
        if repeated := self.scorer.duplicates():
            raise DataError(f"{rows.name}: {repeated} rows repeat an id of another row; ids must be unique.")

    def _samples(self, rows: Rows) -> Iterator[Sample]:
        """Yield samples, few-shot turns put first."""
        for sample in samples(self.task, rows):
            yield replace(sample, messages=self.shots + sample.messages) if self.shots else sample

    def _score(self, item: Item) -> _Outcome:
        """Parse and score a sample whose responses are all there."""
        item.error = item.error or next((r.error for r in item.responses if r.error is not None), None)
        work = self.record.efficiency
        work.samples += 1
        if item.error is not None:
            self.record.errors += 1
            self.record.first_error = self.record.first_error or f"{item.sample.id}: {item.error}"
            return _Outcome(None, Scored(item.sample, None))
        work.input_tokens += sum(response.input_tokens for response in item.responses)
        work.output_tokens += sum(sum(response.tokens) for response in item.responses)
        prediction = self.task.parse(item.responses, item.sample)
        return _Outcome(prediction, Scored(item.sample, self.scorer.score(prediction, item.sample)))

    def _row(self, item: Item, outcome: _Outcome) -> Answered:
        statistics = outcome.scored.statistics
        return Answered(
            sample=item.sample,
            responses=item.responses,
            prediction=outcome.prediction.text if outcome.prediction else None,
            statistics={} if statistics is None else self.scorer.by_metric(statistics),
            error=item.error,
        )

    def _progress(self, label: str) -> None:
        first = self.scorer.metrics[0] if self.scorer.metrics else None
        self.listener(
            Progress(
                task=label,
                samples=self.record.efficiency.samples,
                cached=self.record.efficiency.cached,
                metric=first.name if first else "",
                score=self.scorer.running(),
                percent=first is not None and first.range == (0, 1),
            )
        )
