"""Requests and scripts for tests of ``openai:``."""

from typing import Any

from fault_server import Call, Reply, Script, refusal

from mmbench.schema import Generate, user


def ask(text: str, **settings: Any) -> Generate:
    """Build a request."""
    return Generate((user(text),), **settings)


def many(count: int) -> list[Generate]:
    """Build distinct requests."""
    return [ask(f"q{number}") for number in range(count)]


def without_scoring(script: Script) -> Script:
    """Refuse what only servers with log-probabilities of a prompt take."""

    def guarded(call: Call) -> Reply:
        if "echo" in call.body:
            return Reply(404, refusal("no such endpoint"))
        if "prompt_logprobs" in call.body:
            return Reply(400, refusal("unknown field 'prompt_logprobs'"))
        return script(call)

    return guarded
