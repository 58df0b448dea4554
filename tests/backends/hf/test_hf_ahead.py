"""The next batch is made ready while the model is at work on this one, and no answer changes."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hf_oracle import picture

from mmbench.backends.hf import load, media
from mmbench.backends.hf.ahead import Ahead
from mmbench.backends.hf.media import portions
from mmbench.engine.executors import OneByOne
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Perplexity, Request, user

QUESTIONS = ("What is it?", "Is the ball red?", "How many?", "a", "no", "Who is there?")


def asked(kind: Callable[[Any], Request], pictures: Sequence[Image]) -> list[list[Request]]:
    """Three batches of two questions."""
    shown = [pictures[index % len(pictures)] for index in range(6)]
    requests = [kind((user(some, question),)) for some, question in zip(shown, QUESTIONS, strict=True)]
    return [requests[0:2], requests[2:4], requests[4:6]]


@pytest.mark.parametrize("name", ["image-text-to-text", "image-text-chat"])
def test_answers_are_the_same(name: str, checkpoint: Callable[[str], Path], pictures: list[Image]) -> None:
    kinds: tuple[Callable[[Any], Request], ...] = (
        lambda m: Generate(m, 5),
        lambda m: Choice(m, ("yes", "no way")),
        lambda m: LogLikelihood(m, "red"),
    )
    for kind in kinds:
        model: Any = load(str(checkpoint(name)), device="cpu")
        batches = asked(kind, pictures)
        ahead = [answer for group in OneByOne(model).answer(batches) for _, answer in group]
        alone: Any = load(str(checkpoint(name)), device="cpu")
        for got, want in zip(ahead, [answer for batch in batches for answer in alone.run(batch)], strict=True):
            assert (got.text, got.logprobs, got.tokens, got.error) == (
                want.text,
                want.logprobs,
                want.tokens,
                want.error,
            )


def test_the_next_batch_is_decoded_while_the_model_works(
    checkpoint: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model's work on a batch begins to end only when a picture of the next has been opened."""
    model: Any = load(str(checkpoint("image-text-to-text")), device="cpu")
    opened: dict[str, threading.Event] = {f"noise {seed}": threading.Event() for seed in range(6)}
    decode, finish = Image.open, model._adapter.finish
    monkeypatch.setattr(Image, "open", lambda self: opened[self.name].set() or decode(self))
    waited = []

    def finish_late(prepared: Any) -> Any:
        last = prepared.requests[-1].messages[0].content[0].name
        following = f"noise {int(last[-1]) + 1}"
        waited.append(following not in opened or opened[following].wait(30))
        return finish(prepared)

    monkeypatch.setattr(model._adapter, "finish", finish_late)
    batches = asked(lambda m: Generate(m, 2), [picture(seed) for seed in range(6)])
    answers = [answer for group in OneByOne(model).answer(batches) for _, answer in group]
    assert waited == [True, True, True]
    assert all(answer.error is None for answer in answers)


def test_no_more_pixels_are_decoded_at_a_time_than_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PIXELS", 100)
    sizes = ((5, 10), (5, 10), (1, 1), (20, 20), (2, 2))
    shown = [picture(index, *size) for index, size in enumerate(sizes)]
    requests: list[Request] = [Generate((user(some, "?"),)) for some in shown]
    requests += [Perplexity("text"), Generate((user(Image(b"broken"), "?"),)), Generate((user("?"),))]
    assert [len(part) for part in portions(requests)] == [2, 1, 1, 4]
    assert [request for part in portions(requests) for request in part] == requests
    assert portions([]) == []


def test_a_batch_over_the_budget_is_answered_in_parts(
    checkpoint: Callable[[str], Path], pictures: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = load(str(checkpoint("image-text-to-text")), device="cpu")
    requests = [request for batch in asked(lambda m: Generate(m, 4), pictures) for request in batch]
    whole = model.run(requests)
    batches: list[int] = []
    finish = model._adapter.finish
    monkeypatch.setattr(model._adapter, "finish", lambda p: batches.append(len(p.requests)) or finish(p))
    monkeypatch.setattr(media, "PIXELS", 40 * 32 + 64 * 30)
    assert [answer.text for answer in model.run(requests)] == [answer.text for answer in whole]
    assert batches == [2, 1, 2, 1]


def test_running_out_of_memory_while_the_next_is_made_ready_loses_nothing(
    checkpoint: Callable[[str], Path], pictures: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = load(str(checkpoint("image-text-to-text")), device="cpu")
    batches = asked(lambda m: Generate(m, 4), pictures)
    want = [answer.text for batch in batches for answer in model.run(batch)]
    finish = model._adapter.finish

    def starved(prepared: Any) -> Any:
        if len(prepared.requests) > 1:
            raise torch.OutOfMemoryError("x")
        return finish(prepared)

    monkeypatch.setattr(model._adapter, "finish", starved)
    assert [answer.text for group in OneByOne(model).answer(batches) for _, answer in group] == want


def test_what_was_begun_for_nothing_is_dropped_and_errors_come_out_where_they_belong() -> None:
    made: list[Sequence[Request]] = []

    def make(requests: Sequence[Request]) -> int:
        made.append(requests)
        if len(requests) == 3:
            raise MemoryError
        return len(requests)

    ahead = Ahead(make)
    one, two, three = ([Perplexity("text")] * count for count in (1, 2, 3))
    ahead.begin(three)
    assert ahead.take(two) == 2
    ahead.begin(one)
    assert ahead.take(one) == 1
    with pytest.raises(MemoryError):
        ahead.take(three)
    assert made.count(one) == 1
    ahead.close()
