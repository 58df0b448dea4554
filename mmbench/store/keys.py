"""The address of an answer: a SHA-256 over everything that can change it."""

import hashlib
from dataclasses import fields
from typing import Any

import msgspec

from mmbench.schema import Choice, Generate, LogLikelihood, Message, Part, Perplexity, Request, Text

_encode = msgspec.json.Encoder().encode


def request_key(fingerprint: str, request: Request) -> bytes:
    """Return the 32-byte address of the answer that the model of this fingerprint gives to this request.

    Covered are the model's fingerprint (weights, template, dtype ...), the kind of request, every role and text,
    the *bytes* of every picture, sound and frame in their order, and all decoding parameters with the seed.

    Raises:
        MediaError: a media file cannot be read.
    """
    kind = type(request)
    values = [
        _plain(getattr(request, name)) if name == "messages" else getattr(request, name) for name in _FIELDS[kind]
    ]
    return hashlib.sha256(_encode([fingerprint, kind.__name__, values])).digest()


_FIELDS = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Generate, LogLikelihood, Choice, Perplexity)
}


def _plain(messages: tuple[Message, ...]) -> list[Any]:
    """Turn messages into lists in which media stand as their digests."""
    return [[turn.role, [_part(part) for part in turn.content]] for turn in messages]


def _part(part: Part) -> str | dict[str, str]:
    return part.text if isinstance(part, Text) else {type(part).__name__: part.digest}
