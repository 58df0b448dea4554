"""The model computes what is asked for and no more: counted at its embedding and at its output layer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mmbench.backends.hf import load
from mmbench.model import Model
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Message, user

NAMES = ("causal-lm", "image-text-to-text")
LONG = "How many cubes are there? " * 8


@contextmanager
def counted(model: Any) -> Iterator[list[tuple[int, int]]]:
    """Note (rows, positions) of each pass for which logits were computed."""
    seen: list[tuple[int, int]] = []
    head = model._adapter._model.get_output_embeddings()
    handle = head.register_forward_pre_hook(lambda _, args: seen.append(tuple(args[0].shape[:2])))
    yield seen
    handle.remove()


def conversation(name: str, pictures: list[Image], text: str) -> tuple[Message, ...]:
    return (user(*(pictures[:1] if name == "image-text-to-text" else ()), text),)


@pytest.fixture(scope="module")
def model(checkpoint: Callable[[str], Path]) -> Callable[[str], Model]:
    models: dict[str, Model] = {}

    def get(name: str) -> Model:
        return models.setdefault(name, load(str(checkpoint(name)), device="cpu"))

    return get


@pytest.mark.parametrize("name", NAMES)
def test_options_of_one_token_cost_one_pass_and_one_position(
    name: str, model: Callable[[str], Model], pictures: list[Image]
) -> None:
    asked = [conversation(name, pictures, text) for text in (f"{LONG}Answer:", "Answer:")]
    with counted(model(name)) as seen:
        answers = model(name).run([Choice(messages, (" a", " b", " c", " d")) for messages in asked])
    assert [answer.tokens for answer in answers] == [(1, 1, 1, 1)] * 2
    assert seen == [(2, 1)]


@pytest.mark.parametrize("name", NAMES)
def test_longer_options_cost_one_more_pass_over_their_own_tokens(
    name: str, model: Callable[[str], Model], pictures: list[Image]
) -> None:
    asked = [conversation(name, pictures, LONG), conversation(name, pictures, "Who?")]
    options = ("red", "two blue cubes", "a man on a ladder")
    with counted(model(name)) as seen:
        answers = model(name).run([Choice(messages, options) for messages in asked])
    lengths = [length for answer in answers for length in answer.tokens]
    assert seen[0] == (2, 1)
    assert seen[1:] == [(sum(length > 1 for length in lengths), max(lengths) - 1)]


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_ended_leave_the_batch(name: str, model: Callable[[str], Model], pictures: list[Image]) -> None:
    limits = (2, 5, 9)
    asked = [conversation(name, pictures, text) for text in (LONG, "Who?", "Is it red?")]
    requests = [Generate(messages, most) for messages, most in zip(asked, limits, strict=True)]
    with counted(model(name)) as seen:
        answers = model(name).run(requests)
    steps = [len(answer.logprobs) + (answer.finish_reason == "stop") for answer in answers]
    assert seen == [(sum(step > at for step in steps), 1) for at in range(max(steps))]
    assert len({rows for rows, _ in seen}) == 3


def test_a_row_ends_at_its_stop_string(model: Callable[[str], Model]) -> None:
    request = Generate((user("What colour is the ball?"),), 24)
    (free,) = model("causal-lm").run([request])
    stop = next(free.text[at : at + 2] for at in range(4, len(free.text)) if free.text[at : at + 2].isascii())
    with counted(model("causal-lm")) as seen:
        (stopped,) = model("causal-lm").run([Generate(request.messages, 24, stop=(stop,))])
    assert stopped.text == free.text[: free.text.index(stop)]
    assert len(seen) == len(stopped.logprobs) < len(free.logprobs)


def test_a_long_reply_is_scored_without_logits_of_its_prompt(model: Callable[[str], Model]) -> None:
    with counted(model("causal-lm")) as seen:
        (answer,) = model("causal-lm").run([LogLikelihood((user(LONG),), "two blue cubes")])
    assert answer.input_tokens > 20
    assert sum(rows * positions for rows, positions in seen) == len(answer.logprobs)
