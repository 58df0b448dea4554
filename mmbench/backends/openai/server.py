"""What a server tells about itself: its models, their versions, and whether it scores prompts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmbench.backends.openai.answers import Token
from mmbench.backends.openai.client import Ask, Client
from mmbench.backends.openai.scoring import PlainScoring
from mmbench.backends.openai.trouble import Trouble
from mmbench.errors import ModelError, UsageError

_VERSION_FIELDS = (
    "root",
    "parent",
    "version",
    "revision",
    "sha",
    "digest",
    "quantization",
    "max_model_len",
    "meta",
)
"""What servers tell of a model that changes with its weights; ``created`` is the time of asking in several."""
PROBE = "One, two, three"


@dataclass(frozen=True, slots=True)
class Listed:
    """The server's list of models: name -> what it tells of it. Empty if it has no list."""

    models: Mapping[str, Mapping[str, Any]]

    def only(self, place: str) -> str:
        """Return the name of the only model.

        Raises:
            UsageError: there are several, or none.
        """
        if len(self.models) == 1:
            return next(iter(self.models))
        names = ", ".join(list(self.models)[:8]) or "none that it tells"
        raise UsageError(f"which model? {place} has: {names}. Write openai:MODEL@URL.")

    def version(self, model: str) -> dict[str, Any]:
        """Return what the server tells of a model's version."""
        told = self.models.get(model, {})
        return {name: told[name] for name in _VERSION_FIELDS if told.get(name) is not None}


async def list_models(client: Client, place: str) -> Listed:
    """Ask the server for its models, and by that whether it is there and takes our key.

    Raises:
        ModelError: it does not answer, or refuses the key.
    """
    try:
        raw = await client.get("/models")
    except Trouble as trouble:
        if trouble.status in (401, 403):
            raise ModelError(
                f"{place} refuses the key: set OPENAI_API_KEY, or name it with api_key_env."
            ) from None
        if trouble.overload and trouble.status != 500:  # several servers have that page, but broken
            raise ModelError(f"{place} does not answer: {trouble.reason} Is the server running?") from None
        return Listed({})  # a server without such a page
    entries = raw.get("data")
    named = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return Listed({str(entry["id"]): entry for entry in named if "id" in entry})


async def offers(client: Client, ask: Ask[list[Token]]) -> list[Token] | None:
    """Ask once whether the server tells the log-probabilities of a prompt's tokens; return them if so.

    Raises:
        ModelError: it cannot be found out now, and to go on without would change what is asked.
    """

    def read(raw: Any) -> list[Token] | None:
        try:
            return ask.read(raw)
        except Trouble:
            return None

    try:
        tokens, _ = await client.ask(Ask(ask.path, ask.build, read, ask.guess))
    except Trouble as trouble:
        if (400 <= trouble.status < 500 and not trouble.again) or trouble.status == 501:
            return None
        raise ModelError(
            f"cannot find out whether the server scores prompts: {trouble.reason} Try again, or set scoring=off."
        ) from None
    return tokens


async def plain_scoring(client: Client, model: str, bos: str, extra: Mapping[str, Any]) -> PlainScoring | None:
    """Return how the completions endpoint scores plain text, or None if it does not.

    Raises:
        UsageError: ``bos`` is not one token of the model.
        ModelError: it cannot be found out now.
    """
    bare = PlainScoring(model, "", extra, begins=False)
    tokens = await offers(client, bare.ask_text(PROBE))
    if tokens is None:
        return None
    if _begun(tokens):
        return PlainScoring(model, "", extra, begins=True)
    if not bos:
        return bare
    begun = PlainScoring(model, bos, extra, begins=False)
    if not _begun(await offers(client, begun.ask_text(PROBE)) or []):
        raise UsageError(
            f"bos={bos!r} is not one token of the model {model}; name the text that begins a sequence."
        )
    return begun


def _begun(tokens: list[Token]) -> bool:
    """Whether the probe's text starts at the second token."""
    return "".join(name for name, _ in tokens[1:]).strip() == PROBE
