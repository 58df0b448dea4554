"""Likelihoods from a server that tells the log-probabilities of a prompt's tokens.

A reply is scored by sending the conversation with it and without it: the tokens in which the two differ, and all
after them, are the reply's, as in ``hf:``.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mmbench.backends.hf.prompts import Prompter
from mmbench.backends.openai.answers import Token, read_echo, read_prompt_logprobs
from mmbench.backends.openai.budget import Usage
from mmbench.backends.openai.client import Ask
from mmbench.backends.openai.messages import chat_messages
from mmbench.backends.openai.trouble import Trouble, unusable
from mmbench.schema import Choice, LogLikelihood, Message, Modality, Response, assistant, media_of

PLAIN = Prompter(None)
"""Writes conversations as plain text."""
Send = Callable[[Ask[list[Token]]], Awaitable[tuple[list[Token], float]]]
_NO_FIRST = "the server tells no probability of a text's first token; set bos (such as <s>) to put one before."


@dataclass(frozen=True, slots=True)
class Scored:
    """Log-probabilities of a reply's tokens, the length of what came before, and the seconds it took."""

    logprobs: tuple[float, ...]
    input_tokens: int
    latency: float


class Scoring(Protocol):
    """A way to get the tokens of a conversation, alone or with a reply."""

    @property
    def name(self) -> str:
        """Part of the model's fingerprint."""
        ...

    @property
    def modalities(self) -> frozenset[Modality]:
        """What a conversation may hold."""
        ...

    def ask(self, messages: Sequence[Message], reply: str | None) -> Ask[list[Token]]:
        """Return the request for the tokens of the conversation, with the reply if there is one."""
        ...


class ChatScoring:
    """Conversations as the server's chat template renders them, media included (vLLM's ``prompt_logprobs``)."""

    name = "chat"
    modalities: frozenset[Modality] = frozenset({"text", "image", "audio"})

    def __init__(self, model: str, detail: str, extra: Mapping[str, Any]) -> None:
        self._model, self._detail, self._extra = model, detail, extra

    def ask(self, messages: Sequence[Message], reply: str | None) -> Ask[list[Token]]:
        """Let the server render the reply as the beginning of the assistant's turn."""
        turns = messages if reply is None else [*messages, assistant(reply)]
        fields = {"model": self._model, "max_tokens": 1, "temperature": 0.0, "prompt_logprobs": 0}
        fields |= {"add_generation_prompt": reply is None, "continue_final_message": reply is not None}
        return Ask(
            "/chat/completions",
            lambda: merged(fields | {"messages": chat_messages(turns, self._detail)}, self._extra),
            read_prompt_logprobs,
            guess(turns, 1),
            heavy=bool(media_of(tuple(turns))),
        )


class PlainScoring:
    """Plain text, without a chat template, echoed by the completions endpoint.

    A conversation is written as ``hf:`` writes it for a checkpoint without a template.
    """

    name = "completions"
    modalities: frozenset[Modality] = frozenset({"text"})

    def __init__(self, model: str, bos: str, extra: Mapping[str, Any], *, begins: bool) -> None:
        """``begins``: the server puts a token of its own before a text."""
        self._model, self._bos, self._extra = model, "" if begins else bos, extra
        self.begins = begins or bool(bos)

    def ask(self, messages: Sequence[Message], reply: str | None) -> Ask[list[Token]]:
        """Put the reply behind the conversation's text."""
        prompt = PLAIN.render(messages)
        return self._ask(prompt.text + ("" if reply is None else prompt.reply(reply)))

    def ask_text(self, text: str) -> Ask[list[Token]]:
        """Return the request for the tokens of a text that follows nothing but the token that begins it."""
        return self._ask(self._bos + text)

    def _ask(self, text: str) -> Ask[list[Token]]:
        body = {"model": self._model, "prompt": text, "max_tokens": 1, "temperature": 0.0}
        body = merged(body | {"echo": True, "logprobs": 1}, self._extra)
        return Ask("/completions", lambda: body, lambda raw: read_echo(raw, text), Usage(len(text) // 3 + 1, 1))


async def score(send: Send, scoring: Scoring, messages: Sequence[Message], replies: Sequence[str]) -> list[Scored]:
    """Score each reply to a conversation. One after another: servers keep the prefix they share.

    Raises:
        Trouble: one of them cannot be scored.
    """
    if not messages:
        return [await _from_nothing(send, scoring, reply) for reply in replies]
    base, seconds = await send(scoring.ask(messages, None))
    scored = []
    for reply in replies:
        whole, latency = await send(scoring.ask(messages, reply))
        own = _common_prefix(base, whole)
        scored.append(Scored(_values(whole[own:]), own, latency + seconds))
        seconds = 0.0
    return scored


async def score_text(send: Send, scoring: PlainScoring, text: str) -> Scored:
    """Score every token of a text.

    Raises:
        Trouble: the text is longer than the server takes, or its first token cannot be scored.
    """
    return await _from_nothing(send, scoring, text)


async def answer_reply(send: Send, scoring: Scoring, request: LogLikelihood) -> Response:
    """Answer a request for the likelihood of one reply."""
    (row,) = await score(send, scoring, request.messages, [request.continuation])
    return Response(
        text=request.continuation,
        logprobs=row.logprobs,
        tokens=(len(row.logprobs),),
        input_tokens=row.input_tokens,
        latency=row.latency,
    )


async def answer_choice(send: Send, scoring: Scoring, request: Choice) -> Response:
    """Answer a request for the likelihood of each option."""
    rows = await score(send, scoring, request.messages, request.options)
    sums = tuple(math.fsum(row.logprobs) for row in rows)
    if not all(row.logprobs for row in rows):
        raise Trouble("an option without tokens cannot be scored.")
    best = max(range(len(sums)), key=sums.__getitem__)
    return Response(
        text=request.options[best],
        logprobs=sums,
        tokens=tuple(len(row.logprobs) for row in rows),
        input_tokens=rows[0].input_tokens,
        latency=math.fsum(row.latency for row in rows),
    )


async def _from_nothing(send: Send, scoring: Scoring, text: str) -> Scored:
    """Score a text that follows nothing: only after a token that begins it."""
    if not isinstance(scoring, PlainScoring) or not scoring.begins:
        raise Trouble(_NO_FIRST)
    tokens, latency = await send(scoring.ask_text(text))
    return Scored(_values(tokens[1:]), 1, latency)


def merged(body: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Put the user's own fields into a body; what they set to null is left out."""
    return {name: value for name, value in (body | dict(extra)).items() if value is not None or name not in extra}


def guess(messages: Sequence[Message], output_tokens: int) -> Usage:
    """Guess the tokens that a conversation takes, on the high side: three characters each, 1,000 a medium."""
    turns = tuple(messages)
    tokens = sum(len(turn.text) // 3 + 8 for turn in turns) + 1000 * len(media_of(turns))
    return Usage(tokens, output_tokens)


def _common_prefix(first: Sequence[Token], second: Sequence[Token]) -> int:
    pairs = zip(first, second, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a[0] != b[0]), min(len(first), len(second)))


def _values(tokens: Sequence[Token]) -> tuple[float, ...]:
    values = tuple(value for _, value in tokens if value is not None)
    if len(values) != len(tokens):
        raise unusable(_NO_FIRST)
    return values
