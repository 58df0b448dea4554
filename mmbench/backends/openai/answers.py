"""Reading answers strictly: what is not of the agreed form is no answer."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from mmbench.backends.openai.trouble import Trouble, unusable
from mmbench.schema import FinishReason, Generate, Response

T = TypeVar("T")

_FINISHED: dict[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
}
_WHY_NOT = {
    "content_filter": "the server's content filter withheld the answer.",
    "tool_calls": "the model called a tool instead of answering.",
    "function_call": "the model called a tool instead of answering.",
}


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int | None = None


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _TokenLogprob(msgspec.Struct):
    logprob: float


class _ChatLogprobs(msgspec.Struct):
    content: list[_TokenLogprob] | None = None


class _ChatChoice(msgspec.Struct):
    message: _Message
    finish_reason: str
    index: int = 0
    logprobs: _ChatLogprobs | None = None


class _Chat(msgspec.Struct):
    choices: list[_ChatChoice]
    usage: _Usage | None = None
    prompt_logprobs: list[dict[str, "_TokenLogprob"] | None] | None = None
    first_token: float | None = None


class _PlainLogprobs(msgspec.Struct):
    tokens: list[str]
    token_logprobs: list[float | None]


class _PlainChoice(msgspec.Struct):
    text: str
    finish_reason: str
    index: int = 0
    logprobs: _PlainLogprobs | None = None


class _Plain(msgspec.Struct):
    choices: list[_PlainChoice]
    usage: _Usage | None = None
    first_token: float | None = None


Token = tuple[str, float | None]
"""What a token is called, and its log-probability; None where the server has none (the first of a text)."""


def read_chat(raw: Any, request: Generate, *, logprobs: bool) -> Response:
    """Read the answer of a chat endpoint.

    Raises:
        Trouble: it is none.
    """
    body = _convert(raw, _Chat)
    choice = _only(body.choices)
    finish = _finish(choice.finish_reason)
    text = choice.message.content
    if text is None:
        text = choice.message.refusal
    if text is None:
        if finish != "length":
            raise unusable("it has no text.")
        text = ""  # all tokens went into reasoning
    told = choice.logprobs.content if choice.logprobs else None
    scores = tuple(token.logprob for token in told) if told is not None else None
    return _response(text, finish, body, scores if logprobs else (), request)


def read_plain(raw: Any, request: Generate, *, logprobs: bool) -> Response:
    """Read the answer of a completions endpoint.

    Raises:
        Trouble: it is none.
    """
    body = _convert(raw, _Plain)
    choice = _only(body.choices)
    finish = _finish(choice.finish_reason)
    scores: tuple[float, ...] | None = None
    if choice.logprobs is not None:
        scores = tuple(value for value in choice.logprobs.token_logprobs if value is not None)
    return _response(choice.text, finish, body, scores if logprobs else (), request)


def read_prompt_logprobs(raw: Any) -> list[Token]:
    """Read the tokens of a conversation from vLLM's ``prompt_logprobs``; the token itself comes first in each.

    Raises:
        Trouble: they are not there, or not as many as the prompt has tokens.
    """
    body = _convert(raw, _Chat)
    if not body.prompt_logprobs or body.usage is None or len(body.prompt_logprobs) != body.usage.prompt_tokens:
        raise unusable("it has no log-probabilities of the prompt.")
    tokens: list[Token] = []
    for number, entry in enumerate(body.prompt_logprobs):
        if not entry and number:
            raise unusable("a token of the prompt has no log-probability.")
        name, value = next(iter(entry.items())) if entry else ("", None)
        tokens.append((name, value.logprob if value else None))
    return tokens


def read_echo(raw: Any, text: str) -> list[Token]:
    """Read the tokens of a text that a completions endpoint has echoed, without what it wrote after it.

    Raises:
        Trouble: it has not echoed the text, or does not tell its tokens.
    """
    body = _convert(raw, _Plain)
    choice = _only(body.choices)
    told, usage = choice.logprobs, body.usage
    if not choice.text.startswith(text) or told is None or usage is None or len(told.tokens) < usage.prompt_tokens:
        raise unusable("it does not echo the text with log-probabilities.")
    if len(told.tokens) != len(told.token_logprobs) or None in told.token_logprobs[1:]:
        raise unusable("a token of the text has no log-probability.")
    return list(zip(told.tokens, told.token_logprobs, strict=True))[: usage.prompt_tokens]


def _response(
    text: str, finish: FinishReason, body: _Chat | _Plain, logprobs: tuple[float, ...] | None, request: Generate
) -> Response:
    usage = body.usage
    if logprobs is None:
        raise Trouble("the server tells no log-probabilities; leave out logprobs.", overload=False, billed=True)
    found = [at for stop in request.stop if stop and (at := text.find(stop)) >= 0]
    if found:
        text, finish = text[: min(found)], "stop"
    written = usage.completion_tokens if usage else None
    return Response(
        text=text,
        logprobs=logprobs,
        tokens=() if written is None else (written,),
        input_tokens=usage.prompt_tokens if usage else 0,
        finish_reason=finish,
        first_token=body.first_token,
    )


def _convert(raw: Any, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise unusable(f"{error}.") from None


def _only(choices: Sequence[T]) -> T:
    """Return the one choice that was asked for."""
    if len(choices) != 1:
        raise unusable(f"it has {len(choices)} choices instead of one.")
    return choices[0]


def _finish(reason: str) -> FinishReason:
    if reason in _WHY_NOT:
        raise Trouble(_WHY_NOT[reason], overload=False, billed=True)
    if reason not in _FINISHED:
        raise unusable(f"it ended for an unknown reason ({reason[:40]!r}).")
    return _FINISHED[reason]
