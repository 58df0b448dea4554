"""Build responses: a reason where there is no answer, and never a number that is none."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mmbench.schema import Request, Response

NOT_A_NUMBER = "the model's logits are not numbers; load it with another dtype (float16 overflows easily)."
Asked = TypeVar("Asked", bound=Request)
Ready = TypeVar("Ready")


class RefusalError(Exception):
    """Why one request cannot be answered; becomes its response."""


def refusal(reason: str) -> Response:
    """Return the response of a request that cannot be answered."""
    return Response(finish_reason="error", error=reason)


def response(logprobs: tuple[float, ...], **facts: Any) -> Response:
    """Return a response, or an error where the model's numbers are none."""
    if any(math.isnan(value) for value in logprobs):
        return refusal(NOT_A_NUMBER)
    return Response(logprobs=logprobs, **facts)


def best_option(options: Sequence[str], logprobs: tuple[float, ...], input_tokens: int) -> Response:
    """Answer a choice that was scored as a whole, not token by token: each option counts as one token."""
    best = max(range(len(options)), key=logprobs.__getitem__)
    facts = {"tokens": (1,) * len(options), "input_tokens": input_tokens, "margin": lead(logprobs)}
    return response(logprobs, text=options[best], **facts)


def lead(logprobs: Sequence[float]) -> float | None:
    """Return by how much the best option beats the second; None if there is but one.

    >>> lead((-3.0, -1.0, -1.5))
    0.5
    """
    if len(logprobs) < 2:
        return None
    second, first = sorted(logprobs)[-2:]
    return first - second


def answer_each(
    requests: Sequence[Asked],
    prepare: Callable[[Asked], Ready],
    run: Callable[[list[Ready]], list[Response]],
) -> list[Response]:
    """Prepare requests one by one, run what could be prepared together, and refuse the others."""
    answers: dict[int, Response] = {}
    ready: dict[int, Ready] = {}
    for index, request in enumerate(requests):
        try:
            ready[index] = prepare(request)
        except RefusalError as error:
            answers[index] = refusal(str(error))
    if ready:
        answers.update(zip(ready, run(list(ready.values())), strict=True))
    return [answers[index] for index in range(len(requests))]
