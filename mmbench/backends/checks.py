"""Checks of the options that a user gives a model."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from mmbench.errors import UsageError, did_you_mean


def known(kind: str, given: Mapping[str, Any], names: Collection[str]) -> None:
    """Refuse options that a kind of model does not have.

    Raises:
        UsageError: there is one.
    """
    for name in given:
        if name not in names:
            raise UsageError(f"model '{kind}' has no option '{name}'.{did_you_mean(name, names)}")


def whole(name: str, value: object, least: int) -> None:
    """Refuse what is no whole number of at least ``least``."""
    if type(value) is not int or value < least:
        raise UsageError(f"{name} should be a whole number of at least {least}, not {value!r}.")


def real(name: str, value: object, least: float) -> None:
    """Refuse what is no finite number of at least ``least``."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value < math.inf:
        raise UsageError(f"{name} should be a number of at least {least:g}, not {value!r}.")


def word(name: str, value: object, words: Collection[str]) -> None:
    """Refuse what is none of some words."""
    if value not in words:
        raise UsageError(f"{name} has no value {value!r}.{did_you_mean(str(value), words)}")


def switch(name: str, value: object) -> None:
    """Refuse what is neither true nor false."""
    if not isinstance(value, bool):
        raise UsageError(f"{name} should be true or false, not {value!r}.")


def text(name: str, value: object) -> None:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise UsageError(f"{name} should be a text, not {value!r}.")


def table(name: str, value: object, example: str) -> None:
    """Refuse what is no JSON object."""
    if not isinstance(value, Mapping):
        raise UsageError(f"{name} should be a JSON object, such as '{example}'.")
