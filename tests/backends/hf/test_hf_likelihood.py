"""Scores equal one plain forward pass over prompt and reply, whatever the batch and the way they were computed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hf_oracle
import pytest

from mmbench.backends.hf import likelihood, load
from mmbench.model import Model
from mmbench.schema import Choice, Image, LogLikelihood, Message, assistant, user

NAMES = ("causal-lm", "causal-lm-chat", "seq2seq", "image-text-to-text", "image-text-chat")
VISION = ("image-text-to-text", "image-text-chat")
ASKED = (
    ("What colour is the ball?", ("red", "blue cubes", "a large yellow cylinder")),
    ("Is the cone left of the cylinder? Answer:", ("yes", "no")),
    (
        "Sentiment of: it was dull and far too long, a waste of time. Answer:",
        ("Positive.", "Negative.", "Neutral."),
    ),
    ("How many?", ("two", "1896", "There are two blue cubes, I think")),
    ("Who?", ("Ein Mann steht auf einer Leiter", "Anna")),
    ("A", ("B", "C", "D", "E")),
    ("Question: Which city hosted the games in 1896? Answer:", ("Athens",)),
)


def turns(name: str, pictures: Sequence[Image], index: int) -> tuple[Message, ...]:
    shown = pictures[: index % 3] if name in VISION else ()
    return (user(*shown, ASKED[index][0]),)


def expected(name: str, reader: Any, model: Any, messages: Sequence[Message], reply: str) -> list[float]:
    """Tokenize prompt and reply apart: these prompts and replies do not merge."""
    (turn,) = messages
    tokenizer = getattr(reader, "tokenizer", reader)
    colon = turn.text.endswith(":")
    images = "<image>\n" * sum(isinstance(part, Image) for part in turn.content)
    text = images + turn.text + ("" if colon or name == "seq2seq" else "\n")
    encoded = hf_oracle.inputs(name, reader, messages, text)
    if name in hf_oracle.CHAT or name == "seq2seq":
        ids = tokenizer(reply, add_special_tokens=False)["input_ids"]
    else:
        joined = "x: " if colon else "x\n"
        whole = tokenizer(joined + reply, add_special_tokens=False)["input_ids"]
        ids = whole[len(tokenizer(joined.rstrip(" "), add_special_tokens=False)["input_ids"]) :]
    return hf_oracle.loglikelihood(model, encoded, ids)


@pytest.mark.parametrize("name", NAMES)
def test_choice_equals_one_plain_pass_an_option(
    name: str, loaded: Callable[[str], Model], direct: Callable[[str], tuple[Any, Any]], pictures: list[Image]
) -> None:
    model, reader = direct(name)
    requests = [Choice(turns(name, pictures, index), options) for index, (_, options) in enumerate(ASKED)]
    batch = loaded(name).run(requests)
    for request, response in zip(requests, batch, strict=True):
        (alone,) = loaded(name).run([request])
        want = [expected(name, reader, model, request.messages, option) for option in request.options]
        sums = [sum(row) for row in want]
        for got in (response, alone):
            assert got.error is None
            assert got.logprobs == pytest.approx(sums, abs=1e-4)
            assert got.tokens == tuple(map(len, want))
            assert got.text == request.options[max(range(len(sums)), key=sums.__getitem__)]
            if len(sums) > 1:
                assert got.margin == pytest.approx(max(sums) - sorted(sums)[-2], abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_loglikelihood_gives_every_token(
    name: str, loaded: Callable[[str], Model], direct: Callable[[str], tuple[Any, Any]], pictures: list[Image]
) -> None:
    model, reader = direct(name)
    requests = [
        LogLikelihood(turns(name, pictures, index), replies[-1]) for index, (_, replies) in enumerate(ASKED)
    ]
    for request, response in zip(requests, loaded(name).run(requests), strict=True):
        want = expected(name, reader, model, request.messages, request.continuation)
        assert response.logprobs == pytest.approx(want, abs=1e-4)
        assert response.tokens == (len(want),)
        assert response.text == request.continuation


def test_pictures_change_the_scores(loaded: Callable[[str], Model], pictures: list[Image]) -> None:
    for name in VISION:
        requests = [Choice((user(picture, "What is this?"),), ("red", "blue")) for picture in pictures]
        scores = {response.logprobs for response in loaded(name).run(requests)}
        assert len(scores) == len(pictures)


@pytest.mark.parametrize("name", ["causal-lm", "seq2seq", "image-text-to-text"])
def test_many_options_and_small_memory_change_nothing(
    name: str, loaded: Callable[[str], Model], pictures: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = tuple(f"{count} blue cubes" for count in range(9))
    requests = [Choice(turns(name, pictures, index), options) for index in range(3)]
    want = loaded(name).run(requests)
    monkeypatch.setattr(likelihood, "ROWS", 4)
    monkeypatch.setattr(likelihood, "LOGITS", 1)  # a token at a time
    for response, reference in zip(loaded(name).run(requests), want, strict=True):
        assert response.logprobs == pytest.approx(reference.logprobs, abs=1e-5)


@pytest.mark.parametrize("name", ["causal-lm", "image-text-to-text"])
def test_models_whose_cache_cannot_be_continued_are_scored_whole(
    name: str, checkpoint: Callable[[str], Path], loaded: Callable[[str], Model], pictures: list[Image]
) -> None:
    model = load(str(checkpoint(name)), device="cpu")
    assert model._adapter._shared  # type: ignore[attr-defined]
    model._adapter._shared = False  # type: ignore[attr-defined]
    requests = [Choice(turns(name, pictures, index), ASKED[index][1]) for index in range(4)]
    for whole, shared in zip(model.run(requests), loaded(name).run(requests), strict=True):
        assert whole.logprobs == pytest.approx(shared.logprobs, abs=1e-4)
        assert (whole.tokens, whole.input_tokens) == (shared.tokens, shared.input_tokens)


@pytest.mark.parametrize("name", ["causal-lm", "image-text-to-text"])
def test_a_merge_across_the_boundary_is_the_replys(
    name: str, loaded: Callable[[str], Model], direct: Callable[[str], tuple[Any, Any]], pictures: list[Image]
) -> None:
    """ "wonderful" does not begin with the tokens of "wonder"; "wonder x" does."""
    model, reader = direct(name)
    tokenizer = getattr(reader, "tokenizer", reader)
    shown = pictures[:1] if name in VISION else []
    text = ("<image>\n" if shown else "") + "Say it: it is a wonder"
    messages = (user(*shown, "Say it:"), assistant("it is a wonder"))
    (response,) = loaded(name).run([Choice(messages, ("ful", " x"))])
    own = tokenizer(text)["input_ids"]
    sums, counts = [], []
    for reply in ("ful", " x"):
        encoded = hf_oracle.inputs(name, reader, messages, text + reply)
        whole = tokenizer(text + reply)["input_ids"]
        scored = len(whole) - next((at for at, token in enumerate(own) if token != whole[at]), len(own))
        ids = encoded["input_ids"][0].tolist()
        before = encoded | {"input_ids": encoded["input_ids"][:, :-scored]}
        sums.append(sum(hf_oracle.loglikelihood(model, before, ids[-scored:])))
        counts.append(scored)
    assert own[-1] != tokenizer(text + "ful")["input_ids"][len(own) - 1], "the tokenizer must merge here"
    assert response.logprobs == pytest.approx(sums, abs=1e-4)
    assert response.tokens == tuple(counts)


def test_empty_replies(loaded: Callable[[str], Model]) -> None:
    for name in ("causal-lm", "seq2seq"):
        asked = (user("How many?"),)
        empty, other, choice = loaded(name).run(
            [LogLikelihood(asked, ""), LogLikelihood(asked, "two"), Choice(asked, ("two", ""))]
        )
        assert (empty.logprobs, empty.tokens, empty.error) == ((), (0,), None)
        assert len(other.logprobs) >= 1
        assert choice.error == "an option without tokens cannot be scored."
        assert choice.finish_reason == "error"


@pytest.mark.parametrize("name", ["causal-lm", "causal-lm-chat", "image-text-to-text", "seq2seq"])
def test_priors_need_no_conversation(
    name: str, loaded: Callable[[str], Model], direct: Callable[[str], tuple[Any, Any]]
) -> None:
    """Without messages a reply is conditioned on BOS alone (or on an empty input of the encoder)."""
    model, reader = direct(name)
    tokenizer = getattr(reader, "tokenizer", reader)
    ids = tokenizer("red ball", add_special_tokens=False)["input_ids"]
    empty = tokenizer("", return_tensors="pt")["input_ids"].long()
    if not empty.numel():
        empty = empty.new_tensor([[tokenizer.bos_token_id]])
    want = hf_oracle.loglikelihood(model, {"input_ids": empty}, ids)
    (response,) = loaded(name).run([LogLikelihood((), "red ball")])
    assert response.logprobs == pytest.approx(want, abs=1e-4)
