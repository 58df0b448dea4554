"""Getting answers for a window of samples: from the store, else from the model; or from a baseline."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Protocol

from mmbench.engine.batching import Keyed, missing, plan_batches
from mmbench.errors import CapabilityError, MediaError, ModelError
from mmbench.model import Baseline, Capabilities, Model, Streaming
from mmbench.schema import Generate, Request, Response, Sample, modalities_of
from mmbench.store.keys import request_key
from mmbench.store.records import Efficiency
from mmbench.store.responses import Store
from mmbench.task import Task


@dataclass
class Item:
    """A sample on its way to an answer; ``error`` says why there is none."""

    sample: Sample
    requests: Sequence[Request]
    keys: list[bytes] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    waiting: int = 0
    error: str | None = None


Done = Callable[[Item], None]
Answers = dict[bytes, Response]


class Asker(Protocol):
    """Puts a task's requests to a model or a baseline."""

    def item(self, task: Task, sample: Sample) -> Item:
        """Prepare a sample.

        Raises:
            CapabilityError: the model cannot take what the task asks.
        """
        ...

    def answer(self, window: Sequence[Item], done: Done) -> Iterable[None]:
        """Answer a window; calls ``done`` for each item that is complete and yields after each batch."""
        ...


class BaselineAsker:
    """Asks a baseline, which sees the sample; nothing is stored."""

    def __init__(self, baseline: Baseline, efficiency: Efficiency) -> None:
        self.baseline, self.efficiency = baseline, efficiency

    def item(self, task: Task, sample: Sample) -> Item:
        """Prepare a sample; a baseline takes everything."""
        return Item(sample, task.requests(sample, Capabilities()))

    def answer(self, window: Sequence[Item], done: Done) -> Iterable[None]:
        """Answer a window in order."""
        for item in window:
            item.responses = [self.baseline.answer(request, item.sample) for request in item.requests]
            done(item)
        self.efficiency.requests += sum(len(item.requests) for item in window)
        yield


class ModelAsker:
    """Asks the store first, then the model; answers are kept before they are used.

    A model is asked in planned batches. One that streams is given all at once, unless the user has set the size of
    batches, and its answers are kept as they come.
    """

    def __init__(
        self, model: Model, store: Store, efficiency: Efficiency, *, batch_size: int | None, seed: int
    ) -> None:
        self.model, self.store, self.efficiency = model, store, efficiency
        self.batch_size = batch_size or model.batch_size
        self.streaming = model if isinstance(model, Streaming) and batch_size is None else None
        self.seed = seed

    def item(self, task: Task, sample: Sample) -> Item:
        """Prepare a sample; sampled generation gets the run's seed."""
        able = self.model.capabilities
        modalities = modalities_of(sample.messages)
        if lacking := modalities - able.modalities:
            raise CapabilityError(f"model {self.model.name} takes no {' or '.join(sorted(lacking))} input.")
        able = able.on(modalities)
        requests = [self._seeded(request) for request in task.requests(sample, able)]
        if refused := {type(request) for request in requests} - able.kinds:
            kinds = " or ".join(sorted(kind.__name__ for kind in refused))
            raise CapabilityError(f"model {self.model.name} does not answer {kinds} requests.")
        return Item(sample, requests)

    def answer(self, window: Sequence[Item], done: Done) -> Iterable[None]:
        """Answer a window; equal requests are asked once."""
        wanted: dict[bytes, list[Item]] = {}
        keyed: list[Keyed] = []
        for item in window:
            self._address(item)
            if not item.keys:
                done(item)
            for key, request in dict(zip(item.keys, item.requests, strict=False)).items():
                wanted.setdefault(key, []).append(item)
                keyed.append((key, request))
        answers = self.store.get(wanted)
        self.efficiency.requests += len(wanted)
        self.efficiency.cached += len(answers)
        _deliver(list(answers), answers, wanted, done)
        yield
        batches = plan_batches(keyed, self.model.size, self.batch_size)
        for fresh in self._stream(batches, answers) if self.streaming else self._ask_each(batches, answers):
            answers.update(fresh)
            _deliver(list(fresh), answers, wanted, done)
            yield

    def _seeded(self, request: Request) -> Request:
        if isinstance(request, Generate) and request.temperature > 0:
            return replace(request, seed=self.seed)
        return request

    def _address(self, item: Item) -> None:
        try:
            item.keys = [request_key(self.model.fingerprint, request) for request in item.requests]
        except MediaError as error:
            item.error = str(error)
        item.waiting = len(set(item.keys))

    def _ask_each(self, batches: Iterable[list[Keyed]], answers: Answers) -> Iterator[Answers]:
        """Ask batch by batch."""
        for batch in batches:
            if todo := missing(batch, answers):
                yield self._ask(todo)

    def _ask(self, todo: Sequence[Keyed]) -> Answers:
        started = time.perf_counter()
        responses = self.model.run([request for _, request in todo])
        spent = time.perf_counter() - started
        self.efficiency.model_seconds += spent
        if len(responses) != len(todo):
            raise self._miscounted(len(responses), len(todo))
        share = spent / len(todo)
        return self._keep(
            {
                key: response if response.latency else replace(response, latency=share)
                for (key, _), response in zip(todo, responses, strict=True)
            }
        )

    def _stream(self, batches: Iterable[list[Keyed]], answers: Answers) -> Iterator[Answers]:
        """Ask all at once and take answers as they come."""
        todo = missing([item for batch in batches for item in batch], answers)
        if self.streaming is None or not todo:
            return
        waiting = dict(enumerate(key for key, _ in todo))
        with closing(self.streaming.stream([request for _, request in todo])) as groups:
            while group := self._next(groups):
                fresh = {waiting.pop(index): response for index, response in group if index in waiting}
                if len(fresh) < len(group):
                    raise ModelError(f"model {self.model.name} answered twice, or what it was not asked.")
                yield self._keep(fresh)
        if waiting:
            raise self._miscounted(len(todo) - len(waiting), len(todo))

    def _next(self, groups: Iterator[Sequence[tuple[int, Response]]]) -> Sequence[tuple[int, Response]]:
        """Wait for answers; none are left where there are none."""
        started = time.perf_counter()
        group = next(groups, ())
        self.efficiency.model_seconds += time.perf_counter() - started
        return group

    def _keep(self, fresh: Answers) -> Answers:
        self.store.put(list(fresh.items()))
        return fresh

    def _miscounted(self, answers: int, requests: int) -> ModelError:
        return ModelError(f"model {self.model.name} gave {answers} answers to {requests} requests.")


def _deliver(fresh: Sequence[bytes], answers: Answers, wanted: dict[bytes, list[Item]], done: Done) -> None:
    """Hand fresh answers to the items that wait for them."""
    for key in fresh:
        for item in wanted[key]:
            item.waiting -= 1
            if item.waiting == 0:
                item.responses = [answers[key] for key in item.keys]
                done(item)
