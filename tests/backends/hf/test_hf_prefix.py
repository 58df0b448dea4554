"""Prompts that begin alike: the beginning goes through the model once, and nothing else changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mmbench.backends.hf import load
from mmbench.backends.hf.prefix import SHORTEST, shared_length
from mmbench.schema import Choice, Generate, LogLikelihood, assistant, user

SHOTS = (
    user("What colour is the ball?"),
    assistant("The ball is red."),
    user("How many cubes are there?"),
    assistant("There are two blue cubes."),
    user("Is the small green cone left of the large yellow cylinder? Answer with yes or no."),
    assistant("yes"),
)
QUESTIONS = ("Which city?", "no", "Is the cylinder blue? Answer with one word, and no more than that.", "Who?")
OPTIONS = ("yes", "two blue cubes", "Ein Mann steht auf einer Leiter")


@contextmanager
def counted(model: Any) -> Iterator[list[int]]:
    """Count the tokens that go through the model."""
    seen: list[int] = []
    layer = model._adapter._model.get_input_embeddings()
    handle = layer.register_forward_pre_hook(lambda _, args: seen.append(args[0].numel()))
    yield seen
    handle.remove()


@pytest.mark.parametrize("name", ["causal-lm", "causal-lm-chat"])
def test_few_shot_batches_equal_single_requests(name: str, checkpoint: Callable[[str], Path]) -> None:
    model: Any = load(str(checkpoint(name)), device="cpu")
    asked = [(*SHOTS, user(question)) for question in QUESTIONS]
    length = len(model._adapter._encoder.tokens([model._adapter._prompter.render(SHOTS).text], [False])[0])
    assert length > SHORTEST
    kinds = (lambda m: Generate(m, 8), lambda m: Choice(m, OPTIONS), lambda m: LogLikelihood(m, OPTIONS[2]))
    for kind in kinds:
        requests = [kind(messages) for messages in asked]
        with counted(model) as seen:
            together = model.run(requests)
        with counted(model) as alone_seen:
            alone = [model.run([request])[0] for request in requests]
        for got, want in zip(together, alone, strict=True):
            assert (got.text, got.tokens, got.input_tokens) == (want.text, want.tokens, want.input_tokens)
            assert got.logprobs == pytest.approx(want.logprobs, abs=1e-4)
        assert sum(seen) < sum(alone_seen) - 2 * (length - 10)


def test_one_prompt_may_be_the_beginning_of_another(checkpoint: Callable[[str], Path]) -> None:
    model: Any = load(str(checkpoint("causal-lm")), device="cpu")
    long = "What colour is the ball? The ball is red. How many cubes are there? " * 2
    requests = [Generate((user(long + end),), 6) for end in ("Who", "Who is it, and when", "Who is it")]
    requests.append(requests[0])
    for got, request in zip(model.run(requests), requests, strict=True):
        (want,) = model.run([request])
        assert got.text == want.text
        assert got.logprobs == pytest.approx(want.logprobs, abs=1e-4)


def test_shared_length_leaves_a_token_of_every_row() -> None:
    row = list(range(SHORTEST + 5))
    assert shared_length([row, row]) == SHORTEST + 4
    assert shared_length([row, row[: SHORTEST + 1]]) == SHORTEST
    assert shared_length([row, row[:SHORTEST]]) == 0
    assert shared_length([row]) == 0
    assert shared_length([]) == 0


def test_models_with_windows_state_or_pictures_do_not_share(
    checkpoint: Callable[[str], Path], tmp_path: Path, loaded: Callable[[str], Any]
) -> None:
    assert loaded("causal-lm")._adapter._encoder.shares
    assert not loaded("seq2seq")._adapter._encoder.shares
    assert not loaded("image-text-chat")._adapter._encoder.shares
