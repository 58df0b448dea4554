"""One task against one model: windows of samples flow from rows to stored answers to totals."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from mmbench.data import Rows, samples
from mmbench.engine.batching import Keyed, missing, plan_batches
from mmbench.engine.events import Listener, Progress
from mmbench.engine.scoring import Scored, Scorer
from mmbench.errors import CapabilityError, DataError, MediaError, ModelError
from mmbench.model import Baseline, Capabilities, Model
from mmbench.schema import Generate, Message, Prediction, Request, Response, Sample, modalities_of
from mmbench.store.keys import request_key
from mmbench.store.records import Efficiency
from mmbench.store.responses import Store
from mmbench.store.run_folder import Answered, RunFolder
from mmbench.task import Task

WINDOW = 2048
"""Samples in memory at a time; sorting by length happens within a window."""


@dataclass
class _Item:
    """A sample of the current window on its way to a score."""

    sample: Sample
    requests: Sequence[Request]
    keys: list[bytes] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    waiting: int = 0
    error: str | None = None
    prediction: Prediction | None = None
    scored: Scored | None = None


class TaskRunner:
    """Runs one task; holds its counters."""

    def __init__(
        self,
        task: Task,
        label: str,
        model: Model | Baseline,
        store: Store,
        scorer: Scorer,
        *,
        shots: tuple[Message, ...],
        batch_size: int | None,
        seed: int,
        listener: Listener,
    ) -> None:
        self.task, self.label, self.model, self.store, self.scorer = task, label, model, store, scorer
        self.shots, self.seed, self.listener = shots, seed, listener
        self.batch_size = batch_size
        self.efficiency = Efficiency()
        self.errors = 0
        self.first_error = ""

    def run(self, rows: Rows, folder: RunFolder, dataset: str) -> None:
        """Answer, keep and score every row.

        Raises:
            MMBenchError: the data, the model or the disk fail; what was answered before stays stored.
        """
        started = time.perf_counter()
        stream = self._samples(rows)
        while window := [self._item(sample) for sample in islice(stream, WINDOW)]:
            if isinstance(self.model, Baseline):
                self._answer_baseline(self.model, window)
            else:
                self._answer(self.model, window)
            self.scorer.add([item.scored for item in window if item.scored])
            folder.add_samples(self.task.name, dataset, [self._row(item) for item in window])
        self.efficiency.seconds = time.perf_counter() - started
        if not self.efficiency.samples:
            raise DataError(f"{self.label} has no rows.")
        if repeated := self.scorer.duplicates():
            raise DataError(f"{self.label}: {repeated} rows repeat an id of another row; ids must be unique.")

    def _samples(self, rows: Rows) -> Iterator[Sample]:
        """Yield samples, few-shot turns put first."""
        for sample in samples(self.task, rows):
            yield replace(sample, messages=self.shots + sample.messages) if self.shots else sample

    def _item(self, sample: Sample) -> _Item:
        if isinstance(self.model, Baseline):
            return _Item(sample, self.task.requests(sample, Capabilities()))
        capabilities = self.model.capabilities
        if lacking := modalities_of(sample.messages) - capabilities.modalities:
            raise CapabilityError(f"model {self.model.name} takes no {' or '.join(sorted(lacking))} input.")
        item = _Item(sample, [self._seeded(request) for request in self.task.requests(sample, capabilities)])
        if refused := {type(request) for request in item.requests} - capabilities.kinds:
            kinds = " or ".join(sorted(kind.__name__ for kind in refused))
            raise CapabilityError(f"model {self.model.name} does not answer {kinds} requests.")
        return item

    def _seeded(self, request: Request) -> Request:
        """Give sampled generation the run's seed; greedy answers do not depend on it."""
        if isinstance(request, Generate) and request.temperature > 0:
            return replace(request, seed=self.seed)
        return request

    def _answer_baseline(self, model: Baseline, window: Sequence[_Item]) -> None:
        for item in window:
            item.responses = [model.answer(request, item.sample) for request in item.requests]
            self._complete(item)
        self.efficiency.requests += sum(len(item.requests) for item in window)
        self._progress()

    def _answer(self, model: Model, window: Sequence[_Item]) -> None:
        wanted: dict[bytes, list[_Item]] = {}
        keyed: list[Keyed] = []
        for item in window:
            self._address(model, item)
            for key, request in zip(item.keys, item.requests, strict=False):
                wanted.setdefault(key, []).append(item)
                keyed.append((key, request))
            if not item.keys:
                self._complete(item)
        answers = self.store.get(wanted)
        self.efficiency.requests += len(wanted)
        self.efficiency.cached += len(answers)
        self._deliver(answers, answers, wanted)
        for batch in plan_batches(keyed, model.size, self.batch_size or model.batch_size):
            if todo := missing(batch, answers):
                fresh = self._ask(model, todo)
                answers.update(fresh)
                self._deliver(fresh, answers, wanted)
                self._progress()
        self._progress()

    def _address(self, model: Model, item: _Item) -> None:
        try:
            item.keys = [request_key(model.fingerprint, request) for request in item.requests]
        except MediaError as error:
            item.error = str(error)
        item.waiting = len(set(item.keys))

    def _ask(self, model: Model, todo: Sequence[Keyed]) -> dict[bytes, Response]:
        started = time.perf_counter()
        responses = model.run([request for _, request in todo])
        self.efficiency.model_seconds += time.perf_counter() - started
        if len(responses) != len(todo):
            raise ModelError(f"model {model.name} gave {len(responses)} answers to {len(todo)} requests.")
        fresh = {key: response for (key, _), response in zip(todo, responses, strict=True)}
        self.store.put(list(fresh.items()))
        return fresh

    def _deliver(
        self, fresh: dict[bytes, Response], answers: dict[bytes, Response], wanted: dict[bytes, list[_Item]]
    ) -> None:
        for key in fresh:
            for item in {id(item): item for item in wanted[key]}.values():
                item.waiting -= 1
                if item.waiting == 0:
                    item.responses = [answers[key] for key in item.keys]
                    self._complete(item)

    def _complete(self, item: _Item) -> None:
        """Parse and score a sample whose responses are all there."""
        item.error = item.error or next((r.error for r in item.responses if r.error is not None), None)
        self.efficiency.samples += 1
        if item.error is not None:
            self.errors += 1
            self.first_error = self.first_error or f"{item.sample.id}: {item.error}"
            item.scored = Scored(item.sample, None)
            return
        self.efficiency.input_tokens += sum(response.input_tokens for response in item.responses)
        self.efficiency.output_tokens += sum(sum(response.tokens) for response in item.responses)
        item.prediction = self.task.parse(item.responses, item.sample)
        item.scored = Scored(item.sample, self.scorer.score(item.prediction, item.sample))

    def _row(self, item: _Item) -> Answered:
        assert item.scored is not None
        statistics = {} if item.scored.statistics is None else self.scorer.by_metric(item.scored.statistics)
        text = item.prediction.text if item.prediction else None
        return Answered(item.sample, item.responses, text, statistics, item.error)

    def _progress(self) -> None:
        metric = self.scorer.metrics[0] if self.scorer.metrics else None
        self.listener(
            Progress(
                task=self.label,
                samples=self.efficiency.samples,
                cached=self.efficiency.cached,
                metric=metric.name if metric else "",
                score=self.scorer.running(),
                percent=metric is not None and metric.range == (0, 1),
            )
        )
