"""Multiple choice by words and by letters, under every rotation, and in other wordings."""

from string import Formatter
from typing import Any

import pytest

from mmbench import plugins
from mmbench.backends.baselines import Oracle
from mmbench.errors import DataError, UsageError
from mmbench.metrics.classification import Accuracy
from mmbench.metrics.extraction import Option
from mmbench.model import Capabilities
from mmbench.schema import Choice, Generate, Image, Response, Sample, assistant, user
from mmbench_tasks.options import agreed, lettered, letters, rotated, rotations, worded
from mmbench_tasks.paraphrases import PARAPHRASES, paraphrase
from mmbench_tasks.qa import QA
from mmbench_tasks.vqa import VQA

PICTURE = Image(b"a picture")
ROW = {"id": "a", "image": PICTURE, "question": "Which?", "answers": ["blue"], "choices": ["red", "blue", "teal"]}
WRITES = Capabilities(modalities=frozenset({"text", "image"}), kinds=frozenset({Generate}))


def lettered_sample(**options: Any) -> tuple[VQA, Sample]:
    task = VQA(style="letters", **options)
    return task, task.sample(ROW)


def score(task: VQA, sample: Sample, *texts: str) -> float:
    prediction = task.parse([Response(text) for text in texts], sample)
    return float(Accuracy(extractor=Option()).statistics(prediction, sample)[0])


def test_letters_are_listed_asked_and_read() -> None:
    task, sample = lettered_sample()
    assert sample.messages[0].text == (
        "Which?\nA. red\nB. blue\nC. teal\nAnswer with the letter of the right option.\nAnswer:"
    )
    assert (sample.target, sample.answer, sample.choices) == ("blue", "B", ("red", "blue", "teal"))
    assert task.requests(sample, Capabilities()) == (Choice(sample.messages, ("A", "B", "C")),)
    assert task.requests(sample, WRITES) == (Generate(sample.messages, max_tokens=32, stop=("\n",)),)
    assert [score(task, sample, text) for text in ("B", "(b)", "blue", "A", "no idea")] == [1, 1, 1, 0, 0]


def test_letters_become_words_for_any_metric() -> None:
    task, sample = lettered_sample()
    scored = task.parse([Response("B", logprobs=(-2.0, -1.0, -3.0), tokens=(1, 1, 1))], sample)
    assert (scored.text, scored.option_logprobs) == ("blue", (-2.0, -1.0, -3.0))
    assert task.parse([Response("Perhaps B?")], sample).text == "Perhaps B?"
    assert Accuracy().statistics(scored, sample)[0] == 1.0


def test_words_are_scored_as_words() -> None:
    task = VQA()
    sample = task.sample(ROW)
    assert sample.answer == "blue"
    assert task.requests(sample, Capabilities()) == (Choice(sample.messages, ("red", "blue", "teal")),)


def test_an_answer_that_is_no_choice_is_told() -> None:
    with pytest.raises(DataError, match="the answer 'pink' is none of the choices: red, blue, teal"):
        VQA().sample(ROW | {"answers": "pink"})


def test_circular_asks_every_rotation() -> None:
    task, sample = lettered_sample(circular=True)
    requests = task.requests(sample, WRITES)
    listed = [request.messages[0].text.split("\n")[1:4] for request in requests]  # type: ignore[union-attr]
    assert listed == [
        ["A. red", "B. blue", "C. teal"],
        ["A. blue", "B. teal", "C. red"],
        ["A. teal", "B. red", "C. blue"],
    ]
    assert all(request.messages[0].content[0] is PICTURE for request in requests)  # type: ignore[union-attr]
    assert all(isinstance(request, Choice) for request in task.requests(sample, Capabilities()))


@pytest.mark.parametrize(
    ("replies", "right"),
    [
        (("B", "A", "C"), 1.0),
        (("B. blue", "The answer is A", "blue"), 1.0),
        (("B", "B", "B"), 0.0),
        (("B", "A", "B"), 0.0),
        (("B", "A", "hm"), 0.0),
        (("A", "C", "B"), 0.0),
    ],
)
def test_circular_is_right_only_under_every_rotation(replies: tuple[str, ...], right: float) -> None:
    task, sample = lettered_sample(circular=True)
    assert score(task, sample, *replies) == right


def test_circular_can_be_answered_by_an_oracle() -> None:
    task, sample = lettered_sample(circular=True)
    for capabilities in (Capabilities(), WRITES):
        requests = task.requests(sample, capabilities)
        replies = [Oracle().answer(request, sample).text for request in requests]
        assert score(task, sample, *replies) == 1.0


def test_circular_rotates_the_question_and_not_the_examples() -> None:
    task, sample = lettered_sample(circular=True)
    example = (user("Which?\nA. red\nB. blue\nC. teal"), assistant("A"))
    for conversation in rotations((*example, *sample.messages), sample.choices):
        assert conversation[:2] == example
    assert task.requests(sample, WRITES) != ()


def test_circular_needs_letters_in_the_prompt() -> None:
    with pytest.raises(UsageError, match="use it with style=letters"):
        VQA(circular=True).sample(ROW)
    task, sample = lettered_sample(circular=True, lettered_prompt="{question} Which letter?")
    with pytest.raises(DataError, match=r"needs \{options\} in the prompt"):
        task.requests(sample, WRITES)


def test_what_was_thought_before_an_answer_is_no_part_of_it() -> None:
    sample = VQA().sample({"id": "a", "image": PICTURE, "question": "Which?", "answers": "blue"})
    assert VQA().parse([Response("<think>red? no.</think>\n\nblue")], sample).text == "blue"
    assert VQA().parse([Response("<think>red? no")], sample).text == ""
    circle, closed = lettered_sample(circular=True)
    right = closed.choices.index(str(closed.target))
    answers = [Response(f"<think>A? C?</think> {'ABC'[(right - by) % 3]}") for by in range(3)]
    assert circle.parse(answers, closed).text == closed.target


def test_circular_leaves_open_questions_alone() -> None:
    task = VQA(style="letters", circular=True)
    sample = task.sample({"id": "a", "image": PICTURE, "question": "Which?", "answers": "blue"})
    assert len(task.requests(sample, Capabilities())) == 1
    assert task.parse([Response("blue")], sample).text == "blue"


def test_rotation_helpers() -> None:
    assert [rotated("abc", by) for by in range(3)] == [("a", "b", "c"), ("b", "c", "a"), ("c", "a", "b")]
    assert lettered(["x"]) == "A. x"
    assert agreed([Response("A"), Response("B")], ("x", "y")) == "x"
    many = [f"w{number}" for number in range(13)]
    assert [worded(letter, many) for letter in ("A", "(I)", "M.", "N")] == ["w0", "w8", "w12", "N"]
    with pytest.raises(DataError, match="has 27 choices"):
        letters(["x"] * 27)


def test_questions_about_the_world_have_choices_too() -> None:
    row = {"id": "q", "question": "What is hot?", "answers": "fire", "choices": ["ice", "fire"]}
    sample = QA(style="letters").sample(row)
    assert sample.messages[0].text.startswith("What is hot?\nA. ice\nB. fire\n")
    assert (sample.target, sample.answer, sample.cluster) == ("fire", "B", "")


def test_several_pictures() -> None:
    other = Image(b"another")
    sample = VQA().sample(ROW | {"images": [PICTURE, other]})
    assert sample.messages[0].content[:2] == (PICTURE, other)
    with pytest.raises(DataError, match="field 'images' must be a list of images"):
        VQA().sample(ROW | {"images": ["x.png"]})


def fields_of(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("template", PARAPHRASES)
def test_paraphrases_hold_the_same_fields(template: str) -> None:
    others = PARAPHRASES[template]
    assert len({template, *others}) == len(others) + 1 >= 3
    assert all(fields_of(other) == fields_of(template) for other in others)


def test_every_prompt_of_every_dataset_has_paraphrases() -> None:
    for name in plugins.names("tasks"):
        task = plugins.load("tasks", name)
        for key, entry in task().datasets.items():
            made = task(**entry.defaults)
            if hasattr(made, "prompt") and key != "hellaswag":  # whose texts are continued, not asked about
                assert made.paraphrases >= 2, f"{name}:{key}"


def test_a_variant_is_another_wording() -> None:
    template = VQA().prompt
    row = {"id": "a", "image": PICTURE, "question": "Which?", "answers": "blue"}
    texts = {VQA(variant=number).sample(row).messages[0].text for number in range(4)}
    assert len(texts) == 4
    assert paraphrase(template, 0) == template
    with pytest.raises(UsageError, match="variant=9: this prompt has 3 paraphrases, 1 to 3"):
        VQA(variant=9).sample(row)
    with pytest.raises(UsageError, match="variant=1: this prompt has 0 paraphrases"):
        VQA(variant=1, prompt="{question}").sample(row)
