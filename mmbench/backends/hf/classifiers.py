"""Classifiers: of a text (sentiment and the like), and of a question about a picture (ViLT and the like)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from mmbench.backends.hf.encoding import cut
from mmbench.backends.hf.media import read_media
from mmbench.backends.hf.parts import Parts
from mmbench.backends.hf.prompts import Prompt
from mmbench.backends.hf.readings import first_line, matched, only_turn, without_instruction
from mmbench.backends.hf.responses import RefusalError, answer_each, best_option, refusal, response
from mmbench.errors import ModelError, UsageError
from mmbench.model import Capabilities
from mmbench.schema import Choice, Generate, Image, Request, Response, Text


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request, its prompt, and the label of each option; no options where the answer is to be named."""

    prompt: Prompt
    row: list[int]
    options: tuple[str, ...] = ()
    labels: tuple[int, ...] = ()


class Classifier:
    """What both have in common: labels, the length of texts, and reading logits of shape (requests, labels)."""

    def __init__(self, parts: Parts) -> None:
        """Read the labels.

        Raises:
            ModelError: the model tells no classes apart.
            UsageError: ``labels`` names another number of classes.
        """
        self.model, self.tokenizer, self.parts = parts.model, parts.tokenizer, parts
        names = self.model.config.id2label
        self.labels = list(parts.options.labels or [str(names[index]) for index in range(len(names))])
        if len(self.labels) != len(names):
            raise UsageError(f"labels should name the model's {len(names)} classes, not {len(self.labels)}.")
        if len(names) < 2:
            raise ModelError("the model has one output only: it measures, and does not tell classes apart.")

    def tokens(self, text: str) -> list[int]:
        """Tokenize a text.

        Raises:
            RefusalError: it is too long, and may not be cut.
        """
        row = list(self.tokenizer(text)["input_ids"])
        limits = self.parts.limits
        if limits.tokens is not None and len(row) > limits.tokens:
            if limits.truncate == "no":
                advice = "Shorten it, or set truncate."
                raise RefusalError(f"the text has {len(row)} tokens; the model takes {limits.tokens}. {advice}")
            row = cut(row, limits.tokens, limits.truncate, frozenset(self.tokenizer.all_special_ids))
        return row

    def read(self, asked: _Asked, logits: torch.Tensor) -> Response:
        """Answer from one request's logits."""
        scores = logits.float().log_softmax(-1)
        if asked.options:
            picked = tuple(scores[label].item() for label in asked.labels)
            return best_option(asked.options, picked, len(asked.row))
        best = int(scores.argmax())
        return response((scores[best].item(),), text=self.labels[best], tokens=(1,), input_tokens=len(asked.row))

    def padded(self, rows: Sequence[list[int]]) -> dict[str, torch.Tensor]:
        """Make tensors of token rows; padding goes where the model does not read: XLNet reads the last place."""
        side = "left" if getattr(self.model.config, "summary_type", "") == "last" else "right"
        batch = self.tokenizer.pad({"input_ids": list(rows)}, padding_side=side, return_tensors="pt")
        return {name: batch[name].to(self.model.device) for name in ("input_ids", "attention_mask")}

    def size(self, request: Request) -> int:
        """Estimate a request's length in tokens."""
        messages = getattr(request, "messages", ())
        return sum(len(part.text) // 4 for turn in messages for part in turn.content if isinstance(part, Text))


class TextClassifier(Classifier):
    """Chooses among options that are its labels; an instruction after the text is left out."""

    capabilities = Capabilities(frozenset({"text"}), frozenset({Choice}))

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        if self.model.config.pad_token_id is None:  # decoders look for the last token that is no padding
            self.model.config.pad_token_id = self.tokenizer.pad_token_id

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer choices, in order."""
        choices = [request for request in requests if isinstance(request, Choice)]
        return answer_each(choices, self._prepare, self._run)

    def _prepare(self, request: Choice) -> _Asked:
        turn = only_turn(request.messages)
        if not all(isinstance(part, Text) for part in turn.content):
            raise RefusalError("the model takes text only.")
        row = self.tokens(without_instruction(turn.text, request.options))
        return _Asked(Prompt(""), row, request.options, tuple(matched(request.options, self.labels)))

    def _run(self, asked: list[_Asked]) -> list[Response]:
        logits = self.model(**self.padded([item.row for item in asked])).logits
        return [self.read(item, row) for item, row in zip(asked, logits, strict=True)]


class PictureClassifier(Classifier):
    """Answers questions about one picture by one of some thousands of labels."""

    capabilities = Capabilities(
        frozenset({"text", "image"}), frozenset({Choice, Generate}), required=frozenset({"image"})
    )

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer choices by the likeliest option, other questions by the likeliest label."""
        return answer_each([r for r in requests if isinstance(r, Choice | Generate)], self._prepare, self._run)

    def _prepare(self, request: Choice | Generate) -> _Asked:
        turn = only_turn(request.messages)
        pictures = tuple(part for part in turn.content if isinstance(part, Image))
        if len(pictures) != 1:
            raise RefusalError(f"the model takes exactly one picture, not {len(pictures)}.")
        prompt = Prompt(first_line(turn.text), pictures)
        row = self.tokens(prompt.text)
        if isinstance(request, Generate):
            return _Asked(prompt, row)
        return _Asked(prompt, row, request.options, tuple(matched(request.options, self.labels)))

    def _run(self, asked: list[_Asked]) -> list[Response]:
        pictures, failures = read_media([item.prompt for item in asked], Image, Image.open)
        answers = {index: refusal(reason) for index, reason in failures.items()}
        if pictures:
            pixels = self.parts.processor.image_processor(
                [pictures[row][0] for row in pictures], return_tensors="pt"
            )
            shown: dict[str, Any] = {
                name: value.to(self.model.device, self.model.dtype if value.is_floating_point() else None)
                for name, value in pixels.items()
            }
            logits = self.model(**self.padded([asked[row].row for row in pictures]), **shown).logits
            answers |= {row: self.read(asked[row], values) for row, values in zip(pictures, logits, strict=True)}
        return [answers[index] for index in range(len(asked))]


def picture_classifier(parts: Parts) -> PictureClassifier:
    """Build a picture classifier.

    Raises:
        ModelError: the model writes its answers.
    """
    if hasattr(parts.model, "generate"):
        raise ModelError(f"models of type '{parts.model.config.model_type}' that write answers are not supported.")
    return PictureClassifier(parts)
