"""Models that know the answers of embedded tasks, and forget a share of them: runs for leaderboards."""

import hashlib
from collections.abc import Sequence

from mmbench.data import open_dataset, samples
from mmbench.engine.select import select
from mmbench.model import Capabilities
from mmbench.schema import Generate, Message, Request, Response


def _words(messages: tuple[Message, ...]) -> str:
    return "\n".join(turn.text for turn in messages)


def answers(tasks: str, limit: int) -> dict[str, tuple[str, str]]:
    """Return prompt -> (right answer, wrong answer) of tasks' first rows."""
    known: dict[str, tuple[str, str]] = {}
    for chosen in select([tasks], {}):
        rows = open_dataset(chosen.dataset, name=chosen.label, limit=limit)
        for sample in samples(chosen.task, rows):
            others = [choice for choice in sample.choices if choice != sample.answer]
            known[_words(sample.messages)] = (sample.answer, others[0] if others else "nobody knows")
    return known


class Knowing:
    """Answers rightly with the given probability; which answers are wrong depends on the fingerprint."""

    capabilities = Capabilities(frozenset({"text"}), frozenset({Generate}))
    batch_size = 16

    def __init__(
        self, name: str, share: float, known: dict[str, tuple[str, str]], seconds: float = 0.01, version: int = 1
    ) -> None:
        self.name, self.share, self.known, self.seconds = name, share, known, seconds
        self.fingerprint = hashlib.sha256(f"{name}|{version}".encode()).hexdigest()

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        return [self.answer(request) for request in requests]

    def answer(self, request: Request) -> Response:
        assert isinstance(request, Generate)
        prompt = _words(request.messages)
        draw = int(hashlib.sha256((self.fingerprint + prompt).encode()).hexdigest()[:8], 16) / 2**32
        right, wrong = self.known[prompt]
        text = right if draw < self.share else wrong
        return Response(text=text, tokens=(len(text.split()),), input_tokens=20, latency=self.seconds)

    def size(self, request: Request) -> int:
        return 20

    def close(self) -> None:
        pass
