"""The address of an answer: a SHA-256 over everything that can change it."""

import hashlib
from dataclasses import fields
from typing import Any

import msgspec

from mmbench.schema import Choice, Generate, LogLikelihood, Message, Perplexity, Request, Text

_encode = msgspec.json.Encoder().encode


def request_key(fingerprint: str, request: Request) -> bytes:
    """Return the 32-byte address of the answer that the model of this fingerprint gives to this request.

    Covered are the model's fingerprint (weights, template, dtype ...), the kind of request, every role and text,
    the *bytes* of every picture, sound and frame in their order, and all decoding parameters with the seed.

    Raises:
        MediaError: a media file cannot be read.
    """
    values = [_plain(getattr(request, name)) for name in _FIELDS[type(request).__name__]]
    return hashlib.sha256(_encode([fingerprint, type(request).__name__, values])).digest()


_FIELDS = {
    kind.__name__: tuple(field.name for field in fields(kind))
    for kind in (Generate, LogLikelihood, Choice, Perplexity)
}


def _plain(value: Any) -> Any:
    """Turn messages into lists in which media stand as their digests."""
    if isinstance(value, tuple) and value and isinstance(value[0], Message):
        return [[turn.role, [_part(part) for part in turn.content]] for turn in value]
    return value


def _part(part: Any) -> Any:
    if isinstance(part, Text):
        return part.text
    return {type(part).__name__: part.digest}
