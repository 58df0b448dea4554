"""Examples for a model that marks the answer in a text, as the ``hf:`` backend asks such models."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from mmbench.backends.hf.extractive import WINDOW, show, tokens_of
from mmbench.backends.hf.readings import context_and_question, question_and_options
from mmbench.backends.hf.responses import RefusalError
from mmbench.schema import Image, media_of
from mmbench_reference_models.training.encoding import Encoded
from mmbench_reference_models.training.examples import Example

UNANSWERABLE = "unanswerable"


@dataclass(frozen=True)
class Marking:
    """A question, the text that is marked, and where in it the answer begins and ends; None if there is none."""

    question: str
    context: str
    answer: tuple[int, int] | None


def marking(example: Example) -> Marking | None:
    """Read an example as a text with a question about it, or a question with its options.

    Returns None where it is neither, or the answer does not stand there.
    """
    if len(example.messages) != 1:
        return None
    text = example.messages[0].text
    try:
        if example.options:
            question, context, places = question_and_options(text, example.options)
            return Marking(question, context, places[example.options.index(example.reply)])
        context, question = context_and_question(text)
    except RefusalError:
        return None
    match = re.search(rf"(?<!\w){re.escape(example.reply)}(?!\w)", context)
    if match is None and example.reply != UNANSWERABLE:
        return None
    return Marking(question, context, match.span() if match else None)


class Pairs:
    """Encodes two texts, the pictures of an example before the first."""

    def __init__(self, processor: Any) -> None:
        self._processor, self._tokenizer = processor, processor.tokenizer
        self.padding = int(self._tokenizer.pad_token_id)
        self._sees = getattr(processor, "image_processor", None) is not None

    def reads(self, example: Example) -> bool:
        """Whether all media of an example are pictures, of a model that sees."""
        return all(self._sees and isinstance(part, Image) for part in media_of(example.messages))

    def encode(self, first: str, second: str, example: Example) -> tuple[Any, dict[str, torch.Tensor]]:
        """Return the tokenizer's encoding, the longer text cut to fit a window, and the pictures' tensors."""
        pictures = [part.open() for part in media_of(example.messages) if isinstance(part, Image)]
        marks, media = show(self._processor, pictures) if pictures else ("", {})
        encoding = self._tokenizer(
            marks + first, second, truncation=True, max_length=WINDOW, return_offsets_mapping=True
        )
        return encoding, media


class SpanEncoder:
    """Encodes questions whose answer stands in the text or among the options; all other examples are left out."""

    def __init__(self, processor: Any) -> None:
        self._pairs = Pairs(processor)
        self.padding = self._pairs.padding

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Encode examples; ``labels`` are the answer's first and last token, both 0 if there is no answer."""
        return [found for example in examples if (found := self._encode(example)) is not None]

    def _encode(self, example: Example) -> Encoded | None:
        found = marking(example) if self._pairs.reads(example) else None
        if found is None:
            return None
        encoding, media = self._pairs.encode(found.question, found.context, example)
        ends = tokens_of(encoding, 0, found.answer) if found.answer else None
        return Encoded(encoding["input_ids"], list(ends or (0, 0)), media)
