"""The options of ``openai:``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from mmbench.backends import checks
from mmbench.errors import UsageError

_WORDS = {"api": ("chat", "completions"), "scoring": ("auto", "off"), "detail": ("", "auto", "low", "high")}
_WHOLE = {"concurrency": 1, "retries": 0, "max_requests": 1, "max_tokens": 1, "seed": 0}
_REAL = {"timeout": 1e-3, "max_wait": 0.0, "max_cost": 0.0, "price_in": 0.0, "price_out": 0.0}
_TEXT = ("bos", "revision", "prices")
_OPTIONAL = ("api_key_env", "max_requests", "max_tokens", "max_cost", "price_in", "price_out")
_KEYS = ("api_key", "key", "token")


@dataclass(frozen=True, slots=True)
class Options:
    """How to talk to a server, and how much to spend.

    Attributes:
        concurrency: requests under way at once, at most; fewer while the server refuses many.
        timeout: seconds until a request counts as lost.
        retries: how often a request is asked again after a failure that may pass (429, 5xx, time-out, broken
            connection, unreadable answer).
        max_wait: the longest ``Retry-After``, in seconds, that is waited for; a request that would have to wait
            longer is given up.
        api: "chat" sends conversations; "completions" sends plain text, for base models.
        scoring: "auto" asks the server once whether it tells log-probabilities of a prompt, and if so offers
            likelihood requests; "off" leaves generation alone.
        logprobs: ask for log-probabilities of generated tokens.
        stream: let answers come bit by bit, which shows the time to the first token; no answer depends on it.
        bos: the text of the token that begins a sequence (such as ``<s>``), for servers that do not put it there
            by themselves; a text's first token can only be scored after another, so perplexity needs it.
        detail: how closely the model looks at pictures, where the server lets you choose.
        revision: a version of the model, in your words; part of its fingerprint. Change it when the server has
            other weights under the old name.
        extra: fields merged into the body of every request; a field that is null is left out.
        api_key_env: the environment variable that holds the key; OPENAI_API_KEY if none is named.
        max_requests: HTTP requests to send, repeats included; what is left over becomes error rows.
        max_tokens: tokens in and out to use.
        max_cost: dollars to spend; needs prices.
        price_in: dollars for a million tokens in.
        price_out: dollars for a million tokens out.
        prices: a YAML or JSON file: model name -> {"in": dollars, "out": dollars} for a million tokens.
        seed: of the random part of waiting times.
    """

    concurrency: int = 32
    timeout: float = 600.0
    retries: int = 6
    max_wait: float = 120.0
    api: str = "chat"
    scoring: str = "auto"
    logprobs: bool = False
    stream: bool = False
    bos: str = ""
    detail: str = ""
    revision: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    api_key_env: str | None = None
    max_requests: int | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    price_in: float | None = None
    price_out: float | None = None
    prices: str = ""
    seed: int = 0

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> "Options":
        """Check names and values. No message repeats a value that might be a key.

        Raises:
            UsageError: there is no such option, or it has no such value.
        """
        if wrong := [name for name in given if name in _KEYS]:
            raise UsageError(
                f"model 'openai' has no option '{wrong[0]}': options are written into the manifest. Put the key "
                "into OPENAI_API_KEY, or name another environment variable with api_key_env."
            )
        checks.known("openai", given, [field.name for field in fields(cls)])
        for name, value in given.items():
            if value is not None or name not in _OPTIONAL:
                _check(name, value)
        return cls(**given)


def _check(name: str, value: Any) -> None:
    if name in _WORDS:
        checks.word(name, value, _WORDS[name])
    elif name in _WHOLE:
        checks.whole(name, value, _WHOLE[name])
    elif name in _REAL:
        checks.real(name, value, _REAL[name])
    elif name in _TEXT:
        checks.text(name, value)
    elif name in ("logprobs", "stream"):
        checks.switch(name, value)
    elif name == "extra":
        checks.table(name, value, '{"reasoning_effort": "low"}')
    elif not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise UsageError("api_key_env should be the name of an environment variable, such as MY_API_KEY.")
