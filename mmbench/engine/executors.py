"""Where batches are answered: here, one after another; or by a model that takes all of them at once."""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import zip_longest
from typing import Protocol, runtime_checkable

from mmbench.errors import ModelError
from mmbench.model import Foresighted, Model, Streaming
from mmbench.schema import Request, Response

Batches = Sequence[Sequence[Request]]
Group = Sequence[tuple[int, Response]]
"""Answers that came together, each with the number of its request, counted through all batches."""


@runtime_checkable
class Executor(Protocol):
    """Answers batches; :mod:`mmbench.engine.replicas` has one for many machines.

    Attributes:
        tells_latency: whether answers tell how long each took by itself, as they do from a server.
    """

    tells_latency: bool

    def sizes(self, requests: Sequence[Request]) -> list[int]:
        """Estimate the length of each request in tokens."""
        ...

    def answer(self, batches: Batches) -> Generator[Group, None, None]:
        """Yield answers as they come, in any order, each request's once. Closing it drops what is under way.

        Raises:
            ModelError: the model, or what it runs on, fails.
        """
        ...


def executor_of(model: Model, *, whole_batches: bool) -> Executor:
    """Return what suits a model; ``whole_batches`` keeps the user's batches even for one that streams."""
    if isinstance(model, Executor):
        return model
    if isinstance(model, Streaming) and not whole_batches:
        return AllAtOnce(model)
    return OneByOne(model)


class OneByOne:
    """Batch after batch, in this process."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.tells_latency = isinstance(model, Streaming)

    def sizes(self, requests: Sequence[Request]) -> list[int]:
        """Ask the model."""
        return [self._model.size(request) for request in requests]

    def answer(self, batches: Batches) -> Generator[Group, None, None]:
        """Yield a group a batch."""
        start = 0
        for batch, following in zip_longest(batches, batches[1:]):
            if following and isinstance(self._model, Foresighted):
                self._model.look_ahead(following)
            responses = timed_run(self._model, batch)
            yield list(enumerate(responses, start))
            start += len(batch)


class AllAtOnce:
    """All requests go to a model that streams; it forms its own order from them."""

    tells_latency = True

    def __init__(self, model: Model) -> None:
        if not isinstance(model, Streaming):
            raise TypeError(f"{model.name} does not stream")
        self._model, self._stream = model, model.stream

    def sizes(self, requests: Sequence[Request]) -> list[int]:
        """Ask the model."""
        return [self._model.size(request) for request in requests]

    def answer(self, batches: Batches) -> Generator[Group, None, None]:
        """Yield the model's own groups."""
        requests = [request for batch in batches for request in batch]
        with closing(self._stream(requests)) as groups:
            yield from groups


def timed_run(model: Model, batch: Sequence[Request]) -> list[Response]:
    """Run a batch; answers that do not tell how long they took get an equal share.

    Raises:
        ModelError: there are not as many answers as requests.
    """
    started = time.perf_counter()
    responses = model.run(batch)
    if len(responses) != len(batch):
        raise miscounted(model.name, len(responses), len(batch))
    share = (time.perf_counter() - started) / len(batch)
    return [response if response.latency else replace(response, latency=share) for response in responses]


def miscounted(name: str, answers: int, requests: int) -> ModelError:
    """Return the error of a model that gives another number of answers than it was asked for."""
    return ModelError(f"model {name} gave {answers} answers to {requests} requests.")
