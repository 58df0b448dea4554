"""Read an answer out of what a model wrote: strictly or leniently, but never by guessing.

An extractor returns the answer it found, or None: there is no random fallback and no default. Metrics take one
and count None as wrong; ``UnparsedRate`` tells how often that happened.
"""

import re
from collections.abc import Sequence
from typing import Protocol


class Extractor(Protocol):
    """Reads an answer out of a text.

    Attributes:
        name: goes into the signature of every metric that uses it.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the answer, spelt as in ``choices`` where there are any, or None if none can be read."""
        ...


def named(metric: str, extractor: Extractor) -> str:
    """Return a metric's name, with the manner of its extractor unless that is strict.

    >>> named("accuracy", StrictLabel())
    'accuracy'
    """
    manner = extractor.name.rpartition("-")[2]
    return metric if manner == "strict" else f"{metric}-{manner}"


def tidy(text: str) -> str:
    """Fold case, collapse white space and drop punctuation at both ends.

    >>> tidy("  **Yes!** ")
    'yes'
    """
    return " ".join(re.sub(r"^[\W_]+|[\W_]+$", "", text).casefold().split())


def spelled(text: str, choices: Sequence[str]) -> str | None:
    """Return the one choice that ``text`` is, exactly or else after :func:`tidy`; None if none or several."""
    stripped = text.strip()
    if stripped in choices:
        return stripped
    wanted = tidy(text)
    found = {choice for choice in choices if tidy(choice) == wanted}
    return found.pop() if len(found) == 1 and wanted else None


class StrictLabel:
    """The whole answer is a label: case, white space and punctuation around it apart."""

    name = "label-strict"

    def __call__(self, text: str, choices: Sequence[str]) -> str | None:
        """Return the label that the whole text is; with no choices, the text itself without outer space."""
        return spelled(text, choices) if choices else text.strip() or None
