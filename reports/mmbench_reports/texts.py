"""Texts as a card shows them: folded where they are long, references told once, media marked in the prompt."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec

MOST = 12_000
"""Characters of one text that a page holds."""
_HEAD, _WHOLE = 420, 560


@dataclass(frozen=True)
class Folded:
    """A text, of which ``rest`` is folded away and ``dropped`` characters are left out."""

    head: str
    rest: str = ""
    dropped: int = 0


def folded(text: str) -> Folded:
    """Fold a long text at the end of a word.

    >>> folded("short")
    Folded(head='short', rest='', dropped=0)
    """
    if len(text) <= _WHOLE:
        return Folded(text)
    space = re.search(r"\s\S*$", text[:_HEAD])
    cut = space.start() if space and space.start() > _HEAD // 2 else _HEAD
    return Folded(text[:cut], text[cut:MOST].lstrip(), max(0, len(text) - MOST))


def media_marks(text: str) -> list[tuple[bool, str]]:
    r"""Part a prompt's words from the lines that stand for its media.

    >>> media_marks("<image>\nWhat is this?")
    [(True, 'image'), (False, '\nWhat is this?')]
    """
    parts = re.split(r"^<(image|audio|video)>$", text, flags=re.MULTILINE)
    return [(index % 2 == 1, part) for index, part in enumerate(parts) if part]


def targets_of(target: Any) -> list[str]:
    """Return what was wanted as texts; equal ones are told once, with their number.

    >>> targets_of(["two", "two", "2"]), targets_of("a"), targets_of({"x": 1}), targets_of([])
    (['two ×2', '2'], ['a'], ['{"x":1}'], [])
    """
    counts = Counter(texts_of(target))
    return [text if count == 1 else f"{text} ×{count}" for text, count in counts.items()]


def texts_of(target: Any) -> list[str]:
    """Return each reference as text."""
    items = target if isinstance(target, list) else [] if target is None else [target]
    return [item if isinstance(item, str) else msgspec.json.encode(item).decode() for item in items]
