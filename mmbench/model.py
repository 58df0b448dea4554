"""The contract of a model: requests in, responses out."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from mmbench.schema import Choice, Generate, LogLikelihood, Modality, Perplexity, Request, Response, Sample

EVERY_KIND: frozenset[type[Request]] = frozenset({Generate, LogLikelihood, Choice, Perplexity})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can take in, and what it can be asked.

    ``scored`` are the modalities of conversations whose replies it can score; None means all of ``modalities``.
    ``required`` are those that a conversation must hold: a model that answers questions about pictures needs one.
    """

    modalities: frozenset[Modality] = frozenset({"text"})
    kinds: frozenset[type[Request]] = EVERY_KIND
    scored: frozenset[Modality] | None = None
    required: frozenset[Modality] = frozenset()

    def on(self, modalities: frozenset[Modality]) -> "Capabilities":
        """Return what is offered for a conversation of these modalities."""
        if self.scored is None or modalities <= self.scored:
            return self
        return replace(self, kinds=self.kinds & {Generate})


class Model(Protocol):
    """Anything that answers requests.

    Attributes:
        name: what results and tables call it.
        fingerprint: changes whenever an answer might (weights, adapter, dtype, quantisation, template, code);
            part of every key in the response store.
        capabilities: a task that asks for more is skipped, with the reason.
        batch_size: how many requests ``run`` likes at a time when the user does not say.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def fingerprint(self) -> str: ...  # noqa: D102
    @property
    def capabilities(self) -> Capabilities: ...  # noqa: D102
    @property
    def batch_size(self) -> int: ...  # noqa: D102

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        """Answer a batch of requests of one kind, in order.

        A request that cannot be answered gets ``Response(error=...)``; it never gets a made-up answer.
        """
        ...

    def size(self, request: Request) -> int:
        """Estimate the length of a request in tokens; batches are filled with requests of like size."""
        ...

    def close(self) -> None:
        """Free memory, connections and workers."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """A model that can also hand out answers one by one as they come in, such as one that is reached by network.

    It is given whole windows of requests, of any kinds, so that it can keep many under way; what it has handed
    out is stored at once, so that a killed run loses nothing that was received.
    """

    def stream(self, requests: Sequence[Request]) -> Generator[Sequence[tuple[int, Response]], None, None]:
        """Yield non-empty groups of (index of the request, answer), each request's answer once, in any order.

        Responses tell their own latency. Closing the generator drops what is still under way.
        """
        ...


@runtime_checkable
class Priced(Protocol):
    """A model that costs money."""

    @property
    def cost(self) -> float | None:
        """Dollars spent so far; None if prices are not known."""
        ...


@runtime_checkable
class Foresighted(Protocol):
    """A model that can make a batch ready (read, decode, tokenize) while it works on the one before."""

    def look_ahead(self, requests: Sequence[Request]) -> None:
        """Note which batch ``run`` gets after the next one; returns at once, and changes no answer."""
        ...


@runtime_checkable
class Baseline(Protocol):
    """A yardstick that, unlike a model, may look at the sample itself. Its answers are never stored."""

    @property
    def name(self) -> str: ...  # noqa: D102

    def prepare(self, samples: Iterable[Sample]) -> None:
        """See all samples of a dataset once before the first answer."""
        ...

    def answer(self, request: Request, sample: Sample) -> Response:
        """Answer one request about one sample."""
        ...
