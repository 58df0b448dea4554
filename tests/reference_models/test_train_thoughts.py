"""Thoughts that a model learns to write before its answer follow from the row, and lead to the answer."""

import re
from pathlib import Path

import pytest

from mmbench.errors import UsageError
from mmbench.metrics.reasoning import without_reasoning
from mmbench_reference_models.training.examples import Stream
from mmbench_reference_models.training.recipe import Source, load_recipe
from mmbench_reference_models.training.thoughts import thoughtful
from tests.support import small_recipe

FACTS = [
    "small red striped ball at 134,150, 80% visible, letter h",
    "large blue plain cube at 34,160, 100% visible",
    "sign: open",
    "clock: 3:05",
    "bar chart: A=3 B=7 C=5",
]


@pytest.mark.parametrize(
    ("kind", "thought"),
    [
        ("counting", "a large blue plain cube; a small red striped ball, letter h"),
        ("label", "a large blue plain cube; a small red striped ball, letter h"),
        ("clock", "a clock at 3:05"),
        ("clock_check", "a clock at 3:05"),
        ("reading", "a sign says open"),
        ("reading_check", "a sign says open"),
        ("chart_extreme", "a bar chart, A 3 B 7 C 5"),
    ],
)
def test_a_question_is_thought_about_by_what_it_is_about(kind: str, thought: str) -> None:
    reply = thoughtful("two", "vqa", {"facts": FACTS, "type": kind})
    assert reply == f"<think>{thought}</think> two"


def test_what_is_thought_of_pictures_is_what_an_inventory_says() -> None:
    """One skill, learnt from both; each word of a sign is its own."""
    thoughts = Stream(Source("vqa", think=True, set={"difficulty": 1}), 5).read(0, 400)
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
    for example in Stream(Source("qa", think=True), 5).read(0, 200):
        thought, _, answer = example.reply.removeprefix("<think>").partition("</think> ")
        asked = example.messages[0].text
        if answer == "unanswerable":
            unanswered += 1
            assert thought == "The text does not say."
        else:
            assert thought[:20] in asked
            assert thought[-20:] in asked
    assert 20 < unanswered < 60


@pytest.mark.parametrize("task", ["qa", "vqa"])
def test_the_answer_is_the_same_with_and_without(task: str) -> None:
    plain, thought = (Stream(Source(task, think=think), 3).read(0, 40) for think in (False, True))
    for one, other in zip(plain, thought, strict=True):
        assert one.messages == other.messages
        assert without_reasoning(other.reply) == one.reply
        assert other.reply != one.reply


def test_a_task_that_does_not_tell_is_refused_by_its_line(tmp_path: Path) -> None:
    file = small_recipe.write(tmp_path)
    assert load_recipe(file).stages
    with pytest.raises(UsageError, match=r"line \d+: the rows of '\w+' do not tell what an answer follows from"):
        load_recipe(file, {"stages.0.mix.0.think": True})
