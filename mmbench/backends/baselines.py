"""Yardsticks: what chance, habit and perfection score. They may look at the sample; a model may not."""

import hashlib
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable

from mmbench.errors import CapabilityError
from mmbench.schema import Choice, Generate, Perplexity, Request, Response, Sample

_NO = -1e3  # log-probability of an option that a baseline does not choose; finite, so that sums stay finite


def _reply(request: Request, answer: str) -> Response:
    """Answer a request with a text, or by preferring the option that equals it.

    Raises:
        CapabilityError: the request asks for the likelihood of a text.
    """
    if isinstance(request, Choice):
        scores = tuple(0.0 if option.strip() == answer.strip() else _NO for option in request.options)
        return Response(text=answer, logprobs=scores, tokens=tuple(1 for _ in scores))
    if isinstance(request, Generate):
        return Response(text=answer, tokens=(len(answer.split()),))
    raise CapabilityError("this baseline gives texts no likelihood.")


class Random:
    """One of the sample's choices, else the answer of a random other sample; seeded by the sample's id."""

    name = "random"

    def __init__(self, _: str = "", seed: int = 0) -> None:
        self.seed = seed
        self._answers: list[str] = []

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Collect the distinct answers of the dataset, sorted, so that the draw does not depend on row order."""
        self._answers = sorted({sample.answer for sample in samples})

    def answer(self, request: Request, sample: Sample) -> Response:
        """Draw uniformly."""
        seed = hashlib.sha256(f"{self.seed}|{sample.id}".encode()).digest()
        return _reply(request, random.Random(seed).choice(sample.choices or self._answers))


class Majority:
    """The most frequent answer among samples of the same type (slice "type"), ties to the smaller text."""

    name = "majority"

    def __init__(self, _: str = "") -> None:
        self._common: dict[str, str] = {}

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Count answers by type."""
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for sample in samples:
            counts[sample.slices.get("type", "")][sample.answer] += 1
        self._common = {
            kind: min(counter, key=lambda answer: (-counter[answer], answer)) for kind, counter in counts.items()
        }

    def answer(self, request: Request, sample: Sample) -> Response:
        """Give the type's most frequent answer."""
        return _reply(request, self._common[sample.slices.get("type", "")])


class Oracle:
    """The right answer: proves that a task's ceiling can be reached through its own prompts and parsing."""

    name = "oracle"

    def __init__(self, _: str = "") -> None:
        """Take what follows ``oracle:``, which means nothing."""

    def prepare(self, samples: Iterable[Sample]) -> None:
        """Nothing to learn."""

    def answer(self, request: Request, sample: Sample) -> Response:
        """Give the sample's own answer; of a text whose true information content is known, exactly that."""
        bits = sample.info.get("bits")
        if isinstance(request, Perplexity) and isinstance(bits, int | float):
            return Response(logprobs=(-bits * math.log(2),), tokens=(len(request.text.split()),))
        return _reply(request, sample.answer)
