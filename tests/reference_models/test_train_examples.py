import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from mmbench import plugins
from mmbench.data import open_dataset, samples
from mmbench.dataset import Embedded
from mmbench.errors import UsageError
from mmbench.model import Capabilities
from mmbench.schema import Message, Text
from mmbench_reference_models.training.examples import Example, Stream, configured
from mmbench_reference_models.training.recipe import Source

WORLDS = [
    name
    for name in plugins.names("tasks")
    if isinstance(next(iter(plugins.load("tasks", name)().datasets.values())).source, Embedded)
]
ROWS = 100


def digest(messages: tuple[Message, ...], reply: str) -> str:
    """Return a hash of what a model sees and says: media, text and answer."""
    parts = [
        part.text if isinstance(part, Text) else part.digest for message in messages for part in message.content
    ]
    return hashlib.sha256("\x00".join([*parts, reply]).encode()).hexdigest()


def seen(examples: list[Example]) -> list[str]:
    """Return hashes, whose differences pytest can show at once."""
    return [digest(example.messages, example.reply) for example in examples]


def of_an_evaluation(name: str, split: str) -> Iterator[str]:
    """Yield hashes of what an evaluation asks."""
    task, dataset = configured(Source(name))
    rows = open_dataset(dataset, name=name, limit=ROWS, options={"split": split})
    for sample in samples(task, rows):
        yield digest(sample.messages, sample.answer)


@pytest.mark.parametrize("name", WORLDS)
def test_training_never_sees_what_is_tested(name: str) -> None:
    learnt = set(seen(Stream(Source(name), seed=1).read(0, ROWS)))
    assert len(learnt) > ROWS / 10
    assert learnt.isdisjoint(of_an_evaluation(name, "test"))
    assert learnt.isdisjoint(of_an_evaluation(name, "validation"))


@pytest.mark.parametrize("name", WORLDS)
def test_prompts_are_those_of_an_evaluation(name: str) -> None:
    stream = Stream(Source(name), seed=0)
    task, dataset = configured(Source(name))
    rows = open_dataset(dataset, name=name, limit=6, options={"split": "train"})
    for example, sample in zip(stream.read(0, 6), samples(task, rows), strict=True):
        (request, *_) = task.requests(sample, Capabilities())
        if sample.messages:
            assert seen([example]) == [digest(request.messages, sample.answer)]  # type: ignore[attr-defined]
        else:
            assert example.messages == ()
            assert example.reply == request.text  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", WORLDS)
def test_examples_are_found_by_number(name: str) -> None:
    stream = Stream(Source(name), seed=5)
    assert seen(stream.read(4, 4)) == seen(stream.read(0, 8)[4:])
    assert seen(stream.read(0, 4)) != seen(Stream(Source(name), seed=6).read(0, 4))


def test_validation_is_another_stream() -> None:
    source = Source("sentiment")
    training, validation = Stream(source, 1).read(0, 50), Stream(source, 1, "validation").read(0, 50)
    assert {one.id for one in training}.isdisjoint(one.id for one in validation)


def test_options_reach_prompt_and_generator() -> None:
    (example,) = Stream(Source("translation", set={"tgt": "fr"}), 0).read(0, 1)
    assert "into French" in example.messages[0].text
    german = Stream(Source("translation"), 0).read(0, 1)[0]
    assert example.reply != german.reply
    easy = Stream(Source("sentiment", set={"difficulty": 1}), 0)
    hard = Stream(Source("sentiment", set={"difficulty": 5}), 0)
    assert size(hard.read(0, 20)) > 1.5 * size(easy.read(0, 20))


def size(examples: list[Example]) -> int:
    return sum(len(example.messages[0].text) for example in examples)


def test_mistakes() -> None:
    with pytest.raises(UsageError, match="nothing is learnt from the split 'test'"):
        Stream(Source("sentiment", split="test"), 0)
    with pytest.raises(UsageError, match=r"unknown task 'sentimnt'. Did you mean 'sentiment'"):
        Stream(Source("sentimnt"), 0)
    with pytest.raises(UsageError, match=r"no dataset 'reviewz'. Did you mean 'reviews'"):
        Stream(Source("sentiment:reviewz"), 0)
    with pytest.raises(UsageError, match=r"unknown option 'dificulty'. Did you mean 'difficulty'"):
        Stream(Source("sentiment", set={"dificulty": 1}), 0)


def test_data_with_an_end_is_shuffled_anew_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(Source("sentiment:sst2"), seed=1)
    rows = [
        {"id": str(n), "text": f"text {n}", "label": "negative", "choices": ["negative", "positive"]}
        for n in range(20)
    ]
    monkeypatch.setattr("mmbench.data.open_dataset", lambda *_, **__: rows)
    first, second = ([one.id for one in stream.read(start, 20)] for start in (0, 20))
    assert sorted(first) == sorted(second) == sorted(row["id"] for row in rows)
    assert first != second
    assert stream.read(15, 10) == [*stream.read(15, 5), *stream.read(20, 5)]


def test_a_part_held_back_for_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"id": str(n), "text": f"text {n}", "label": "negative", "choices": ["negative", "positive"]}
        for n in range(40)
    ]
    monkeypatch.setattr("mmbench.data.open_dataset", lambda *_, **__: rows)
    source = Source("sentiment:sst2", part="head")
    learnt = {one.id for one in Stream(source, 1).read(0, 36)}
    held = {one.id for one in Stream(source, 1, "validation").read(0, 4)}
    assert held == {"9", "19", "29", "39"}
    assert learnt == {row["id"] for row in rows} - held
    assert len(list(islice(Stream(replace(source, part="all"), 1).read(0, 40), None))) == 40
