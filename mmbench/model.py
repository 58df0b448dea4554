"""The contract of a model: requests in, responses out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mmbench.schema import Choice, Generate, LogLikelihood, Modality, Perplexity, Request, Response, Sample

EVERY_KIND: frozenset[type[Request]] = frozenset({Generate, LogLikelihood, Choice, Perplexity})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can take in, and what it can be asked."""

    modalities: frozenset[Modality] = frozenset({"text"})
    kinds: frozenset[type[Request]] = EVERY_KIND


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
