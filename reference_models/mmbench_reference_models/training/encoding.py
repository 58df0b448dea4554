"""Examples to token ids and tensors, as the ``hf:`` backend encodes the requests of an evaluation."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from mmbench.backends.hf.prompts import Prompt, Prompter
from mmbench.schema import Audio, Image
from mmbench_reference_models.training.examples import Example

IGNORED = -100
"""Labels of tokens that are not learnt."""


@dataclass(frozen=True)
class Encoded:
    """An example as a model takes it.

    Attributes:
        ids: the tokens that go in; for an encoder-decoder those of the prompt.
        labels: what is to come out, as long as ``ids`` for a decoder; ``IGNORED`` where nothing is learnt.
        media: tensors of pictures and sounds.
        branches: where several examples share their beginning, which of them each token belongs to, from 1 on; 0
            for the beginning, which all see.
        answers: 1 for the tokens of an answer after a thought, else 0; empty without a thought.
    """

    ids: list[int]
    labels: list[int]
    media: dict[str, torch.Tensor] = field(default_factory=dict)
    branches: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Tokens, for making batches of like sizes."""
        return max(len(self.ids), len(self.labels))


class ExampleEncoder:
    """Encodes examples with a model's processor.

    Attributes:
        seq2seq: the prompt goes into an encoder, and the reply is a text of its own.
        learn: "answer" or "all", see :class:`mmbench_reference_models.training.recipe.Stage`.
    """

    def __init__(self, processor: Any, *, seq2seq: bool, learn: str) -> None:
        self.processor, self.seq2seq, self.learn = processor, seq2seq, learn
        self.tokenizer = processor.tokenizer
        self._prompter = Prompter(self.tokenizer, processor, continues=not seq2seq)
        marks = (getattr(processor, "image_token_id", None), getattr(processor, "audio_token_id", None))
        self.padding = int(self.tokenizer.pad_token_id)
        self._unlearnt = frozenset(mark for mark in marks if mark is not None)

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Encode examples, texts among them all at once."""
        prompts = [self._prompter.render(example.messages) for example in examples]
        replies = [prompt.reply(example.reply) for prompt, example in zip(prompts, examples, strict=True)]
        if self.seq2seq:
            return self._pairs(examples, prompts, replies)
        ends = [self.tokenizer.eos_token if example.messages else "" for example in examples]
        texts = [prompt.text + reply + end for prompt, reply, end in zip(prompts, replies, ends, strict=True)]
        found = self.tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
        encoded = []
        for prompt, example, text, ids, spans in zip(
            prompts, examples, texts, found["input_ids"], found["offset_mapping"], strict=True
        ):
            replied = sum(1 for _, end in spans if end > len(prompt.text))
            one = self._continued(prompt, example, text, list(ids), replied)
            encoded.append(replace(one, answers=_answers(one, example, text, spans)))
        return encoded

    def _continued(self, prompt: Prompt, example: Example, text: str, ids: list[int], replied: int) -> Encoded:
        """One sequence, of which the reply is the last part; a text without a prompt follows BOS."""
        if not example.messages:
            return Encoded([self.tokenizer.bos_token_id, *ids], [IGNORED, *ids])
        media: dict[str, torch.Tensor] = {}
        if prompt.media:
            ids, media = self._with_media(text, prompt)
        elif prompt.special:
            ids = self.tokenizer(text)["input_ids"]
        first = len(ids) - replied if self.learn == "answer" else 1
        labels = [IGNORED] * first + ids[first:]
        return Encoded(ids, [IGNORED if label in self._unlearnt else label for label in labels], media)

    def _pairs(self, examples: Sequence[Example], prompts: list[Prompt], replies: list[str]) -> list[Encoded]:
        """A sequence for the encoder and one for the decoder."""
        ended = [reply + self.tokenizer.eos_token for reply in replies]
        targets = self.tokenizer(ended, add_special_tokens=False, return_offsets_mapping=True)
        encoded = []
        for example, prompt, text, target, spans in zip(
            examples, prompts, ended, targets["input_ids"], targets["offset_mapping"], strict=True
        ):
            media: dict[str, torch.Tensor] = {}
            if prompt.media:
                ids, media = self._with_media(prompt.text, prompt)
            else:
                ids = self.tokenizer(prompt.text, add_special_tokens=prompt.special)["input_ids"]
            one = Encoded(list(ids) if example.messages else [self.tokenizer.bos_token_id], target, media)
            encoded.append(replace(one, answers=_answers(one, example, text, spans)))
        return encoded

    def _with_media(self, text: str, prompt: Prompt) -> tuple[list[int], dict[str, torch.Tensor]]:
        """Put a text with placeholders and its media through the processor."""
        images = [part.open() for part in prompt.media if isinstance(part, Image)]
        sounds = [part for part in prompt.media if isinstance(part, Audio)]
        media: dict[str, Any] = {}
        if images:
            media["images"] = [images]
        if sounds:
            rate = self.processor.feature_extractor.sampling_rate
            media |= {"audio": [sound.decode(rate) for sound in sounds], "sampling_rate": rate}
        found = self.processor(text=[text], add_special_tokens=prompt.special, return_tensors="pt", **media)
        ids = found.pop("input_ids")[0].tolist()
        found.pop("attention_mask")
        return ids, dict(found)


def _answers(one: Encoded, example: Example, text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Mark the tokens of the answer at the end of a text of which ``spans`` are the tokens' places."""
    if not example.thought:
        return []
    begin = text.rindex(example.thought) + len(example.thought)
    answered = sum(1 for _, end in spans if end > begin)
    return [0] * (len(one.labels) - answered) + [1] * answered


def share(items: Sequence[Encoded], most: int) -> list[Encoded]:
    """Join neighbours that begin alike (questions about one picture, one story) to rows of up to ``most`` tokens.

    What is learnt stays the same: a branch sees the beginning and itself, at the positions that it had alone.
    """
    rows: list[list[Encoded]] = []
    for item in items:
        if rows and _alike([*rows[-1], item], most):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [_joined(row) if len(row) > 1 else row[0] for row in rows]


def _alike(row: Sequence[Encoded], most: int) -> bool:
    """Whether a row's last item may join the others: same media, or half of it or more need not be read again."""
    first, last = row[0], row[-1]
    same = first.media.keys() == last.media.keys() and all(
        torch.equal(first.media[name], last.media[name]) for name in first.media
    )
    begins = _beginning(row) if same else 0
    size = begins + sum(len(item.ids) - begins for item in row)
    return begins > 0 and (bool(last.media) or 2 * begins >= len(last.ids)) and size <= most


def _beginning(row: Sequence[Encoded]) -> int:
    """Return how many tokens are the same in all, before the last one that precedes what is learnt."""
    most = min(next((place for place, label in enumerate(item.labels) if label != IGNORED), 0) for item in row) - 1
    columns = zip(*(item.ids[: max(most, 0)] for item in row), strict=False)
    return next((place for place, column in enumerate(columns) if len(set(column)) > 1), max(most, 0))


def _joined(row: Sequence[Encoded]) -> Encoded:
    begins = _beginning(row)
    ids, labels, branches, answers = row[0].ids[:begins], [IGNORED] * begins, [0] * begins, [0] * begins
    for number, item in enumerate(row, 1):
        ids = ids + item.ids[begins:]
        labels += item.labels[begins:]
        branches += [number] * (len(item.ids) - begins)
        answers += item.answers[begins:] or [0] * (len(item.ids) - begins)
    return Encoded(ids, labels, row[0].media, branches, answers if any(answers) else [])


def collate(items: Sequence[Encoded], padding: int) -> dict[str, torch.Tensor]:
    """Pad examples on the right and put their media one after the other.

    Returns:
        ``input_ids``, ``attention_mask`` (rows, longest), ``labels``, ``branches`` and ``answers`` (rows, longest)
        where rows have any, and the media's tensors.
    """
    ids = _padded([item.ids for item in items], padding)
    mask = _padded([[1] * len(item.ids) for item in items], 0)
    labels = _padded([item.labels for item in items], IGNORED)
    marks = {"branches": [item.branches for item in items], "answers": [item.answers for item in items]}
    extra = {
        name: _padded([row or [0] * len(item.labels) for row, item in zip(rows, items, strict=True)], 0)
        for name, rows in marks.items()
        if any(rows)
    }
    names = {name: None for item in items for name in item.media}
    media = {name: _together([item.media[name] for item in items if name in item.media]) for name in names}
    return {"input_ids": ids, "attention_mask": mask, "labels": labels, **extra, **media}


def _padded(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows], dtype=torch.long)


def _together(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Join along the first axis; the last one (time) is filled up with zeros."""
    longest = max(tensor.shape[-1] for tensor in tensors)
    return torch.cat([torch.nn.functional.pad(tensor, (0, longest - tensor.shape[-1])) for tensor in tensors])
