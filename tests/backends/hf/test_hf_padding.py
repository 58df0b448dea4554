"""Answers depend neither on the batch nor on the side on which a checkpoint's tokenizer likes to pad."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_models
import tiny_readers
import transformers
from hf_oracle import sound

from mmbench.backends.hf import load
from mmbench.schema import Choice, Generate, Image, Part, Perplexity, Request, user

PROMPTS = (
    "no\n\nWhy?",
    "The small green cone is left of the large yellow cylinder.\n\nIs it red?\nAnswer with yes or no.\nAnswer:",
    "There are two blue cubes.\n\nHow many?",
)


def judge(folder: Path) -> Path:
    """Write a Llama-like decoder that classifies texts by their last token."""
    special = ["<s>", "</s>", "<pad>"]
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    tokenizer = tiny_models.train_tokenizer(special, bytes_level=True, **names)
    labels = {0: "no", 1: "yes"}
    config = tiny_models.llama_config(len(tokenizer), pad_token_id=2, id2label=labels)
    return tiny_models.write(folder, lambda: transformers.LlamaForSequenceClassification(config), tokenizer)


BUILDERS: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    **{name: (build, ("red", "two blue cubes, I think")) for name, build in tiny_models.BUILDERS.items()},
    "speech": (tiny_readers.speech_to_text, ("red", "two blue cubes")),
    "text classifier": (tiny_readers.text_classifier, ("negative", "positive")),
    "decoder as classifier": (judge, ("no", "yes")),
    "extractive": (tiny_readers.extractive, ()),
    "vilt": (tiny_readers.vilt, ("yes", "no")),
    "clip": (tiny_readers.clip, ("red", "two blue cubes, I think")),
    "siglip": (tiny_readers.siglip, ("red", "two blue cubes")),
}


def padded_on(side: str, folder: Path, to: Path) -> Path:
    """Copy a checkpoint whose tokenizer pads on that side."""
    shutil.copytree(folder, to)
    path = to / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"padding_side": side}))
    assert transformers.AutoTokenizer.from_pretrained(to).padding_side == side
    return to


@pytest.mark.parametrize("name", BUILDERS)
def test_the_side_of_padding_changes_nothing(name: str, tmp_path: Path, pictures: list[Image]) -> None:
    build, options = BUILDERS[name]
    folder = build(tmp_path / "made")
    given = []
    for side in ("left", "right"):
        copy = padded_on(side, folder, tmp_path / side)
        model = load(str(copy), device="cpu", template="{option}" if name in ("clip", "siglip") else None)
        able = model.capabilities
        asked: list[list[Request]] = [[], [], []]
        for number, prompt in enumerate(PROMPTS):
            media: list[Part] = [pictures[number]] if "image" in able.modalities else []
            media += [sound(number, 0.3 * (number + 1))] if "audio" in able.modalities else []
            asked[0] += [Generate((user(*media, prompt),), max_tokens=6)] * (Generate in able.kinds)
            asked[1] += [Choice((user(*media, prompt),), options)] * (Choice in able.kinds)
            asked[2] += [Perplexity(prompt)] * (Perplexity in able.kinds)
        together = [response for requests in asked if requests for response in model.run(requests)]
        alone = [model.run([request])[0] for requests in asked for request in requests]
        given += [together, alone]
    for same in zip(*given, strict=True):
        assert {response.error for response in same} == {None}
        assert len({(response.text, response.tokens, response.input_tokens) for response in same}) == 1
        scores = np.array([response.logprobs for response in same])
        assert np.abs(scores - scores[0]).max(initial=0.0) < 1e-4
