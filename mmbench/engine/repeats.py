"""Asking the same more than once: answers that are drawn differ from draw to draw."""

from collections.abc import Sequence
from dataclasses import replace

from mmbench.errors import UsageError
from mmbench.schema import Generate, Request, Response

STRIDE = 1_000_003
"""Between the seeds of two turns, so that they do not meet the turns of a run with another seed near by."""


def repeated(requests: Sequence[Request], seed: int, repeats: int) -> list[Request]:
    """Give sampled requests the run's seed, and ask all of them ``repeats`` times, each turn with another seed.

    Raises:
        UsageError: there is more than one turn, but no request is sampled.
    """
    if repeats > 1 and requests and not any(_sampled(request) for request in requests):
        raise UsageError(
            f"--repeats {repeats}: this task's answers are not sampled. Give a temperature above 0, such as "
            "--set temperature=0.7, or leave --repeats out."
        )
    turns = range(seed, seed + repeats * STRIDE, STRIDE)
    return [
        replace(request, seed=turn) if isinstance(request, Generate) and _sampled(request) else request
        for turn in turns
        for request in requests
    ]


def turns_of(responses: Sequence[Response], repeats: int) -> list[Sequence[Response]]:
    """Cut a sample's responses into its turns."""
    size = len(responses) // repeats
    return [responses[start : start + size] for start in range(0, repeats * size, size)] if size else [responses]


def _sampled(request: Request) -> bool:
    return isinstance(request, Generate) and request.temperature > 0
