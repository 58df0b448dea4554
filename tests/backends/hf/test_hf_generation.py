"""Generation equals a plain loop over the same model, whatever the batch."""

from collections.abc import Callable, Sequence
from typing import Any

import hf_oracle
import pytest
import torch

from mmbench.backends.hf.generation import sample
from mmbench.model import Model
from mmbench.schema import Generate, Image, Message, Response, assistant, message, user

NAMES = ("causal-lm", "causal-lm-chat", "seq2seq", "image-text-to-text", "image-text-chat")
VISION = ("image-text-to-text", "image-text-chat")
QUESTIONS = (
    "What colour is the ball?",
    "Is the small green cone left of the large yellow cylinder? Answer with yes or no.",
    "Question: Which city hosted the games in 1896? Answer:",
    "no",
    "Summarise the dialogue. Anna: Are you coming? Ben: Yes, at seven, with José and the children!",
    "How many cubes?",
    "It was dull and far too long",
)


def conversations(name: str, pictures: Sequence[Image]) -> list[tuple[Message, ...]]:
    """One, two or no pictures a prompt, in turn, for models that see."""
    shown = [pictures[:1], pictures[1:3], [], pictures[2:], [], pictures[:2], []]
    return [(user(*(p if name in VISION else ()), q),) for p, q in zip(shown, QUESTIONS, strict=True)]


def plain(name: str, messages: Sequence[Message]) -> str:
    """Write a one-turn prompt by hand: placeholders and text, a line each; a decoder answers on a new line."""
    (turn,) = messages
    images = "<image>\n" * sum(isinstance(part, Image) for part in turn.content)
    ends = "" if name == "seq2seq" or turn.text.endswith(":") else "\n"
    return images + turn.text + ends


def decoded(reader: Any, tokens: Sequence[int]) -> str:
    return getattr(reader, "tokenizer", reader).decode(list(tokens), skip_special_tokens=True)


@pytest.mark.parametrize("name", NAMES)
def test_equals_a_plain_loop_alone_and_in_a_batch(
    name: str,
    loaded: Callable[[str], Model],
    direct: Callable[[str], tuple[Any, Any]],
    pictures: list[Image],
) -> None:
    model, reader = direct(name)
    asked = conversations(name, pictures)
    requests = [Generate(messages, max_tokens=12) for messages in asked]
    batch = loaded(name).run(requests)
    alone = [loaded(name).run([request])[0] for request in requests]
    for messages, together, single in zip(asked, batch, alone, strict=True):
        encoded = hf_oracle.inputs(name, reader, messages, plain(name, messages))
        tokens, logprobs = hf_oracle.greedy(model, encoded, 12)
        for response in (together, single):
            assert response.error is None
            assert response.text == decoded(reader, tokens)
            assert response.logprobs == pytest.approx(logprobs, abs=1e-4)
            assert response.tokens == (len(tokens),)
            assert response.input_tokens == encoded["input_ids"].shape[1]
            assert response.finish_reason == ("length" if len(tokens) == 12 else "stop")
    assert len({response.text for response in batch}) > 3, "the answers must depend on the prompts"


def test_rows_that_end_early_leave_the_others_alone(loaded: Callable[[str], Model], pictures: list[Image]) -> None:
    model = loaded("image-text-to-text")
    asked = conversations("image-text-to-text", pictures)
    requests = [Generate(messages, max_tokens=1 + 3 * index) for index, messages in enumerate(asked)]
    for request, response in zip(requests, model.run(requests), strict=True):
        (alone,) = model.run([request])
        assert response.text == alone.text
        assert len(response.logprobs) <= request.max_tokens


@pytest.mark.parametrize("name", ["causal-lm", "seq2seq", "image-text-chat"])
def test_stop_strings_cut_text_and_end_the_row(
    name: str, loaded: Callable[[str], Model], pictures: list[Image]
) -> None:
    (asked, other, *_) = conversations(name, pictures)
    free, longer = loaded(name).run([Generate(asked, max_tokens=12), Generate(other, max_tokens=12)])
    stop = next(free.text[at : at + 2] for at in range(3, len(free.text)) if "\ufffd" not in free.text[: at + 2])
    stopped, unstopped = loaded(name).run([Generate(asked, max_tokens=12, stop=(stop, "")), Generate(other, 12)])
    assert stopped.text == free.text[: free.text.index(stop)]
    assert stopped.finish_reason == "stop"
    assert len(stopped.logprobs) < len(free.logprobs)
    assert unstopped.text == longer.text


def test_few_shot_turns_and_system_prompt_reach_the_model(
    loaded: Callable[[str], Model], direct: Callable[[str], tuple[Any, Any]]
) -> None:
    turns = (message("system", "Be brief."), user("Is it red?"), assistant("yes"), user("Is it blue?"))
    texts = {
        "causal-lm": "Be brief.\n\nIs it red?\nyes\n\nIs it blue?\n",
        "causal-lm-chat": "",
    }
    for name, text in texts.items():
        model, reader = direct(name)
        tokens, _ = hf_oracle.greedy(model, hf_oracle.inputs(name, reader, turns, text), 8)
        assert loaded(name).run([Generate(turns, max_tokens=8)])[0].text == decoded(reader, tokens)


def test_sampling_depends_on_seed_and_prompt_alone(loaded: Callable[[str], Model], pictures: list[Image]) -> None:
    model = loaded("causal-lm")
    asked = conversations("causal-lm", pictures)
    requests = [Generate(messages, max_tokens=10, temperature=1.0, top_p=0.95, seed=3) for messages in asked]
    batch = model.run(requests)
    assert [r.text for r in batch] == [model.run([request])[0].text for request in requests]
    assert [r.text for r in batch] == [r.text for r in model.run(requests)]
    greedy = model.run([Generate(messages, max_tokens=10) for messages in asked])
    assert [r.text for r in batch] != [r.text for r in greedy]
    other = model.run([Generate(asked[0], max_tokens=10, temperature=1.0, top_p=0.95, seed=4)])[0]
    assert other.text != batch[0].text


def test_sampled_and_greedy_rows_share_a_batch(loaded: Callable[[str], Model], pictures: list[Image]) -> None:
    model = loaded("causal-lm")
    first, second, *_ = conversations("causal-lm", pictures)
    greedy, sampled = Generate(first, max_tokens=8), Generate(second, max_tokens=8, temperature=1.5, seed=1)
    together = model.run([greedy, sampled])
    apart = [*model.run([greedy]), *model.run([sampled])]
    assert [r.text for r in together] == [r.text for r in apart]


def test_sample_draws_from_the_tempered_nucleus() -> None:
    """Of p = (.5, .25, .125, .125), top_p = .7 keeps two; temperature 1/2 squares the odds between them."""
    scores = torch.tensor([0.25, 0.125, 0.5, 0.125]).log()
    generator = torch.Generator().manual_seed(0)
    plain = torch.stack([sample(scores, 1.0, 1.0, generator) for _ in range(4000)]).bincount(minlength=4) / 4000
    assert plain.tolist() == pytest.approx([0.25, 0.125, 0.5, 0.125], abs=0.03)
    nucleus = torch.stack([sample(scores, 1.0, 0.7, generator) for _ in range(4000)]).bincount(minlength=4) / 4000
    assert nucleus.tolist() == pytest.approx([1 / 3, 0, 2 / 3, 0], abs=0.03)
    cold = torch.stack([sample(scores, 0.5, 1.0, generator) for _ in range(4000)]).bincount(minlength=4) / 4000
    assert cold.tolist() == pytest.approx([2 / 11, 0.5 / 11, 8 / 11, 0.5 / 11], abs=0.03)


def test_sampled_logprobs_are_the_models_own(
    loaded: Callable[[str], Model], direct: Callable[[str], tuple[Any, Any]]
) -> None:
    model, tokenizer = direct("causal-lm")
    asked = (user("How many cubes?"),)
    (response,) = loaded("causal-lm").run([Generate(asked, max_tokens=6, temperature=2.0, top_p=0.9, seed=5)])
    tokens = tokenizer(response.text, add_special_tokens=False)["input_ids"]
    if len(tokens) == len(response.logprobs):  # the text tokenizes back to what was drawn
        encoded = hf_oracle.inputs("causal-lm", tokenizer, asked, "How many cubes?\n")
        assert response.logprobs == pytest.approx(hf_oracle.loglikelihood(model, encoded, tokens), abs=1e-4)
    assert len(response.logprobs) == 6


def test_kinds_may_be_mixed_in_one_run(loaded: Callable[[str], Model]) -> None:
    from mmbench.schema import LogLikelihood

    model = loaded("causal-lm")
    asked = (user("How many cubes?"),)
    requests = [Generate(asked, 4), LogLikelihood(asked, "two"), Generate(asked, 2)]
    responses: Sequence[Response] = model.run(requests)
    assert [r.text for r in responses] == [model.run([request])[0].text for request in requests]


@pytest.mark.parametrize("name", NAMES)
def test_the_closest_step_is_told(
    name: str, loaded: Callable[[str], Model], direct: Callable[[str], tuple[Any, Any]], pictures: list[Image]
) -> None:
    model, reader = direct(name)
    asked = conversations(name, pictures)[:4]
    for messages, response in zip(asked, loaded(name).run([Generate(m, 6) for m in asked]), strict=True):
        encoded = hf_oracle.inputs(name, reader, messages, plain(name, messages))
        tokens, _ = hf_oracle.greedy(model, encoded, 6)
        steps = hf_oracle.forced(model, encoded, tokens if len(tokens) < 6 else tokens[:-1])
        best = steps[-max(1, min(6, len(tokens) + 1)) :].topk(2, -1).values
        assert response.margin == pytest.approx((best[:, 0] - best[:, 1]).min().item(), abs=1e-4)


def test_drawn_answers_tell_no_margin(loaded: Callable[[str], Model]) -> None:
    asked = (user("How many cubes?"),)
    drawn, greedy = loaded("causal-lm").run([Generate(asked, 4, temperature=1.0), Generate(asked, 4)])
    assert drawn.margin is None
    assert greedy.margin is not None
