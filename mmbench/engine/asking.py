"""Getting answers for a window of samples: from the store, else from the model; or from a baseline."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Protocol

from mmbench.engine.batching import Keyed, missing, plan_batches
from mmbench.engine.efficiency import Meter
from mmbench.engine.executors import Executor, Group, miscounted
from mmbench.engine.repeats import Drawing
from mmbench.engine.scoring import Scored
from mmbench.errors import CapabilityError, MediaError, ModelError
from mmbench.model import EVERY_KIND, Baseline, Capabilities, Model
from mmbench.schema import Generate, Modality, Prediction, Request, Response, Sample, modalities_of
from mmbench.store.keys import request_key
from mmbench.store.responses import Store
from mmbench.task import Task


@dataclass(slots=True)
class Item:
    """A sample on its way to an answer and a score; ``error`` says why there is none."""

    sample: Sample
    requests: Sequence[Request]
    keys: list[bytes] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    waiting: int = 0
    error: str | None = None
    prediction: Prediction | None = None
    scored: Scored | None = None


Answers = dict[bytes, Response]


class Asker(Protocol):
    """Puts a task's requests to a model or a baseline."""

    def item(self, task: Task, sample: Sample) -> Item:
        """Prepare a sample; may be called in another thread than :meth:`answer`.

        Raises:
            CapabilityError: the model cannot take what the task asks.
        """
        ...

    def answer(self, window: Sequence[Item]) -> Iterator[list[Item]]:
        """Answer a window: yield each of its items once, after the batch that completed it."""
        ...

    def falls_back(self, task: Task, sample: Sample) -> bool:
        """Whether the task lets the model write answers only because it cannot score given ones."""
        ...


class BaselineAsker:
    """Asks a baseline, which sees the sample; nothing is stored."""

    def __init__(self, baseline: Baseline, meter: Meter, drawing: Drawing) -> None:
        self.baseline, self.efficiency, self.drawing = baseline, meter.record, drawing

    def item(self, task: Task, sample: Sample) -> Item:
        """Prepare a sample; a baseline takes everything."""
        return Item(sample, self.drawing.requests(task.requests(sample, Capabilities())))

    def answer(self, window: Sequence[Item]) -> Iterator[list[Item]]:
        """Answer a window in order."""
        for item in window:
            item.responses = [self.baseline.answer(request, item.sample) for request in item.requests]
        self.efficiency.requests += sum(len(item.requests) for item in window)
        yield list(window)

    def falls_back(self, task: Task, sample: Sample) -> bool:  # noqa: ARG002
        """A baseline answers whatever it is asked."""
        return False


class ModelAsker:
    """Asks the store first, then the model; answers are kept before they are used."""

    def __init__(
        self,
        model: Model,
        executor: Executor,
        store: Store,
        meter: Meter,
        *,
        batch_size: int | None,
        drawing: Drawing,
    ) -> None:
        self.model, self.executor, self.store, self.meter = model, executor, store, meter
        self.efficiency = meter.record
        self.batch_size = batch_size or model.batch_size
        self.drawing = drawing
        self._offers: dict[frozenset[Modality], Capabilities] = {}

    def item(self, task: Task, sample: Sample) -> Item:
        """Prepare a sample; sampled generation gets the run's seed."""
        able = self._able(modalities_of(sample.messages))
        requests = self.drawing.requests(task.requests(sample, able))
        if refused := {type(request) for request in requests} - able.kinds:
            kinds = " or ".join(sorted(kind.__name__ for kind in refused))
            raise CapabilityError(f"model {self.model.name} does not answer {kinds} requests.")
        item = Item(sample, requests)
        try:
            item.keys = [request_key(self.model.fingerprint, request) for request in requests]
        except MediaError as error:
            item.error = str(error)
        item.waiting = len(set(item.keys))
        return item

    def answer(self, window: Sequence[Item]) -> Iterator[list[Item]]:
        """Answer a window; equal requests are asked once."""
        wanted: dict[bytes, list[Item]] = {}
        requests: dict[bytes, Request] = {}
        for item in window:
            for key, request in dict(zip(item.keys, item.requests, strict=False)).items():
                wanted.setdefault(key, []).append(item)
                requests.setdefault(key, request)
        answers = self.store.get(wanted)
        self.efficiency.requests += len(wanted)
        self.efficiency.cached += len(answers)
        unasked = [item for item in window if not item.keys]
        yield unasked + _complete(list(answers), answers, wanted)
        if len(answers) < len(wanted):
            for fresh in self._ask(self._plan(requests, answers)):
                answers.update(fresh)
                yield _complete(list(fresh), answers, wanted)

    def falls_back(self, task: Task, sample: Sample) -> bool:
        """Whether the task lets the model write answers only because it cannot score given ones."""
        able = self._able(modalities_of(sample.messages))
        asked, best = (
            {type(request) for request in task.requests(sample, offered)}
            for offered in (able, replace(able, kinds=EVERY_KIND))
        )
        return asked == {Generate} and bool(best - able.kinds)

    def _able(self, modalities: frozenset[Modality]) -> Capabilities:
        """Return what the model offers for conversations of these modalities.

        Raises:
            CapabilityError: it does not take them, or needs another one.
        """
        if modalities not in self._offers:
            able = self.model.capabilities
            if lacking := modalities - able.modalities:
                raise CapabilityError(f"model {self.model.name} takes no {' or '.join(sorted(lacking))} input.")
            if modalities and (absent := able.required - modalities):
                needs = " and ".join(sorted(absent))
                raise CapabilityError(f"model {self.model.name} needs {needs} input, which this task has not.")
            self._offers[modalities] = able.on(modalities)
        return self._offers[modalities]

    def _plan(self, requests: dict[bytes, Request], answers: Answers) -> list[list[Keyed]]:
        """Plan batches over the whole window, and return what is missing of each."""
        sizes = self.executor.sizes(list(requests.values()))
        batches = plan_batches(list(requests.items()), sizes, self.batch_size)
        return [todo for batch in batches if (todo := missing(batch, answers))]

    def _ask(self, batches: Sequence[Sequence[Keyed]]) -> Generator[Answers, None, None]:
        """Ask the model, and keep what it answers before anything is done with it."""
        waiting = dict(enumerate(key for batch in batches for key, _ in batch))
        asked = len(waiting)
        with closing(self.executor.answer([[request for _, request in batch] for batch in batches])) as groups:
            while group := self._next(groups):
                fresh = {waiting.pop(index): response for index, response in group if index in waiting}
                if len(fresh) < len(group):
                    raise ModelError(f"model {self.model.name} answered twice, or what it was not asked.")
                self.store.put(list(fresh.items()))
                self.meter.answered(fresh.values(), latency=self.executor.tells_latency)
                yield fresh
        if waiting:
            raise miscounted(self.model.name, asked - len(waiting), asked)

    def _next(self, groups: Iterator[Group]) -> Group:
        """Wait for answers; none are left where there are none."""
        started = time.perf_counter()
        group = next(groups, ())
        self.efficiency.model_seconds += time.perf_counter() - started
        return group


def _complete(fresh: Iterable[bytes], answers: Answers, wanted: dict[bytes, list[Item]]) -> list[Item]:
    """Return the items that fresh answers complete."""
    complete = []
    for key in fresh:
        for item in wanted[key]:
            item.waiting -= 1
            if item.waiting == 0:
                item.responses = [answers[key] for key in item.keys]
                complete.append(item)
    return complete
