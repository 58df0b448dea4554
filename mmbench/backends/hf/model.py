"""A Transformers checkpoint as a :class:`mmbench.model.Model`."""

import gc
import math
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any, Protocol, runtime_checkable

import torch

from mmbench.backends.hf.ahead import Ahead
from mmbench.backends.hf.media import portions
from mmbench.backends.hf.quiet import quiet
from mmbench.backends.hf.responses import refusal
from mmbench.model import Capabilities
from mmbench.schema import Choice, Generate, Request, Response


class Adapter(Protocol):
    """What differs between families of models: how they take requests in, and how they answer them."""

    @property
    def capabilities(self) -> Capabilities: ...  # noqa: D102

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer requests of one kind, in order."""
        ...

    def size(self, request: Request) -> int:
        """Estimate a request's length in tokens."""
        ...


@runtime_checkable
class TwoStep(Adapter, Protocol):
    """An adapter whose first step needs no model, and so may be ahead of it."""

    def prepare(self, requests: Sequence[Request]) -> Any:
        """Make requests of one kind ready."""
        ...

    def finish(self, prepared: Any) -> list[Response]:
        """Answer what was made ready, in order."""
        ...


class OneByOne:
    """Asks an adapter one request at a time: for models whose answers depend on the padding of a batch."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self.capabilities = adapter.capabilities

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer requests of one kind, in order."""
        return [response for request in requests for response in self._adapter.answer([request])]

    def size(self, request: Request) -> int:
        """Estimate a request's length in tokens."""
        return self._adapter.size(request)


class HFModel:
    """Answers batches through its family's adapter; halves a batch that does not fit into memory."""

    def __init__(
        self,
        name: str,
        fingerprint: str,
        adapter: Adapter,
        batch_size: int,
        commit: str | None = None,
        precision: str = "float32",
    ) -> None:
        """``commit``: which commit of a Hub repository was loaded; None for a folder."""
        self.name, self.fingerprint, self.batch_size, self.commit = name, fingerprint, batch_size, commit
        self.precision = precision
        self.capabilities = adapter.capabilities
        self._adapter: Adapter | None = adapter
        self._ahead = Ahead(adapter.prepare) if isinstance(adapter, TwoStep) else None
        self._following: Sequence[Request] = ()
        self._too_much = math.inf  # tokens of the smallest padded batch that did not fit into memory

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        """Answer requests, in order; those of one kind share a batch.

        A request that cannot be answered (a broken picture, a prompt that is too long, no memory even for it
        alone) gets ``Response(error=...)``.
        """
        self._loaded  # noqa: B018 - a closed model says so
        by_kind: dict[type[Request], list[int]] = {}
        answers: dict[int, Response] = {}
        for index, request in enumerate(requests):
            if reason := self._objection(request):
                answers[index] = refusal(reason)
            else:
                by_kind.setdefault(type(request), []).append(index)
        with quiet(), torch.inference_mode():
            for indices in by_kind.values():
                asked = [requests[index] for index in indices]
                answers.update(zip(indices, self._answer_portions(asked), strict=True))
        return [answers[index] for index in range(len(requests))]

    def look_ahead(self, requests: Sequence[Request]) -> None:
        """Note which batch comes after the next one; its media are read while the model is busy."""
        of_one_kind = len({type(request) for request in requests}) == 1
        self._following = requests if of_one_kind and not any(map(self._objection, requests)) else ()

    def size(self, request: Request) -> int:
        """Estimate the length of a request in tokens."""
        return self._loaded.size(request)

    def close(self) -> None:
        """Free the model's memory; it cannot be asked again."""
        if self._ahead is not None:
            self._ahead.close()
        self._adapter, self._ahead = None, None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _objection(self, request: Request) -> str | None:
        """Say why a request makes no sense to any model, or to this one."""
        if type(request) not in self.capabilities.kinds:
            return f"the model answers no {type(request).__name__} requests."
        if isinstance(request, Choice) and not request.options:
            return "a choice needs options."
        if isinstance(request, Generate) and request.max_tokens < 1:
            return f"max_tokens should be at least 1, not {request.max_tokens}."
        return None

    @property
    def _loaded(self) -> Adapter:
        if self._adapter is None:
            raise ValueError(f"model {self.name} is closed")
        return self._adapter

    def _answer_portions(self, requests: Sequence[Request]) -> list[Response]:
        """Answer requests of one kind, as many at a time as the pictures' pixels allow."""
        own = portions(requests)
        following, self._following = self._following, ()
        later = [*own[1:], *portions(following)[:1]]
        answers: list[Response] = []
        for portion, upcoming in zip_longest(own, later[: len(own)]):
            answers += self._answer(portion, upcoming or ())
        return answers

    def _answer(self, requests: Sequence[Request], upcoming: Sequence[Request] = ()) -> list[Response]:
        cost = len(requests) * max(map(self.size, requests))
        if cost >= self._too_much and len(requests) > 1:
            return self._answer_halves(requests)
        started = time.perf_counter()
        try:
            responses = self._ask(requests, upcoming)
        except (MemoryError, RuntimeError) as error:
            if not _out_of_memory(error):
                raise
            responses = None
        if responses is not None:
            latency = (time.perf_counter() - started) / len(requests)
            return [replace(response, latency=latency) for response in responses]
        if torch.cuda.is_available():  # outside the handler, whose traceback holds on to the memory
            torch.cuda.empty_cache()
        if len(requests) == 1:
            return [refusal("the request alone does not fit into memory.")]
        self._too_much = min(self._too_much, cost)
        return self._answer_halves(requests)

    def _ask(self, requests: Sequence[Request], upcoming: Sequence[Request]) -> list[Response]:
        adapter = self._loaded
        if self._ahead is None or not isinstance(adapter, TwoStep):
            return adapter.answer(requests)
        prepared = self._ahead.take(requests)
        if upcoming:
            self._ahead.begin(upcoming)
        return adapter.finish(prepared)

    def _answer_halves(self, requests: Sequence[Request]) -> list[Response]:
        half = (len(requests) + 1) // 2
        return self._answer(requests[:half]) + self._answer(requests[half:])


def _out_of_memory(error: BaseException) -> bool:
    known = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return known or "can't allocate memory" in str(error) or "out of memory" in str(error)
