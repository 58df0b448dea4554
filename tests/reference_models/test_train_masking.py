"""Masked language modelling: what is hidden, and that a model pre-trained so answers questions as before."""

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file

from mmbench.backends.hf import load
from mmbench.errors import UsageError
from mmbench.schema import Generate, Image, Text, user
from mmbench.training import Outcome, Stepped, TrainingEvent
from mmbench_reference_models import ReferenceConfig, ReferenceProcessor, train_tokenizer
from mmbench_reference_models.training import Trainer
from mmbench_reference_models.training.batches import Buckets
from mmbench_reference_models.training.examples import Example, Stream
from mmbench_reference_models.training.log import read
from mmbench_reference_models.training.masking import hide
from mmbench_reference_models.training.recipe import BatchPlan, Source, Stage, load_recipe
from mmbench_reference_models.training.spans import SpanEncoder, marking
from mmbench_reference_models.vocabulary import SPECIAL
from tests.support import small_recipe

MIX = [
    {"task": "vqa", "set": {"form": "choice", "difficulty": 1}},
    {"task": "qa", "set": {"difficulty": 1}, "weight": 3},
]
STAGES = [
    {"name": "guess", "steps": 10, "loss": "masked", "mix": [*MIX, {"task": "caption"}, {"task": "lm"}]},
    {"name": "mark", "steps": 4, "mix": MIX},
]


def train(folder: Path, stop: int = 0, **changes: Any) -> Outcome:
    """Train, and press Ctrl-C after a step."""

    def listen(event: TrainingEvent) -> None:
        if isinstance(event, Stepped) and event.step == stop:
            os.kill(os.getpid(), signal.SIGINT)

    recipe = small_recipe.write(folder, stages=STAGES)
    changes = {"model.backbone": "span", "tokenizer.examples": 24, "optim.lr": 0.03} | changes
    return Trainer().train(str(recipe), changes=changes, out=folder / "run", resume=None, on_event=listen)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return train(tmp_path_factory.mktemp("masked"))


def hidden(seed: int, rows: int = 40, length: int = 100) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Hide tokens of some rows of the word 50, each between BOS and EOS and padded by 10."""
    ids = torch.full((rows, length + 12), 50)
    ids[:, 0], ids[:, length + 1], ids[:, length + 2 :] = 1, 2, 0
    batch = {"input_ids": ids, "labels": ids.clone(), "attention_mask": (ids > 0).long()}
    return ids, hide(batch, 6, 1000, np.random.default_rng([seed, 0]))


def test_which_tokens_are_hidden_and_how() -> None:
    ids, batch = hidden(1)
    shown, labels = batch["input_ids"], batch["labels"]
    chosen = labels != -100
    assert (chosen.sum(1) == 15).all()
    assert (ids[chosen] >= len(SPECIAL)).all()
    assert torch.equal(labels[chosen], ids[chosen])
    assert torch.equal(shown[~chosen], ids[~chosen])
    masked, same = (shown[chosen] == 6).float().mean(), (shown[chosen] == 50).float().mean()
    assert masked == pytest.approx(0.8, abs=0.05)
    assert same == pytest.approx(0.1, abs=0.04)
    assert shown.min() >= 0
    assert len(shown[chosen].unique()) > 30  # the other tenth is anything
    assert (chosen.float().mean(0) > 0).sum() > 90  # anywhere


def test_a_short_row_has_one_to_guess() -> None:
    _, batch = hidden(1, rows=5, length=2)
    assert (batch["labels"] != -100).sum(1).tolist() == [1] * 5


def test_hiding_is_a_function_of_its_seed() -> None:
    first, again, other = (hidden(seed)[1] for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["labels"], other["labels"])


@pytest.fixture(scope="module")
def processor() -> ReferenceProcessor:
    examples = [example for source in MIX for example in Stream(Source(**source), 0).read(0, 20)]
    texts = [part.text for one in examples for part in one.messages[0].content if isinstance(part, Text)]
    tokenizer = train_tokenizer(texts, "bpe", 700)
    config = ReferenceConfig(vocab_size=len(tokenizer), backbone="span", image_size=32, patch_size=16)
    return ReferenceProcessor.for_config(config, tokenizer)


def test_batches_are_found_by_number(processor: ReferenceProcessor) -> None:
    stage = Stage("guess", 1, (Source("lm"), Source("caption")), "masked")
    plan = BatchPlan(examples=3, bucket=2)
    first, again, later = (
        Buckets(stage, plan, processor, 5, "span"),
        *(Buckets(stage, plan, processor, seed, "span") for seed in (5, 6)),
    )
    for one, other in zip(first[3], again[3], strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)
    assert not all(
        torch.equal(one["labels"], other["labels"]) for one, other in zip(first[3], later[3], strict=True)
    )
    assert any("pixel_values" in batch for batch in first[3])  # captions are guessed with their picture


def test_a_model_guesses_better_and_then_marks(whole: Outcome) -> None:
    lines = read(whole.folder)
    losses = [float(line["loss"]) for line in lines if line["stage"] == "guess"]
    assert losses[-1] < losses[0] - 0.3
    assert [line["stage"] for line in lines] == ["guess"] * 10 + ["mark"] * 4


@pytest.mark.parametrize("step", [7, 10])
def test_pre_training_goes_on_bit_for_bit(whole: Outcome, tmp_path: Path, step: int) -> None:
    """Within a bucket of hidden words, and before the first answer to mark."""
    assert train(tmp_path, step).status == "interrupted"
    again = Trainer().train("", changes={}, out=None, resume=tmp_path / "run")
    assert whole.model is not None
    assert again.model is not None
    want, found = (load_file(folder / "model.safetensors") for folder in (whole.model, again.model))
    assert want.keys() == found.keys()
    assert all(torch.equal(want[name], found[name]) for name in want)


def test_pre_training_leaves_an_ordinary_model(whole: Outcome) -> None:
    plain, report = transformers.AutoModelForQuestionAnswering.from_pretrained(
        whole.model, output_loading_info=True
    )
    assert type(plain).__name__ == "ReferenceForQuestionAnswering"
    assert not any(report[name] for name in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    model = load(str(whole.model), device="cpu")
    text = "Priya repaired the thermometer in the garden."
    (answer,) = model.run([Generate((user(f"{text}\n\nQuestion: Who repaired it?\nAnswer:"),))])
    assert answer.text
    assert answer.text in text


def test_only_a_model_that_reads_both_ways_guesses(tmp_path: Path) -> None:
    path = small_recipe.write(tmp_path, stages=STAGES)
    number = next(place for place, line in enumerate(path.read_text().splitlines(), 1) if "loss: masked" in line)
    with pytest.raises(UsageError, match=rf"line {number}: 'stages.0.loss' is 'masked'.* not decoder"):
        load_recipe(path)
    assert load_recipe(path, {"model.backbone": "span"}).stages[0].loss == "masked"


@pytest.mark.parametrize(("backbone", "way_out"), [("span", "masked"), ("encoder-decoder", "answer")])
def test_only_a_model_that_writes_what_it_reads_learns_all(tmp_path: Path, backbone: str, way_out: str) -> None:
    path = small_recipe.write(tmp_path, stages=[{**STAGES[0], "loss": "all"}, STAGES[1]])
    number = next(place for place, line in enumerate(path.read_text().splitlines(), 1) if "loss: all" in line)
    with pytest.raises(UsageError, match=rf"line {number}: 'stages.0.loss' is 'all', .*{backbone}.*{way_out}"):
        load_recipe(path, {"model.backbone": backbone})
    assert load_recipe(path).stages[0].loss == "all"


def test_labels_are_the_answers_tokens(processor: ReferenceProcessor) -> None:
    """Of a text and of a list of options, behind as many placeholders as a picture needs."""
    seen: set[str] = set()
    for source in MIX:
        examples = Stream(Source(**source), 0).read(0, 40)  # type: ignore[arg-type]
        kept = [one for one in examples if marking(one) is not None]
        for example, found in zip(kept, SpanEncoder(processor).encode(examples), strict=True):
            first, last = found.labels
            said = processor.tokenizer.decode(found.ids[first : last + 1]).strip()
            assert said == (example.reply if last else processor.tokenizer.bos_token)
            pictures = sum(isinstance(part, Image) for part in example.messages[0].content)
            assert found.ids.count(processor.image_token_id) == pictures * processor.image_tokens
            assert len(found.media.get("pixel_values", ())) == pictures
            seen.add(example.task)
    assert seen == {"vqa", "qa"}


def test_an_option_is_marked_where_it_is_listed() -> None:
    prompt = "A red thing, or a blue one?\nAnswer with one of these: blue or red.\nAnswer:"
    example = Example("1", "vqa", (user(prompt),), "red", ("blue", "red"))
    found = marking(example)
    assert found is not None
    assert found.question == "A red thing, or a blue one?"
    assert found.answer is not None
    assert found.context[slice(*found.answer)] == "red"
    assert found.context.index("red") == found.answer[0]
    assert marking(Example("1", "vqa", (user("What colour?"),), "red", ("blue", "red"))) is None
    assert marking(Stream(Source("caption"), 0).read(0, 1)[0]) is None
