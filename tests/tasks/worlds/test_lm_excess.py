"""A model that knows the grammar of ``lm:sentences`` pays no bits in excess; one that knows less pays more."""

import json
import math
from collections.abc import Sequence

import pytest

import mmbench
from mmbench.model import Capabilities
from mmbench.schema import Perplexity, Request, Response
from mmbench_tasks.worlds.lm.chooser import derivations
from mmbench_tasks.worlds.lm.grammar import story
from mmbench_tasks.worlds.lm.rows import vocabulary_of


class Grammarian:
    """Finds a text's probability by searching all choices of the generator; it sees the text and nothing else.

    ``waste``: bits that it throws away on every word.
    """

    name = "grammarian"
    capabilities = Capabilities(kinds=frozenset({Perplexity}))
    batch_size = 8

    def __init__(self, level: int, waste: float = 0.0) -> None:
        self.level, self.waste = level, waste
        self.fingerprint = f"grammarian-{level}-{waste}"

    def run(self, requests: Sequence[Request]) -> Sequence[Response]:
        return [self._score(request.text) for request in requests if isinstance(request, Perplexity)]

    def _score(self, text: str) -> Response:
        vocabulary = vocabulary_of("test", "")
        ((_, probability),) = derivations(lambda choose: story(choose, vocabulary, self.level), text)
        words = len(text.split())
        paid = math.log(probability) - self.waste * words * math.log(2)
        return Response(logprobs=(paid / words,) * words, tokens=(words,))

    def size(self, request: Request) -> int:
        return 1

    def close(self) -> None:
        pass


def excess(model, level, out):
    options = {"holdout": "never", "difficulty": str(level)}
    run = mmbench.evaluate(model, "lm:sentences", limit=8, options=options, out=out, cache="off", probe=False)
    results = json.loads((run.path / "results.json").read_text())["results"]
    return next(one for one in results if one["metric"] == "excess-bits-per-word" and not one["slice"])


@pytest.mark.parametrize("level", [1, 3, 5])
def test_the_grammar_pays_nothing_in_excess(tmp_path, level):
    assert excess(Grammarian(level), level, tmp_path)["value"] == pytest.approx(0, abs=1e-9)


def test_what_is_wasted_on_every_word_is_what_is_reported(tmp_path):
    assert excess(Grammarian(2, waste=0.25), 2, tmp_path)["value"] == pytest.approx(0.25, abs=1e-9)
