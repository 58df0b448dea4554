"""Thoughts that a model learns to write before its answer follow from the row, and lead to the answer."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from mmbench.errors import UsageError
from mmbench.metrics.reasoning import without_reasoning
from mmbench_reference_models.training.build import build_new
from mmbench_reference_models.training.encoding import Encoded, ExampleEncoder, collate, share
from mmbench_reference_models.training.examples import Stream
from mmbench_reference_models.training.objective import Objective
from mmbench_reference_models.training.recipe import Source, load_recipe
from mmbench_reference_models.training.thoughts import thought_of
from tests.support import small_recipe

FACTS = [
    "small red striped ball at 134,150, 80% visible, letter h",
    "large blue plain cube at 34,160, 100% visible",
    "sign: open",
    "clock: 3:05",
    "bar chart: A=3 B=7 C=5",
]


@pytest.mark.parametrize(
    ("evidence", "about", "scene"),
    [
        ([[0]], "a small red striped ball, letter h", "things"),
        ([[0, 1]], "a large blue plain cube; a small red striped ball, letter h", "things"),
        ([[1], []], "a large blue plain cube and none", "things"),
        ([[]], "none", "things"),
        ([[2]], "a sign says open", "a sign says open"),
        ([[3]], "a clock at 3:05", "a clock at 3:05"),
        ([[4]], "a bar chart, A 3 B 7 C 5", "a bar chart, A 3 B 7 C 5"),
    ],
)
def test_a_question_is_thought_about_by_what_it_is_about(
    evidence: list[list[int]], about: str, scene: str
) -> None:
    row = {"facts": FACTS, "evidence": evidence}
    everything = "a large blue plain cube; a small red striped ball, letter h"
    assert thought_of("vqa", "evidence", row) == f"<think>{about}</think>"
    assert thought_of("vqa", "scene", row) == f"<think>{everything if scene == 'things' else scene}</think>"


def test_what_is_thought_of_pictures_is_what_an_inventory_says() -> None:
    """One skill, learnt from both; each word of a sign is its own."""
    thoughts = Stream(Source("vqa", think="scene", set={"difficulty": 1}), 5).read(0, 400)
    lists = Stream(Source("caption:inventory", set={"difficulty": 1}), 5).read(0, 400)
    told = " ".join(one.reply.partition("</think>")[0].removeprefix("<think>") + ";" for one in thoughts)
    said, listed = (
        set(re.findall("[a-z]+", re.sub(r"says \w+", "says", text)))
        for text in (told, " ".join(one.reply for one in lists))
    )
    assert said - listed == set()
    assert said >= {"small", "large", "sign", "clock", "bar", "pie"}


def test_what_is_thought_of_a_story_stands_in_it() -> None:
    unanswered = 0
    for example in Stream(Source("qa", think="evidence"), 5).read(0, 200):
        thought, _, answer = example.reply.removeprefix("<think>").partition("</think> ")
        asked = example.messages[0].text
        if answer == "unanswerable":
            unanswered += 1
            assert thought == "The text does not say."
        else:
            assert thought[:20] in asked
            assert thought[-20:] in asked
    assert 20 < unanswered < 60


THINKING = [("qa", "evidence"), ("vqa", "evidence"), ("vqa", "scene")]


@pytest.mark.parametrize(("task", "think"), THINKING)
def test_the_answer_is_the_same_with_and_without(task: str, think: Any) -> None:
    plain, thought = (Stream(Source(task, think=what), 3).read(0, 40) for what in ("", think))
    for one, other in zip(plain, thought, strict=True):
        assert one.messages == other.messages
        assert without_reasoning(other.reply) == one.reply
        assert other.reply != one.reply


def test_what_is_thought_of_a_picture_settles_the_answer() -> None:
    """An attribute that is asked for is told, and yes or no says whether there is any."""
    settled = 0
    for kind in (
        "colour",
        "shape",
        "texture",
        "size",
        "label",
        "multi_hop_colour",
        "existence",
        "clock",
        "reading",
    ):
        for one in Stream(Source("vqa", think="evidence", set={"types": kind}), 2).read(0, 25):
            words = re.findall(r"[\w:]+", one.thought.lower())
            if kind == "existence":
                assert (one.reply.endswith("no")) == ("none" in words)
            else:
                assert without_reasoning(one.reply).lower() in words
            settled += 1
    assert settled == 225


def test_a_task_that_does_not_tell_is_refused_by_its_line(tmp_path: Path) -> None:
    file = small_recipe.write(tmp_path)
    assert load_recipe(file).stages
    with pytest.raises(UsageError, match=r"line \d+: the rows of '\w+' tell no evidence to think of"):
        load_recipe(file, {"stages.0.mix.0.think": "evidence"})


def test_a_span_model_writes_no_thoughts(tmp_path: Path) -> None:
    model = small_recipe.content()["model"] | {"backbone": "span"}
    stages = [{"name": "mark", "steps": 1, "mix": [{"task": "qa", "think": "evidence"}]}]
    with pytest.raises(UsageError, match=r"line \d+: source 'qa': a span model writes no thoughts"):
        load_recipe(small_recipe.write(tmp_path, model=model, stages=stages))


def encoded(folder: Path, backbone: str, task: str) -> tuple[Any, list[Encoded], ExampleEncoder]:
    """Return a tiny model, examples that think and what encoded them."""
    model = small_recipe.content()["model"] | {"backbone": backbone, "dropout": 0.0}
    stages = [{"name": "one", "steps": 1, "mix": small_recipe.MIX}]
    network, processor = build_new(load_recipe(small_recipe.write(folder, model=model, stages=stages)))
    encoder = ExampleEncoder(processor, seq2seq=backbone == "encoder-decoder", learn="answer")
    return network, encoder.encode(Stream(Source(task, think="evidence"), 1).read(0, 6)), encoder


@pytest.mark.parametrize("backbone", ["decoder", "encoder-decoder", "lstm"])
@pytest.mark.parametrize("task", ["qa", "vqa"])
def test_apart_a_thought_and_its_answer_weigh_as_two_examples(tmp_path: Path, backbone: str, task: str) -> None:
    network, items, encoder = encoded(tmp_path, backbone, task)
    sizes = []
    for item in items:
        answer = [label for label, told in zip(item.labels, item.answers, strict=True) if told]
        text = encoder.tokenizer.decode([label for label in item.labels if label >= 0])
        assert text.endswith(encoder.tokenizer.decode(answer))
        assert "think" not in encoder.tokenizer.decode(answer)
        assert encoder.tokenizer.decode(answer).strip()
        sizes.append((sum(label >= 0 for label in item.labels) - len(answer), len(answer)))
    batch = collate(items, encoder.padding)
    balance = 0.75
    whole, apart = (Objective(backbone, balance=balance, apart=apart) for apart in (False, True))
    assert whole.learnt(batch) == pytest.approx(sum((t + a) ** (1 - balance) for t, a in sizes))
    assert apart.learnt(batch) == pytest.approx(
        sum(t ** (1 - balance) + a ** (1 - balance) for t, a in sizes), rel=1e-6
    )
    assert float(apart(network, batch).detach()) > float(whole(network, batch).detach())


def test_apart_shared_rows_have_the_loss_of_separate_ones(tmp_path: Path) -> None:
    network, items, encoder = encoded(tmp_path, "decoder", "vqa")
    objective = Objective("decoder", balance=0.75, apart=True)
    alone, together = (collate(rows, encoder.padding) for rows in (items, share(items, 900)))
    assert len(together["labels"]) < len(alone["labels"])
    assert objective.learnt(alone) == pytest.approx(objective.learnt(together))
    with torch.no_grad():
        assert float(objective(network, alone)) == pytest.approx(float(objective(network, together)), rel=1e-5)
