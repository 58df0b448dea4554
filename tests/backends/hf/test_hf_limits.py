"""What does not fit is an error row, is cut where the user says, or ends early; never silently something else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import hf_oracle
import pytest
import torch

from mmbench.backends.hf import load
from mmbench.backends.hf.encoding import cut
from mmbench.backends.hf.model import HFModel
from mmbench.model import Capabilities, Model
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Request, Response, user

LONG = "How many cubes are there? " * 20


@pytest.fixture(scope="module")
def narrow(checkpoint: Callable[[str], Path]) -> Callable[..., Model]:
    def build(name: str, **options: Any) -> Model:
        return load(str(checkpoint(name)), device="cpu", max_length=options.pop("max_length", 48), **options)

    return build


@pytest.mark.parametrize("name", ["causal-lm", "causal-lm-chat", "image-text-to-text", "seq2seq"])
def test_a_long_prompt_is_an_error_row_and_its_neighbours_are_not(
    name: str, narrow: Callable[..., Model], loaded: Callable[[str], Model], pictures: list[Image]
) -> None:
    shown = pictures[:1] if name == "image-text-to-text" else []
    short, long = (user(*shown, "What is it?"),), (user(*shown, LONG),)
    model = narrow(name)
    for kind in (lambda m: Generate(m, 4), lambda m: LogLikelihood(m, "two"), lambda m: Choice(m, ("yes", "no"))):
        bad, good = model.run([kind(long), kind(short)])
        assert bad.finish_reason == "error"
        assert bad.error is not None
        assert "the model takes 48" in bad.error
        assert "max_length or truncate" in bad.error
        (want,) = loaded(name).run([kind(short)])
        assert (good.text, good.error) == (want.text, None)


def test_a_reply_ends_where_the_context_does(narrow: Callable[..., Model], loaded: Callable[[str], Model]) -> None:
    request = Generate((user("What colour is the ball?"),), max_tokens=60)
    capped, free = narrow("causal-lm").run([request])[0], loaded("causal-lm").run([request])[0]
    assert capped.finish_reason == "length"
    assert capped.input_tokens + capped.tokens[0] == 48
    assert capped.logprobs == pytest.approx(free.logprobs[: capped.tokens[0]], abs=1e-4)


def test_rows_of_one_batch_end_at_their_own_limits(narrow: Callable[..., Model]) -> None:
    model = narrow("causal-lm")
    requests = [
        Generate((user(text),), 60) for text in ("What colour is the ball?", "no", "How many cubes are there?")
    ]
    for response in model.run(requests):
        assert response.finish_reason in ("stop", "length")
        if response.finish_reason == "length":
            assert response.input_tokens + response.tokens[0] == 48


@pytest.mark.parametrize("side", ["left", "middle", "right"])
def test_truncation_cuts_where_it_says(
    side: str, narrow: Callable[..., Model], direct: Callable[[str], tuple[Any, Any]]
) -> None:
    model, tokenizer = direct("causal-lm")
    ids = tokenizer(LONG.strip() + "\n")["input_ids"]
    room = 48 - 1
    kept = {"left": ids[-room:], "right": ids[:room], "middle": ids[: room // 2] + ids[-(room - room // 2) :]}[
        side
    ]
    tokens, _ = hf_oracle.greedy(model, {"input_ids": torch.tensor([kept])}, 1)
    (response,) = narrow("causal-lm", truncate=side).run([Generate((user(LONG.strip()),), max_tokens=1)])
    assert response.text == tokenizer.decode(tokens)
    assert response.input_tokens == room


def test_truncation_keeps_the_end_of_an_encoders_text(
    narrow: Callable[..., Model], direct: Callable[[str], tuple[Any, Any]]
) -> None:
    model, tokenizer = direct("seq2seq")
    ids = tokenizer(LONG)["input_ids"]
    assert ids[-1] == tokenizer.eos_token_id
    tokens, _ = hf_oracle.greedy(model, {"input_ids": torch.tensor([[*ids[:47], ids[-1]]])}, 6)
    (response,) = narrow("seq2seq", truncate="right").run([Generate((user(LONG),), max_tokens=6)])
    assert response.text == tokenizer.decode(tokens, skip_special_tokens=True)


def test_prompts_with_pictures_are_never_cut(narrow: Callable[..., Model], pictures: list[Image]) -> None:
    (response,) = narrow("image-text-to-text", truncate="left").run([Generate((user(pictures[0], LONG),), 4)])
    assert response.error is not None


def test_long_replies_are_refused(narrow: Callable[..., Model]) -> None:
    for name in ("causal-lm", "seq2seq"):
        long, short = narrow(name).run([LogLikelihood((user("A"),), LONG), LogLikelihood((user("A"),), "B")])
        assert long.error is not None
        assert "the model takes 48" in long.error
        assert short.error is None


def test_cut_without_room_changes_nothing() -> None:
    assert cut([0, 1, 9], 2, "left", frozenset({0, 9})) == [0, 1, 9]


def test_limits_come_from_the_config(loaded: Callable[[str], Model]) -> None:
    limits = {name: loaded(name)._adapter._encoder.limits.tokens for name in ("causal-lm", "seq2seq")}  # type: ignore
    assert limits == {"causal-lm": 512, "seq2seq": None}, "T5's positions are relative and without end"


class Hungry:
    """An adapter that has memory for two requests at a time."""

    capabilities = Capabilities()

    def __init__(self, error: Exception, room: int = 2) -> None:
        self.error, self.room = error, room
        self.batches: list[int] = []

    def answer(self, requests: list[Request]) -> list[Response]:
        self.batches.append(len(requests))
        if len(requests) > self.room:
            raise self.error
        return [Response(text=request.messages[0].text) for request in requests]  # type: ignore[union-attr]

    def size(self, request: Request) -> int:
        return 1


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError("x"), MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")],
)
def test_out_of_memory_halves_the_batch_and_loses_nothing(error: Exception) -> None:
    adapter = Hungry(error)
    model = HFModel("tiny", "f", adapter, batch_size=8)
    requests = [Generate((user(str(index)),)) for index in range(7)]
    assert [response.text for response in model.run(requests)] == [str(index) for index in range(7)]
    assert adapter.batches == [7, 4, 2, 2, 3, 2, 1], "a batch as large as one that failed is not tried again"
    assert model.batch_size == 8, "a run that is started again must plan the same batches"
    assert [response.text for response in model.run(requests[:3])] == ["0", "1", "2"]
    assert adapter.batches[7:] == [2, 1]


def test_a_request_that_never_fits_is_an_error_row() -> None:
    model = HFModel("tiny", "f", Hungry(MemoryError(), room=0), batch_size=8)
    (response,) = model.run([Generate((user("x"),))])
    assert response.error == "the request alone does not fit into memory."


def test_other_errors_are_not_taken_for_lack_of_memory() -> None:
    model = HFModel("tiny", "f", Hungry(RuntimeError("shapes do not match")), batch_size=8)
    with pytest.raises(RuntimeError, match="shapes"):
        model.run([Generate((user("x"),))] * 3)


def test_requests_that_make_no_sense_are_refused_alone(loaded: Callable[[str], Model]) -> None:
    asked = (user("A"),)
    choice, none, good = loaded("causal-lm").run([Choice(asked, ()), Generate(asked, 0), Generate(asked, 1)])
    assert choice.error == "a choice needs options."
    assert none.error == "max_tokens should be at least 1, not 0."
    assert good.error is None


def test_a_closed_model_says_so(checkpoint: Callable[[str], Path]) -> None:
    model = load(str(checkpoint("causal-lm")), device="cpu")
    model.close()
    with pytest.raises(ValueError, match="closed"):
        model.run([Generate((user("x"),))])
