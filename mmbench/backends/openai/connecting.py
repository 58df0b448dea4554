"""From an address to a model that can be asked."""

import hashlib
import json
import os
from typing import Any

from mmbench.backends.openai.address import Address
from mmbench.backends.openai.client import Client
from mmbench.backends.openai.model import Abilities, OpenAIModel
from mmbench.backends.openai.options import Options
from mmbench.backends.openai.scoring import ChatScoring
from mmbench.backends.openai.server import PROBE, list_models, offers, plain_scoring
from mmbench.errors import ModelError
from mmbench.schema import user

ADAPTER_VERSION = 1
"""Raise this whenever a change to this package may change an answer: stored answers are then asked again."""
DEFAULT_KEY = "OPENAI_API_KEY"


def connect(address: Address, options: Options) -> OpenAIModel:
    """Find out what the server offers, and return the model.

    Raises:
        UsageError: a name, price or ``bos`` that the model does not have.
        ModelError: no key, or no server that answers.
    """
    client = Client(address, find_key(address, options), options)
    try:
        return client.submit(_connect(client, address, options)).result()
    except BaseException:
        client.close()
        raise


def find_key(address: Address, options: Options) -> str | None:
    """Return the key from the environment; servers of one's own may need none.

    Raises:
        ModelError: the variable that was named is not set, or OpenAI's own server is asked without a key.
    """
    if options.api_key_env is not None:
        key = os.environ.get(options.api_key_env)
        if not key:  # its name is not told: it may be a key, put there by mistake
            raise ModelError("api_key_env should name an environment variable that is set; this one is not.")
        return key
    key = os.environ.get(DEFAULT_KEY)
    if not key and address.hosted:
        raise ModelError(f"{address.place} needs a key: set {DEFAULT_KEY}, or name another with api_key_env.")
    return key or None


async def _connect(client: Client, address: Address, options: Options) -> OpenAIModel:
    listed = await list_models(client, address.place)
    name = address.model or listed.only(address.place)
    able = await _abilities(client, name, address, options)
    settings = {
        "adapter": ADAPTER_VERSION,
        "version": listed.version(name),
        "revision": options.revision,
        "api": options.api,
        "logprobs": options.logprobs,
        "detail": options.detail,
        "extra": dict(options.extra),
        "scoring": able.scoring.name if able.scoring else "",
        "bos": options.bos if able.texts else "",
    }
    return OpenAIModel(name, _fingerprint(address.place, name, settings), client, options, able)


async def _abilities(client: Client, name: str, address: Address, options: Options) -> Abilities:
    limit_field = "max_completion_tokens" if address.hosted and options.api == "chat" else "max_tokens"
    if options.scoring == "off":
        return Abilities(limit_field=limit_field)
    plain = await plain_scoring(client, name, options.bos, options.extra)
    if options.api == "chat":
        chat = ChatScoring(name, options.detail, options.extra)
        if await offers(client, chat.ask([user(PROBE)], None)):
            return Abilities(chat, plain, limit_field)
    return Abilities(plain, plain, limit_field)


def _fingerprint(place: str, name: str, settings: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return f"openai:{place}:{name}:{digest}"
