"""Architectures that take pictures in by other ways answer as the library's own generate() does, one at a time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tiny_vision
import torch
import transformers

from mmbench.backends.hf import load
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Message, user

CHAT = ("qwen2-vl", "gemma3")
QUESTIONS = ("What colour is the ball?", "no", "Is the small green cone left of it?", "How many cubes are there?")
OPTIONS = ("red", "two blue cubes", "yes, it is")


class Oracle:
    """Plain Transformers."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.model = transformers.AutoModelForMultimodalLM.from_pretrained(folder).eval()
        self.processor = transformers.AutoProcessor.from_pretrained(folder)

    def inputs(self, messages: Sequence[Message]) -> dict[str, Any]:
        (turn,) = messages
        pictures = [part.open() for part in turn.content if isinstance(part, Image)]
        if self.name in CHAT:
            parts = [{"type": "image", "image": picture} for picture in pictures]
            content = [*parts, {"type": "text", "text": turn.text}]
            encoded = self.processor.apply_chat_template(
                [{"role": "user", "content": content}],
                tokenize=True,
                add_generation_prompt=True,
                return_dict=True,
                return_tensors="pt",
            )
        else:
            marks = {"blip2": "", "paligemma": "<image>"}  # the latter's processor adds BOS and a line break
            text = "".join(marks.get(self.name, "<image>\n") for _ in pictures) + turn.text
            text += "" if self.name == "paligemma" else "\n"
            encoded = self.processor(text=[text], images=[pictures], return_tensors="pt")
        return {key: value for key, value in encoded.items() if key != "labels"}

    def run(self, inputs: dict[str, Any], most: int, forced: Sequence[int] = ()) -> tuple[list[int], list[float]]:
        """Generate greedily, or along ``forced``; return tokens and raw log-probabilities."""
        start = 0 if self.name == "blip2" else inputs["input_ids"].shape[1]
        skip = inputs["input_ids"].shape[1] if self.name == "blip2" else 0
        allowed = (lambda _, ids: [forced[len(ids) - start - skip]]) if forced else None
        with torch.no_grad():
            out = self.model.generate(
                **inputs,
                max_new_tokens=most,
                do_sample=False,
                prefix_allowed_tokens_fn=allowed,
                output_logits=True,
                return_dict_in_generate=True,
            )
        tokens = out.sequences[0, start + skip :].tolist()
        logprobs = [step[0].log_softmax(-1)[token].item() for step, token in zip(out.logits, tokens, strict=True)]
        if not forced and tokens[-1] == 1:
            tokens, logprobs = tokens[:-1], logprobs[:-1]
        return tokens, logprobs


@pytest.mark.parametrize("name", tiny_vision.BUILDERS)
def test_answers_as_generate_does(name: str, tmp_path: Path, pictures: list[Image]) -> None:
    folder = tiny_vision.BUILDERS[name](tmp_path / name)
    oracle, model = Oracle(name, folder), load(str(folder), device="cpu")
    shown = [pictures[:1], pictures[1:2], pictures[:1], pictures[2:]]
    if name not in ("blip2", "paligemma"):
        shown[1] = pictures[1:3]
    asked = [(user(*some, question),) for some, question in zip(shown, QUESTIONS, strict=True)]
    tokenizer = oracle.processor.tokenizer
    for messages, response in zip(asked, model.run([Generate(m, max_tokens=7) for m in asked]), strict=True):
        tokens, logprobs = oracle.run(oracle.inputs(messages), 7)
        assert response.error is None
        assert response.text == tokenizer.decode(tokens, skip_special_tokens=True)
        assert response.logprobs == pytest.approx(logprobs, abs=1e-4)
        assert response.input_tokens == oracle.inputs(messages)["attention_mask"].sum().item()
    choices = model.run([Choice(messages, OPTIONS) for messages in asked])
    single = model.run([LogLikelihood(messages, OPTIONS[1]) for messages in asked])
    for messages, choice, one in zip(asked, choices, single, strict=True):
        inputs = oracle.inputs(messages)
        rows = []
        for option in OPTIONS:
            ids = tokenizer(option, add_special_tokens=False)["input_ids"]
            rows.append(oracle.run(inputs, len(ids), ids)[1])
        assert choice.logprobs == pytest.approx([sum(row) for row in rows], abs=1e-4)
        assert choice.tokens == tuple(map(len, rows))
        assert one.logprobs == pytest.approx(rows[1], abs=1e-4)
