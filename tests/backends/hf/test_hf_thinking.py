"""A model that thinks before it answers: what its thought may cost, where the answer begins and ends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import transformers

from mmbench.backends.hf import load
from mmbench.errors import UsageError
from mmbench.metrics.reasoning import without_reasoning
from mmbench.schema import Generate, Response, user

ASKED = "How many balls?\nAnswer:"
BEGUN = "How many cubes?\n<think>"
DIRECT = "Is it red?\nAnswer:"
ANSWERS = {
    ASKED: " <think>a ball;\na ball</think>\n\ntwo\nor so",
    BEGUN: "\na cube</think>\none\nor so",  # a prompt without a colon gets a new line
    DIRECT: " <b>yes\nor no",
}


@pytest.fixture(scope="module")
def thinker(checkpoint: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that has learnt three answers by heart."""
    folder = tmp_path_factory.mktemp("thinker")
    source = checkpoint("causal-lm")
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32).train()
    pairs = [
        (tokenizer(prompt)["input_ids"], tokenizer(answer, add_special_tokens=False)["input_ids"])
        for prompt, answer in ANSWERS.items()
    ]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0)
    for _ in range(80):
        for prompt, answer in pairs:
            ids = torch.tensor([[*prompt, *answer, tokenizer.eos_token_id]])
            model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def answered(folder: Path, prompt: str, most: int = 8, **options: object) -> Response:
    (response,) = load(str(folder), device="cpu", **options).run(
        [Generate((user(prompt),), max_tokens=most, stop=("\n",))]
    )
    assert response.error is None
    return response


def tokens_of(folder: Path, text: str) -> int:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def test_a_thought_costs_nothing_of_the_answer_and_stops_nothing(thinker: Path) -> None:
    response = answered(thinker, ASKED, thinking=60)
    assert response.text.strip() == "<think>a ball;\na ball</think>\n\ntwo"
    assert without_reasoning(response.text) == "two"
    assert response.finish_reason == "stop"
    assert len(response.logprobs) == response.tokens[0]


def test_without_a_thought_the_limit_and_stops_count_from_the_beginning(thinker: Path) -> None:
    assert answered(thinker, ASKED, most=60).text.strip() == "<think>a ball;"
    response = answered(thinker, DIRECT, most=60, thinking=60)
    assert (response.text.strip(), response.finish_reason) == ("<b>yes", "stop")


def test_the_tasks_limit_counts_the_answer_alone(thinker: Path) -> None:
    thought = tokens_of(thinker, " <think>a ball;\na ball</think>")
    response = answered(thinker, ASKED, most=3, thinking=60)
    assert response.tokens == (thought + 3,)
    assert response.finish_reason == "length"


def test_a_thought_that_takes_too_long_leaves_no_answer(thinker: Path) -> None:
    response = answered(thinker, ASKED, thinking=12)
    assert response.tokens == (12,)
    assert response.finish_reason == "length"
    assert response.text.strip().startswith("<think>")
    assert without_reasoning(response.text) == ""


def test_a_thought_that_the_prompt_began_is_told_whole(thinker: Path) -> None:
    response = answered(thinker, BEGUN, thinking=60)
    assert response.text == "<think>a cube</think>\none"
    assert without_reasoning(answered(thinker, BEGUN, thinking=4).text) == ""


def test_a_batch_thinks_as_each_row_does_alone(thinker: Path) -> None:
    requests = [Generate((user(prompt),), max_tokens=8, stop=("\n",)) for prompt in ANSWERS]
    together = load(str(thinker), device="cpu", thinking=60).run(requests)
    alone = [answered(thinker, prompt, thinking=60) for prompt in ANSWERS]
    assert [response.text for response in together] == [response.text for response in alone]


def test_a_checkpoint_says_itself_how_much_it_thinks(thinker: Path, tmp_path: Path) -> None:
    folder = tmp_path / "told"
    folder.mkdir()
    for file in thinker.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_thinking_tokens": 60}))
    assert without_reasoning(answered(folder, ASKED).text) == "two"
    assert "two" not in answered(folder, ASKED, thinking=0).text


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "many"])
def test_a_wrong_budget_is_refused(thinker: Path, wrong: object) -> None:
    with pytest.raises(UsageError, match="thinking should be a whole number"):
        load(str(thinker), thinking=wrong)
