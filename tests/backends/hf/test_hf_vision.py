"""The vision tower runs once a distinct picture, and nothing else changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hf_oracle import picture

from mmbench.backends.hf import load
from mmbench.schema import Choice, Generate, Image, LogLikelihood, user

TOWERS = {"image-text-to-text": "vision_tower", "image-text-chat": "vision_model"}
QUESTIONS = ("What is it?", "Is the ball red?", "How many cubes are there? Answer:", "a", "no")


@contextmanager
def counted(model: Any, name: str) -> Iterator[list[int]]:
    """Count the pictures (or tiles) that pass through the tower."""
    seen: list[int] = []
    tower = getattr(model._adapter._model.model, TOWERS[name])
    handle = tower.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(len(args[0] if args else kwargs["pixel_values"])), with_kwargs=True
    )
    yield seen
    handle.remove()


@pytest.mark.parametrize("name", TOWERS)
def test_a_picture_is_encoded_once(
    name: str, checkpoint: Callable[[str], Path], pictures: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = load(str(checkpoint(name)), device="cpu")
    plain: Any = load(str(checkpoint(name)), device="cpu")
    plain._adapter._encoder.features = None
    asked = [(user(shown, question),) for question in QUESTIONS for shown in pictures[:2]]
    kinds = (lambda m: Generate(m, 6), lambda m: Choice(m, ("yes", "no way")), lambda m: LogLikelihood(m, "red"))
    with counted(model, name) as seen, counted(plain, name) as all_seen:
        for kind in kinds:
            for start in (0, 3, 6):  # batches that share pictures
                batch = [kind(messages) for messages in asked[start : start + 4]]
                for got, want in zip(model.run(batch), plain.run(batch), strict=True):
                    assert got.error is None
                    assert (got.text, got.tokens) == (want.text, want.tokens)
                    assert got.logprobs == pytest.approx(want.logprobs, abs=1e-5)
    assert sum(seen) * 5 < sum(all_seen)
    if name == "image-text-to-text":
        assert sum(seen) == 2


def test_several_pictures_a_prompt(checkpoint: Callable[[str], Path], pictures: list[Image]) -> None:
    for name in TOWERS:
        model: Any = load(str(checkpoint(name)), device="cpu")
        first, second, third = pictures
        asked = [
            (user(first, second, "?"),),
            (user(second, first, "?"),),
            (user(third, "?"),),
            (user(first, "?"),),
        ]
        requests = [Choice(messages, ("yes", "no")) for messages in asked]
        together = [response.logprobs for response in model.run(requests)]
        assert len(set(together)) == 4
        model._adapter._encoder.features = None
        for scores, request in zip(together, requests, strict=True):
            assert scores == pytest.approx(model.run([request])[0].logprobs, abs=1e-4)


def test_what_is_kept_stays_within_the_budget(checkpoint: Callable[[str], Path]) -> None:
    model: Any = load(str(checkpoint("image-text-to-text")), device="cpu")
    features = model._adapter._encoder.features
    one = 16 * 48 * 4  # tokens, width, bytes
    features._budget = 3 * one
    with counted(model, "image-text-to-text") as seen:
        for seed in (1, 2, 3, 1, 4, 1, 2):  # 4 drives out 2
            model.run([LogLikelihood((user(picture(seed), "?"),), "red")])
            assert features._spent == sum(kept.bytes for kept in features._known.values()) <= 3 * one
    assert len(seen) == 5


def test_a_batch_larger_than_the_budget_is_answered(checkpoint: Callable[[str], Path]) -> None:
    model: Any = load(str(checkpoint("image-text-to-text")), device="cpu")
    model._adapter._encoder.features._budget = 0
    requests = [LogLikelihood((user(picture(seed), "?"),), "red") for seed in range(4)]
    assert len({response.logprobs for response in model.run(requests)}) == 4
