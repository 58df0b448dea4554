"""Generation: one batch, every row with its own limits, stop strings, temperature and seed.

Transformers prepares inputs, caches and logits processors (``model.generate``); the loop over tokens is ours, so
that answers do not depend on who shares the batch, log-probabilities cost no memory, and a row that has ended
leaves the batch.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from mmbench.backends.hf.prefix import first_inputs
from mmbench.backends.hf.state import select_rows
from mmbench.backends.hf.thinking import Decode, Thought, end_of_prompt
from mmbench.metrics.reasoning import OPEN
from mmbench.schema import FinishReason, Generate, Text


@dataclass(frozen=True, slots=True)
class Generated:
    """One row's reply.

    Attributes:
        text: without special tokens, cut before the first stop string of the answer; the thought comes first.
        logprobs: of each generated token under the model's own distribution (temperature 1, nothing suppressed),
            the end-of-sequence token left out.
        margin: by how much the best token beat the second at the closest step; None if tokens were drawn.
    """

    text: str
    logprobs: tuple[float, ...]
    finish_reason: FinishReason
    margin: float | None = None


@dataclass(slots=True)
class _Row:
    """A row on its way; ``most`` counts all tokens, ``request.max_tokens`` those of the answer."""

    request: Generate
    most: int
    thought: Thought
    generator: torch.Generator | None
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    margin: float = math.inf
    finish_reason: FinishReason = "length"


def generate(
    model: Any,
    tokenizer: Any,
    inputs: dict[str, Any],
    requests: Sequence[Generate],
    rooms: Sequence[int | None],
    *,
    thinking: int = 0,
) -> list[Generated]:
    """Continue each row of ``inputs``.

    ``rooms`` are the tokens for which the model's context has room, ``thinking`` those that a thought may take.
    """
    decode = _decoder(tokenizer)
    prompts = inputs["input_ids"].tolist() if thinking and "input_ids" in inputs else [[]] * len(requests)
    rows = [
        _Row(
            request,
            _at_most(request.max_tokens + thinking, room),
            Thought(thinking, end_of_prompt(prompt, decode)),
            _generator(request),
        )
        for request, room, prompt in zip(requests, rooms, prompts, strict=True)
    ]
    ends = model.generation_config.eos_token_id
    loop = _Loop(rows, decode, frozenset([ends] if isinstance(ends, int) else ends or ()))
    longest = max(row.most for row in rows)
    model.generate(**inputs, max_new_tokens=longest, custom_generate=loop)
    return [_finish(row, decode) for row in rows]


def _at_most(wanted: int, room: int | None) -> int:
    return wanted if room is None else min(wanted, room)


def _decoder(tokenizer: Any) -> Decode:
    return lambda ids: str(tokenizer.decode(ids, skip_special_tokens=True))


class _Loop:
    """The loop over tokens, called by ``model.generate`` in place of its own."""

    def __init__(self, rows: Sequence[_Row], decode: Decode, ends: frozenset[int]) -> None:
        self._rows, self._decode, self._ends = list(rows), decode, ends

    def __call__(
        self,
        model: Any,
        input_ids: torch.Tensor,
        logits_processor: Any,
        stopping_criteria: Any = None,  # noqa: ARG002
        generation_config: Any = None,  # noqa: ARG002
        **state: Any,
    ) -> torch.Tensor:
        """Decode until every row has ended; how it ends is ours to say, not Transformers'."""
        alive = self._rows
        inputs = first_inputs(model, input_ids, state)
        while True:
            outputs = model(**inputs, return_dict=True)
            state = model._update_model_kwargs_for_generation(
                outputs, state, is_encoder_decoder=model.config.is_encoder_decoder
            )
            chosen = self._choose(
                alive, outputs.logits[:, -1].to(input_ids.device, torch.float32), input_ids, logits_processor
            )
            del outputs
            input_ids = torch.cat([input_ids, chosen[:, None]], dim=-1)
            going = [index for index, row in enumerate(alive) if not self._ended(row)]
            if not going:
                return input_ids
            if len(going) < len(alive):
                kept = torch.tensor(going, device=input_ids.device)
                alive, input_ids, state = [alive[i] for i in going], input_ids[kept], select_rows(state, kept)
            new = 1 if state.get("use_cache") else None
            inputs = model.prepare_inputs_for_generation(input_ids, next_sequence_length=new, **state)

    def _choose(
        self, alive: Sequence[_Row], logits: torch.Tensor, ids: torch.Tensor, processor: Any
    ) -> torch.Tensor:
        """Take each row's next token from its logits, shape (rows, vocabulary), and note its log-probability."""
        scores = processor(ids, logits.clone()) if len(processor) else logits
        best, chosen = scores.max(-1)
        for index, row in enumerate(alive):
            if row.generator is not None:
                chosen[index] = sample(scores[index], row.request.temperature, row.request.top_p, row.generator)
        logprobs = logits.gather(-1, chosen[:, None]).squeeze(-1) - logits.logsumexp(-1)
        margins = best - scores.scatter_(-1, chosen[:, None], -math.inf).amax(-1)  # nobody reads scores again
        told = zip(chosen.tolist(), logprobs.tolist(), margins.tolist(), strict=True)
        for row, (token, logprob, margin) in zip(alive, told, strict=True):
            row.tokens.append(token)
            row.logprobs.append(logprob)
            row.margin = min(row.margin, margin)
        return chosen

    def _ended(self, row: _Row) -> bool:
        if row.tokens[-1] in self._ends:
            row.tokens.pop()
            row.logprobs.pop()
            row.finish_reason = "stop"
            return True
        if not row.thought.over(row.tokens, self._decode):
            return len(row.tokens) >= min(row.thought.budget, row.most)
        begin = row.thought.answer or 0
        if row.request.stop and _find_stop(self._tail(row, begin), row.request.stop) is not None:
            row.finish_reason = "stop"
            return True
        return len(row.tokens) >= min(begin + row.request.max_tokens, row.most)

    def _tail(self, row: _Row, begin: int) -> str:
        """Decode enough of the end to hold any stop string: a token is a byte or more, a character up to four."""
        window = 4 * max(map(len, row.request.stop)) + 4
        tail = self._decode(row.tokens[max(begin, len(row.tokens) - window) :])
        return tail.lstrip() if begin else tail  # an answer begins on a new line after many a thought


def sample(scores: torch.Tensor, temperature: float, top_p: float, generator: torch.Generator) -> torch.Tensor:
    """Draw one token by inverting the distribution function at a uniform number from ``generator``.

    ``scores``: logits of shape (vocabulary,). The nucleus is the fewest most likely tokens that reach ``top_p``.
    """
    probabilities, order = torch.softmax(scores.double() / temperature, -1).sort(descending=True, stable=True)
    cumulative = probabilities.cumsum(-1)
    size = int((cumulative < top_p).sum()) + 1
    size = min(size, len(cumulative))
    mark = torch.rand((), generator=generator, dtype=torch.float64).item() * cumulative[size - 1].item()
    return order[min(int((cumulative[:size] <= mark).sum()), size - 1)]


def _generator(request: Generate) -> torch.Generator | None:
    """Seed a row by the request's seed and conversation, so that its draws are its own whatever the batch."""
    if request.temperature <= 0:
        return None
    content = [
        (turn.role, part.text if isinstance(part, Text) else part.digest)
        for turn in request.messages
        for part in turn.content
    ]
    digest = hashlib.sha256(repr((request.seed, content)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def _find_stop(text: str, stops: Sequence[str]) -> int | None:
    """Return where the first stop string begins."""
    found = [at for stop in stops if stop and (at := text.find(stop)) >= 0]
    return min(found, default=None)


def _finish(row: _Row, decode: Decode) -> Generated:
    text = decode(row.tokens)
    begin = row.thought.answer_in(text)
    if begin is not None and (at := _find_stop(text[begin:], row.request.stop)) is not None:
        text = text[: begin + at]
    if row.thought.by_prompt:
        text = OPEN + text
    margin = row.margin if row.generator is None else None
    return Generated(text, tuple(row.logprobs), row.finish_reason, margin)
