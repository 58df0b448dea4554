"""How answers are drawn, and asking the same more than once: drawn answers differ from turn to turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mmbench.errors import UsageError
from mmbench.schema import Generate, Request, Response

STRIDE = 1_000_003
"""Between the seeds of two turns, so that they do not meet the turns of a run with another seed near by."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How answers are drawn: ``sampling`` replaces a task's temperature and top_p, ``repeats`` counts turns."""

    seed: int = 0
    repeats: int = 1
    sampling: dict[str, Any] = field(default_factory=dict)

    def requests(self, requests: Sequence[Request]) -> list[Request]:
        """Give sampled requests the run's seed, and ask all of them in every turn, each with another seed.

        Raises:
            UsageError: there is more than one turn, but no request is sampled.
        """
        set_ = list(requests)
        if self.sampling:
            set_ = [replace(each, **self.sampling) if isinstance(each, Generate) else each for each in set_]
        if self.repeats > 1 and set_ and not any(_sampled(request) for request in set_):
            raise UsageError(
                f"--repeats {self.repeats}: the answers to this task are not sampled. Give --temperature 0.7, "
                "say; options that are scored rather than written never are."
            )
        turns = range(self.seed, self.seed + self.repeats * STRIDE, STRIDE)
        return [
            replace(request, seed=turn) if isinstance(request, Generate) and _sampled(request) else request
            for turn in turns
            for request in set_
        ]


def turns_of(responses: Sequence[Response], repeats: int) -> list[Sequence[Response]]:
    """Cut a sample's responses into its turns."""
    size = len(responses) // repeats
    return [responses[start : start + size] for start in range(0, repeats * size, size)] if size else [responses]


def _sampled(request: Request) -> bool:
    return isinstance(request, Generate) and request.temperature > 0
