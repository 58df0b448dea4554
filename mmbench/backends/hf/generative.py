"""Models that write: causal language models, encoder-decoders and models that also read pictures.

All of them answer by decoding, free or forced, so one adapter serves them; what differs is in their config, their
processor and the steps that Transformers prepares.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from jinja2 import TemplateError

from mmbench.backends.hf.checkpoint import first_line
from mmbench.backends.hf.encoding import Batch, Encoder
from mmbench.backends.hf.generation import generate
from mmbench.backends.hf.likelihood import Scores, score
from mmbench.backends.hf.prefix import with_cache
from mmbench.backends.hf.prompts import Prompt
from mmbench.backends.hf.replies import Reply, split
from mmbench.backends.hf.responses import lead, refusal, response
from mmbench.metrics.windows import rolling_windows
from mmbench.model import EVERY_KIND, Capabilities
from mmbench.schema import (
    Choice,
    Generate,
    LogLikelihood,
    Message,
    Perplexity,
    Request,
    Response,
    Text,
    modalities_of,
)

PICTURE_TOKENS = 256
"""How long a picture is taken to be when requests are sorted by length; no answer depends on it."""
WINDOW = 2048
"""Context of perplexity for models that name no limit of their own."""
_TEMPLATE_ERRORS = (TemplateError, ValueError, TypeError, KeyError)


@dataclass(frozen=True, slots=True)
class _Scored:
    """The log-probabilities of each reply's tokens, and the length of the prompt."""

    replies: list[Scores]
    input_tokens: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Requests of one kind as the model takes them in.

    Attributes:
        requests: what was asked.
        answers: of those that cannot be asked, errors.
        batches: encoded prompts.
        replies: what is to be scored after each prompt.
        prompts: not encoded yet, for a model that takes each reply in a row of its own.
        texts: the tokens of whole texts.
    """

    requests: Sequence[Request]
    answers: dict[int, Response]
    batches: Sequence[Batch] = ()
    replies: Mapping[int, list[Reply]] = field(default_factory=dict)
    prompts: Mapping[int, Prompt] = field(default_factory=dict)
    texts: Sequence[list[int]] = ()


class Renderer(Protocol):
    """Makes prompts of conversations."""

    def render(self, messages: Sequence[Message]) -> Prompt:
        """Return the prompt that ends where the model's reply begins."""
        ...


class Generative:
    """Answers every kind of request with one model and its tokenizer or processor."""

    def __init__(
        self, model: Any, prompter: Renderer, encoder: Encoder, batch_size: int, *, thinking: int = 0
    ) -> None:
        """``batch_size``: windows of a text at a time; requests come in batches already.

        ``thinking``: tokens that a thought may take before an answer.
        """
        self._model, self._prompter, self._encoder, self._batch_size = model, prompter, encoder, batch_size
        self._thinking = thinking
        kinds = EVERY_KIND if encoder.decoder_only else EVERY_KIND - {Perplexity}
        self.capabilities = Capabilities(encoder.modalities, kinds, required=encoder.required)
        self._shared = bool(not model._is_stateful and model._supports_default_dynamic_cache())
        self._by_kind: dict[type[Request], Callable[[Prepared], list[Response]]] = {
            Generate: self._generate,
            LogLikelihood: self._loglikelihood,
            Choice: self._choice,
            Perplexity: self._perplexity,
        }

    def answer(self, requests: Sequence[Request]) -> list[Response]:
        """Answer requests of one kind, in order."""
        return self.finish(self.prepare(requests))

    def prepare(self, requests: Sequence[Request]) -> Prepared:
        """Do all that needs no model for requests of one kind: render, tokenize, decode and process media."""
        if isinstance(requests[0], Perplexity):
            texts = [request.text for request in requests if isinstance(request, Perplexity)]
            return Prepared(requests, {}, texts=self._encoder.tokens(texts, [False] * len(texts)))
        asked = [request for request in requests if not isinstance(request, Perplexity)]
        answers, prompts = self._render([request.messages for request in asked])
        if isinstance(asked[0], Generate):
            return Prepared(requests, answers, list(self._encode(prompts, dict.fromkeys(prompts, 1), answers)))
        replies: dict[int, list[Reply]] = {}
        parted = split(self._encoder, [(prompt, _replies(asked[index])) for index, prompt in prompts.items()])
        for index, (prompt, own) in zip(list(prompts), parted, strict=True):
            prompts[index], replies[index] = prompt, own
        if not self._shared:
            return Prepared(requests, answers, replies=replies, prompts=prompts)
        return Prepared(requests, answers, list(self._encode_scored(prompts, replies, answers)), replies=replies)

    def finish(self, prepared: Prepared) -> list[Response]:
        """Answer what was prepared, in order of its requests."""
        return self._by_kind[type(prepared.requests[0])](prepared)

    def size(self, request: Request) -> int:
        """Estimate tokens: four characters each, a fixed number a picture, and the reply."""
        if isinstance(request, Perplexity):
            return len(request.text) // 4
        parts = [part for turn in request.messages for part in turn.content]
        prompt = sum(len(part.text) // 4 if isinstance(part, Text) else PICTURE_TOKENS for part in parts)
        if isinstance(request, Generate):
            return prompt + self._thinking + request.max_tokens
        replies = request.options if isinstance(request, Choice) else (request.continuation,)
        return prompt + max((len(reply) for reply in replies), default=0) // 4

    def _generate(self, prepared: Prepared) -> list[Response]:
        answers = dict(prepared.answers)
        for batch in map(self._encoder.ready, prepared.batches):
            asked = [request for index in batch.rows if isinstance(request := prepared.requests[index], Generate)]
            rooms = [self._room(length) for length in batch.lengths]
            inputs = with_cache(self._model, batch.inputs, batch.shared)
            replies = generate(self._model, self._encoder.tokenizer, inputs, asked, rooms, thinking=self._thinking)
            for index, reply, length in zip(batch.rows, replies, batch.lengths, strict=True):
                answers[index] = response(
                    reply.logprobs,
                    text=reply.text,
                    tokens=(len(reply.logprobs),),
                    input_tokens=length,
                    finish_reason=reply.finish_reason,
                    margin=reply.margin,
                )
        return [answers[index] for index in range(len(prepared.requests))]

    def _loglikelihood(self, prepared: Prepared) -> list[Response]:
        answers, scored = self._score(prepared)
        for index, row in scored.items():
            (logprobs,) = row.replies
            (text,) = _replies(prepared.requests[index])
            answers[index] = response(logprobs, text=text, tokens=(len(logprobs),), input_tokens=row.input_tokens)
        return [answers[index] for index in range(len(prepared.requests))]

    def _choice(self, prepared: Prepared) -> list[Response]:
        answers, scored = self._score(prepared)
        for index, row in scored.items():
            sums = tuple(map(math.fsum, row.replies))
            best = max(range(len(sums)), key=sums.__getitem__)
            text, tokens = _replies(prepared.requests[index])[best], tuple(map(len, row.replies))
            facts = {"tokens": tokens, "input_tokens": row.input_tokens, "margin": lead(sums)}
            answers[index] = response(sums, text=text, **facts)
            if not all(tokens):
                answers[index] = Response(
                    finish_reason="error", error="an option without tokens cannot be scored."
                )
        return [answers[index] for index in range(len(prepared.requests))]

    def _perplexity(self, prepared: Prepared) -> list[Response]:
        encoder = self._encoder
        most = encoder.limits.tokens or WINDOW
        pieces: list[tuple[int, list[int], Reply]] = []
        for index, tokens in enumerate(prepared.texts):
            line = [encoder.first_token, *tokens]
            for window in rolling_windows(len(tokens), most):
                begin = window.stop - window.scored + 1
                pieces.append((index, line[window.start : begin], Reply(tuple(line[begin : window.stop + 1]))))
        logprobs: list[list[float]] = [[] for _ in prepared.texts]
        for start in range(0, len(pieces), self._batch_size):
            chunk = pieces[start : start + self._batch_size]
            batch = encoder.ready(encoder.pad([context for _, context, _ in chunk], [0] * len(chunk)))
            inputs = with_cache(self._model, batch.inputs, batch.shared)
            rows = score(self._model, inputs, [[reply] for _, _, reply in chunk], shared=self._shared)
            for (index, _, _), (scores,) in zip(chunk, rows, strict=True):
                logprobs[index] += scores
        return [response(tuple(row), tokens=(len(row),), input_tokens=len(row)) for row in logprobs]

    def _score(self, prepared: Prepared) -> tuple[dict[int, Response], dict[int, _Scored]]:
        """Score replies; what cannot be scored has its answer, an error, already."""
        answers, replies = dict(prepared.answers), prepared.replies
        if self._shared:
            return answers, self._score_batches(prepared.batches, replies)
        scored: dict[int, _Scored] = {}
        for index, prompt in prepared.prompts.items():  # one row an option
            options = {number: [reply] for number, reply in enumerate(replies[index])}
            refused: dict[int, Response] = {}
            batches = list(self._encode_scored(dict.fromkeys(options, prompt), options, refused))
            if refused:
                answers[index] = next(iter(refused.values()))
                continue
            rows = self._score_batches(batches, options)
            scored[index] = _Scored([rows[i].replies[0] for i in options], rows[0].input_tokens)
        return answers, scored

    def _encode_scored(
        self, prompts: Mapping[int, Prompt], replies: Mapping[int, list[Reply]], answers: dict[int, Response]
    ) -> Iterator[Batch]:
        """Encode prompts that leave room for their replies."""
        room = {index: max((len(reply.ids) for reply in replies[index]), default=1) - 1 for index in prompts}
        limit = self._encoder.limits.tokens
        fits = {}
        for index, prompt in prompts.items():
            if limit is not None and room[index] + self._encoder.start > limit:
                answers[index] = refusal(f"a reply has {room[index] + 1} tokens; the model takes {limit}.")
            else:
                fits[index] = prompt
        yield from self._encode(fits, room, answers)

    def _score_batches(self, batches: Sequence[Batch], replies: Mapping[int, list[Reply]]) -> dict[int, _Scored]:
        scored: dict[int, _Scored] = {}
        for batch in map(self._encoder.ready, batches):
            inputs = with_cache(self._model, batch.inputs, batch.shared)
            rows = score(self._model, inputs, [replies[index] for index in batch.rows], shared=self._shared)
            for index, row, length in zip(batch.rows, rows, batch.lengths, strict=True):
                given = min((reply.given for reply in replies[index]), default=0)  # of a prompt that was shortened
                scored[index] = _Scored(row, length + given if self._encoder.decoder_only else length)
        return scored

    def _render(self, conversations: Sequence[Sequence[Message]]) -> tuple[dict[int, Response], dict[int, Prompt]]:
        """Render conversations; one that the model or its template does not take gets its answer, an error."""
        answers: dict[int, Response] = {}
        prompts: dict[int, Prompt] = {}
        for index, messages in enumerate(conversations):
            if lacking := modalities_of(tuple(messages)) - self.capabilities.modalities:
                answers[index] = refusal(f"the model takes no {' or '.join(sorted(lacking))} input.")
                continue
            try:
                prompts[index] = self._prompter.render(messages)
            except _TEMPLATE_ERRORS as error:
                answers[index] = refusal(f"the chat template refuses the conversation: {first_line(error)}")
        return answers, prompts

    def _encode(
        self, prompts: Mapping[int, Prompt], room: Mapping[int, int], answers: dict[int, Response]
    ) -> Iterator[Batch]:
        """Yield batches that a processor takes: their prompts have media of the same kinds."""
        groups: dict[frozenset[type], list[int]] = {}
        for index, prompt in prompts.items():
            groups.setdefault(frozenset(map(type, prompt.media)), []).append(index)
        for chosen in groups.values():
            batch = self._encoder.encode([prompts[i] for i in chosen], [room[i] for i in chosen])
            answers |= {chosen[row]: refusal(reason) for row, reason in batch.failures.items()}
            if batch.rows:
                yield replace(batch, rows=[chosen[row] for row in batch.rows])

    def _room(self, length: int) -> int | None:
        """How many tokens fit after a prompt; the decoder of an encoder-decoder begins with tokens of its own."""
        limit = self._encoder.limits.tokens
        return None if limit is None else limit - (length if self._encoder.decoder_only else self._encoder.start)


def _replies(request: Request) -> tuple[str, ...]:
    if isinstance(request, Choice):
        return request.options
    return (request.continuation,) if isinstance(request, LogLikelihood) else ()
