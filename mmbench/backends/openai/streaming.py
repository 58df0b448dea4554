"""Answers that come bit by bit, put together to what the server would have sent at once."""

import time
from collections.abc import AsyncIterable, Mapping
from typing import Any

from mmbench.backends.openai.trouble import refused, unusable

FIELDS = {"stream": True, "stream_options": {"include_usage": True}}
"""What asks a server to stream, and to count tokens at the end."""
_WORDS = ("content", "reasoning_content", "reasoning", "refusal")
"""Fields of a piece whose first text is the first token."""


async def gather(pieces: AsyncIterable[Any], started: float) -> dict[str, Any]:
    """Put a streamed answer together; ``first_token`` holds the seconds since ``started`` until its first text.

    Raises:
        Trouble: what came is no stream, or an error stands in it. That it was cut short shows where it is read:
            it has no reason to finish.
    """
    choices: dict[int, dict[str, Any]] = {}
    whole: dict[str, Any] = {"first_token": None}
    async for piece in pieces:
        if not isinstance(piece, Mapping):
            raise unusable("a piece of it is no JSON object.")
        if piece.get("error"):
            raise refused(500, piece, {})
        if isinstance(piece.get("usage"), Mapping):
            whole["usage"] = piece["usage"]
        for part in piece.get("choices") or ():
            told = _add(choices.setdefault(_index(part), {"finish_reason": None}), part)
            if told and whole["first_token"] is None:
                whole["first_token"] = time.perf_counter() - started
    if not choices:
        raise unusable("it came at once, though a stream was asked for; leave out stream.")
    return whole | {"choices": list(choices.values())}


def _index(part: Any) -> int:
    index = part.get("index", 0) if isinstance(part, Mapping) else None
    if not isinstance(index, int):
        raise unusable("a piece of it belongs to no choice.")
    return index


def _add(choice: dict[str, Any], part: Mapping[str, Any]) -> bool:
    """Add a piece to its choice; return whether it holds text."""
    delta = part.get("delta")
    if isinstance(delta, Mapping):
        message = choice.setdefault("message", {"content": None, "refusal": None})
        for name in ("content", "refusal"):
            if delta.get(name) is not None:
                message[name] = _text(message[name] or "") + _text(delta[name])
        told = any(delta.get(name) for name in _WORDS)
    else:
        choice["text"] = choice.get("text", "") + _text(part.get("text"))
        told = bool(part.get("text"))
    if isinstance(part.get("logprobs"), Mapping):
        lists = choice.setdefault("logprobs", {})
        for name, values in part["logprobs"].items():
            lists[name] = (lists.get(name) or []) + (values if isinstance(values, list) else [])
    choice["finish_reason"] = part.get("finish_reason") or choice["finish_reason"]
    return told


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise unusable("a piece of it has no text.")
    return value
