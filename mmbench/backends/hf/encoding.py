"""Prompts to padded tensors; a prompt that cannot be encoded fails alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from mmbench.backends.hf.checkpoint import first_line
from mmbench.backends.hf.media import Hearing, Media, read_media
from mmbench.backends.hf.prefix import can_share, shared_length
from mmbench.backends.hf.prompts import Prompt
from mmbench.backends.hf.vision import PictureFeatures
from mmbench.errors import ModelError
from mmbench.schema import Image, Modality

Row = list[int]
_Read = tuple[list[Any], list[Any]]  # a prompt's pictures and sounds, decoded
_REFUSALS = (ValueError, TypeError, IndexError, KeyError, AttributeError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Batch:
    """Prompts that could be encoded, as the model's keyword arguments; :meth:`Encoder.ready` puts them in place.

    Attributes:
        rows: for each row of the tensors, the index of its prompt.
        lengths: for each row, its tokens without padding, media included.
        failures: the index of each other prompt, and why it could not be encoded.
        shared: how many tokens all rows begin with, if they are laid out to share them.
    """

    inputs: dict[str, Any]
    rows: list[int]
    lengths: list[int]
    failures: dict[int, str] = field(default_factory=dict)
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The most tokens of one sequence (None: no limit), and where to cut a longer prompt ("no": refuse it)."""

    tokens: int | None = None
    truncate: str = "no"


class Encoder:
    """Turns prompts into a model's inputs: first without the model, so that it may be at work on other prompts
    meanwhile (:meth:`encode`, :meth:`pad`), then with it (:meth:`ready`).

    Prompts are padded on the left for a decoder, which continues them, and on the right for an encoder.

    Attributes:
        start: tokens with which an encoder-decoder's decoder begins by itself.
        forced: tokens that its generation config forces after those.
        shares: whether the prompts of a batch share what they all begin with.
        required: what every prompt must hold.
    """

    start = 1
    required: frozenset[Modality] = frozenset()

    def __init__(
        self, model: Any, tokenizer: Any, processor: Any, limits: Limits, accepts: frozenset[str]
    ) -> None:
        """Take a model's text side; ``processor`` is None for text alone, ``accepts`` names the model's inputs."""
        self.tokenizer, self.processor, self.limits = tokenizer, processor, limits
        self.features = PictureFeatures(model) if processor is not None else None
        self._device, self._dtype, self._accepts = model.device, model.dtype, accepts
        self.decoder_only = not model.config.is_encoder_decoder
        self.shares = processor is None and can_share(model)
        hears = hasattr(processor, "feature_extractor") and hasattr(processor, "audio_token_id")
        self._hearing = Hearing.of(processor.feature_extractor) if hears else None
        forced = model.generation_config.forced_bos_token_id
        self.forced: Row = [] if forced is None else [forced]

    def encode(self, prompts: Sequence[Prompt], room: Sequence[int]) -> Batch:
        """Encode prompts, after each of which a decoder must find room for some more tokens.

        The prompts of one batch have media of the same kinds.
        """
        if prompts and prompts[0].media:
            return self._encode_media(prompts, room)
        unknown = [prompt for prompt in prompts if prompt.tokens is None]
        fresh = iter(self.tokens([prompt.text for prompt in unknown], [prompt.special for prompt in unknown]))
        return self.pad([next(fresh) if p.tokens is None else list(p.tokens) for p in prompts], room)

    def pad(self, rows: Sequence[Row], room: Sequence[int]) -> Batch:
        """Make tensors of token rows, cutting or refusing those that are too long."""
        kept: dict[int, Row] = {}
        failures: dict[int, str] = {}
        for index, row in enumerate(rows):
            most = self.most(room[index])
            if most is not None and len(row) > most and self.limits.truncate != "no":
                row = cut(row, most, self.limits.truncate, frozenset(self.tokenizer.all_special_ids))
            if most is not None and len(row) > most:
                failures[index] = self._too_long(len(row), room[index])
            else:
                kept[index] = row or [self.first_token]
        lengths = [len(row) for row in kept.values()]
        shared = shared_length(list(kept.values())) if self.shares else 0
        rests = [row[shared:] for row in kept.values()]
        ids = pad_rows(rests, self.padding, left=self.decoder_only)
        mask = pad_rows([[1] * len(row) for row in rests], 0, left=self.decoder_only)
        if shared:
            start = torch.tensor([next(iter(kept.values()))[:shared]]).expand(len(rests), -1)
            ids, mask = torch.cat([start, ids], 1), torch.cat([torch.ones_like(start), mask], 1)
        return Batch({"input_ids": ids, "attention_mask": mask}, list(kept), lengths, failures, shared)

    def ready(self, batch: Batch) -> Batch:
        """Put a batch's inputs on the model's device, pictures that were seen before as their features."""
        inputs = batch.inputs if self.features is None else self.features.replace(batch.inputs)
        return replace(batch, inputs=self._place(inputs))

    def tokens(self, texts: Sequence[str], special: Sequence[bool]) -> list[Row]:
        """Tokenize texts, each with or without the tokenizer's own special tokens.

        Some tokenizers end every text with EOS; a decoder that is to continue it must not see that.
        """
        rows: list[Row] = [[] for _ in texts]
        for wanted in set(special):
            chosen = [index for index, value in enumerate(special) if value is wanted]
            encoded = self.tokenizer([texts[index] for index in chosen], add_special_tokens=wanted)["input_ids"]
            for index, row in zip(chosen, encoded, strict=True):
                rows[index] = self._open_end(row, texts[index]) if wanted else list(row)
        return rows

    def most(self, room: int) -> int | None:
        """Return the most tokens that a prompt may have; in an encoder-decoder the reply takes no room from it."""
        if self.limits.tokens is None:
            return None
        return self.limits.tokens - room if self.decoder_only else self.limits.tokens

    @property
    def modalities(self) -> frozenset[Modality]:
        """What prompts may hold."""
        taken: set[Modality] = {"text"}
        if getattr(self.processor, "image_processor", None) is not None:
            taken.add("image")
        if self._hearing is not None:
            taken.add("audio")
        return frozenset(taken)

    @property
    def first_token(self) -> int:
        """What the first token of a text without a prompt is conditioned on: BOS, else EOS, else padding."""
        choices = (self.tokenizer.bos_token_id, self.tokenizer.eos_token_id)
        return next((int(token) for token in choices if token is not None), self.padding)

    @property
    def padding(self) -> int:
        """What fills short rows up."""
        return int(self.tokenizer.pad_token_id or 0)  # masked everywhere, so that any token will do

    def _open_end(self, row: Sequence[int], text: str) -> Row:
        end = self.tokenizer.eos_token
        closes = self.decoder_only and end is not None and row and row[-1] == self.tokenizer.eos_token_id
        return list(row[:-1] if closes and not text.endswith(end) else row)

    def _encode_media(self, prompts: Sequence[Prompt], room: Sequence[int]) -> Batch:
        read, failures = self._read(prompts)
        rows = list(read)
        try:
            inputs = self._process(prompts, read, rows)
        except _REFUSALS as error:
            failures |= self._refusals(prompts, read)
            rows = [row for row in rows if row not in failures]
            if len(rows) == len(read):
                reason = first_line(error)
                raise ModelError(f"the processor takes no such batch: {reason} Set batch_size to 1.") from error
            inputs = self._process(prompts, read, rows)
        lengths = inputs["attention_mask"].sum(-1).tolist() if rows else []
        for row, length in zip(rows, lengths, strict=True):
            if (most := self.most(room[row])) is not None and length > most:
                failures[row] = self._too_long(length, room[row])
        kept = [row for row in rows if row not in failures]
        if len(kept) < len(rows):  # rare, so it may cost a second pass
            inputs = self._process(prompts, read, kept)
            lengths = [length for row, length in zip(rows, lengths, strict=True) if row not in failures]
        return Batch(inputs, kept, lengths, failures)

    def _read(self, prompts: Sequence[Prompt]) -> tuple[dict[int, _Read], dict[int, str]]:
        """Decode the pictures and sounds of each prompt."""
        pictures, failures = read_media(prompts, Image, Image.open)
        sounds: Media = {row: [] for row in range(len(prompts))}
        if self._hearing is not None:
            sounds, silent = self._hearing.read(prompts)
            failures |= silent
        read = {row: (pictures[row], sounds[row]) for row in range(len(prompts)) if row not in failures}
        return read, failures

    def _process(self, prompts: Sequence[Prompt], read: dict[int, _Read], rows: Sequence[int]) -> dict[str, Any]:
        if not rows:
            return {}
        media: dict[str, Any] = {}
        if read[rows[0]][0]:
            media["images"] = [read[row][0] for row in rows]
        if self._hearing is not None and read[rows[0]][1]:
            media |= {
                "audio": [wave for row in rows for wave in read[row][1]],
                "sampling_rate": self._hearing.rate,
            }
        encoded = self.processor(
            text=[prompts[row].text for row in rows],
            add_special_tokens=prompts[rows[0]].special,
            padding=True,
            padding_side="left" if self.decoder_only else "right",
            return_tensors="pt",
            **media,
        )
        return {name: value for name, value in encoded.items() if name in self._accepts and name != "labels"}

    def _refusals(self, prompts: Sequence[Prompt], read: dict[int, _Read]) -> dict[int, str]:
        """Find which prompts the processor refuses, by giving it one at a time."""
        reasons = {}
        for row in read:
            try:
                self._process(prompts, read, [row])
            except _REFUSALS as error:
                reasons[row] = f"the processor refuses the prompt: {first_line(error)}"
        return reasons

    def _place(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Move tensors to the model's device, and pixels to its precision."""
        placed = {}
        for name, value in inputs.items():
            if isinstance(value, torch.Tensor):
                value = value.to(self._device, self._dtype if value.is_floating_point() else None)
            placed[name] = value
        return placed

    def _too_long(self, length: int, room: int) -> str:
        reply = f" and {room} for the reply" if room and self.decoder_only else ""
        return (
            f"the prompt has {length} tokens{reply}; the model takes {self.limits.tokens}. "
            "Shorten it, or set max_length or truncate."
        )


def pad_rows(rows: Iterable[Sequence[int]], value: int, *, left: bool) -> torch.Tensor:
    """Stack rows of unequal length, shape (rows, longest).

    >>> pad_rows([[1, 2, 3], [4]], 0, left=True).tolist()
    [[1, 2, 3], [0, 0, 4]]
    """
    rows = list(rows)
    longest = max(map(len, rows), default=0)
    padded = torch.full((len(rows), longest), value, dtype=torch.long)
    for target, row in zip(padded, rows, strict=True):
        where = slice(longest - len(row), longest) if left else slice(len(row))
        target[where] = torch.tensor(row, dtype=torch.long)
    return padded


def cut(row: Row, most: int, side: str, special: frozenset[int]) -> Row:
    """Shorten a row to ``most`` tokens, keeping a special token at either end.

    >>> [cut([0, 1, 2, 3, 4, 5, 9], 5, side, frozenset({0, 9})) for side in ("left", "middle", "right")]
    [[0, 3, 4, 5, 9], [0, 1, 4, 5, 9], [0, 1, 2, 3, 9]]
    """
    head = row[:1] if row[0] in special else []
    tail = row[-1:] if row[-1] in special else []
    body = row[len(head) : len(row) - len(tail)]
    room = most - len(head) - len(tail)
    if room < 1:
        return row
    front = {"left": 0, "middle": room // 2, "right": room}[side]
    return head + body[:front] + body[len(body) - (room - front) :] + tail
