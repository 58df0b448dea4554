"""Reviews: short opinions with an exact sentiment."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmbench_tasks.worlds.streams import Stream, draw, sample_id, stream

WORLD, VERSION = "reviews", "0"
LABELS = ("negative", "neutral", "positive")

_ASPECTS = ("service", "food", "room", "view", "music", "coffee", "location", "breakfast")
_GOOD = ("great", "lovely", "excellent", "friendly", "a real pleasure")
_BAD = ("awful", "poor", "disappointing", "terrible", "a real let-down")
_FACTS = (
    "The {} is listed on their website.",
    "We ordered online and sat near the door; I cannot judge the {} yet.",
)


class _Review(NamedTuple):
    label: int
    kind: str
    aspects: tuple[str, str]
    text: str


def _review(chance: Stream) -> _Review:
    label = chance.below(3)
    first, second = chance.sample(_ASPECTS, 2)
    good, bad = chance.choice(_GOOD), chance.choice(_BAD)
    kind = chance.choice(("plain", "negation", "contrast"))
    if label == 1:
        text = chance.choice(_FACTS).format(first)
        if kind == "negation":
            text = f"The {first} was neither {good} nor {bad}."
        elif kind == "contrast":
            text = f"The {first} was {good}, the {second} {bad}: it evens out."
    else:
        word, other = (good, bad) if label == 2 else (bad, good)
        text = f"The {first} was {word}."
        if kind == "negation":
            text = f"Nobody could say that the {first} was {other}."
        elif kind == "contrast":
            text = f"The {second} was {other}, but in the end the {first} matters and it was {word}."
    return _Review(label, kind, (first, second), text)


def sentiment_rows(split: str, *, start: int = 0, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Yield reviews with their sentiment, without end.

    Raises:
        UsageError: an unknown split.
    """
    for index in itertools.count(start):
        chance = stream(WORLD, VERSION, split, seed, index)
        review = draw(chance, split, _review, lambda made: made.text)
        yield {
            "id": sample_id(WORLD, split, seed, index),
            "text": review.text,
            "label": LABELS[review.label],
            "choices": list(LABELS),
            "aspects": {},
            "type": review.kind,
            "image": None,
        }
