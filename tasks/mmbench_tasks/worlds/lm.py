"""Language modelling: text from a probabilistic grammar whose information content is known exactly."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from mmbench_tasks.worlds.streams import Stream, sample_id, split_of, stream

WORLD, VERSION = "lm", "0"
_NAMES = ("Anna", "Ben", "Clara", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kofi", "Lena")
_CITIES = ("Oslo", "Lima", "Cairo", "Quito", "Osaka", "Turin", "Accra", "Delhi", "Leeds", "Malmö")
_VERBS = ("finds", "paints", "sells", "repairs", "forgets")
_ADJECTIVES = ("old", "small", "green", "heavy", "broken", "strange")
_NOUNS = ("clock", "boat", "piano", "bicycle", "mirror", "radio", "table", "lamp")
_PAIRS = {
    split: [(n, c) for n in _NAMES for c in _CITIES if split_of(f"lm {n} {c}") == split]
    for split in ("train", "validation", "test")
}


def _text(chance: Stream, split: str) -> tuple[str, float]:
    """Return a text and its information content in bits: each text has one derivation only."""
    bits = 0.0

    def pick(options: Sequence[Any]) -> Any:
        nonlocal bits
        bits += math.log2(len(options))
        return chance.choice(options)

    name, city = pick(_PAIRS[split])
    sentences = [f"{name} lives in {city}."]
    for _ in range(4):
        again = (
            pick(("She", name))
            if name in ("Anna", "Clara", "Elif", "Grace", "Ines", "Lena")
            else pick(("He", name))
        )
        sentences.append(f"{again} {pick(_VERBS)} the {pick(_ADJECTIVES)} {pick(_NOUNS)}.")
    return " ".join(sentences), bits


def lm_rows(split: str, *, start: int = 0, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Yield texts with their exact information content, without end.

    Raises:
        UsageError: an unknown split.
    """
    for index in itertools.count(start):
        chance = stream(WORLD, VERSION, split, seed, index)
        text, bits = _text(chance, split)
        yield {"id": sample_id(WORLD, split, seed, index), "text": text, "bits": bits, "words": len(text.split())}
