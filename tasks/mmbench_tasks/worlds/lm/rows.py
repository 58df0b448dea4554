"""Rows: texts with their information content."""

import hashlib
import itertools
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from mmbench_tasks.worlds.lm import words
from mmbench_tasks.worlds.lm.chooser import Sampler
from mmbench_tasks.worlds.lm.grammar import Vocabulary, story
from mmbench_tasks.worlds.streams import SPLITS, check_split, sample_id, split_of, stream
from mmbench_tasks.worlds.text_options import LEVELS, Holdout, Kind, marks, options

WORLD, VERSION = "lm", "1"
_ABLE: dict[Kind, tuple[int, ...]] = {"pair": LEVELS, "structure": LEVELS, "length": LEVELS}


def lm_rows(
    split: str, *, start: int = 0, seed: int = 0, difficulty: int = 3, holdout: Holdout = "auto"
) -> Iterator[dict[str, Any]]:
    """Yield texts with their exact information content, without end.

    Args:
        split: train, validation or test; the hero and the town of the first sentence tell them apart.
        start: the first index.
        seed: the user's seed.
        difficulty: 1 to 5: how much of a text follows from what was said before.
        holdout: pairs of adjective and noun, orders of sentences ("structure") and lengths that training never
            shows: "auto" (in every fifth row of test), "only" or "never".

    Yields:
        id, text, bits (minus log2 of the text's probability under the generator of this split, level and
        hold-out), bits_unsplit (if the first sentence could be that of any split), words, difficulty, split_kind,
        holdout.

    Raises:
        UsageError: an unknown split, level or hold-out.
    """
    chosen = options(split, difficulty, holdout, _ABLE)
    openings = [len(vocabulary_of(one, "").openings) for one in SPLITS]
    extra = math.log2(sum(openings)) - math.log2(openings[SPLITS.index(check_split(split))])
    for index in itertools.count(start):
        chance = stream(WORLD, VERSION, split, seed, index)
        plan = chosen.plan(chance, index)
        sampler = Sampler(chance)
        story(sampler, vocabulary_of(split, plan.kind), plan.level)
        text, bits = sampler.text, sampler.bits
        yield {
            "id": sample_id(f"{WORLD}-{difficulty}", split, seed, index),
            "text": text,
            "bits": bits,
            "bits_unsplit": bits + extra,
            "words": len(text.split()),
            **marks(plan),
        }


@cache
def vocabulary_of(split: str, kind: str) -> Vocabulary:
    """Return what the generator of a split chooses from; ``kind``: what is held out, "" in a plain text."""
    heroes = (*words.WOMEN, *words.MEN)
    openings = tuple(
        (hero, town) for hero in heroes for town in words.TOWNS if split_of(f"lm {hero} {town}") == split
    )
    nouns = {noun: _adjectives(noun, kind == "pair") for noun in words.NOUNS}
    return Vocabulary(openings, nouns, (7, 8, 9) if kind == "length" else (4, 5, 6), kind == "structure")


def _adjectives(noun: str, rare: bool) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the adjectives of a noun with their weights: the one that is held out, or all others."""
    pairs = list(zip(words.NOUNS[noun], words.ZIPF, strict=True))
    held = min(range(len(pairs)), key=lambda i: hashlib.sha256(f"lm {noun} {pairs[i][0]}".encode()).digest())
    pairs = [pair for i, pair in enumerate(pairs) if (i == held) == rare]
    adjectives, weights = zip(*pairs, strict=True)
    return adjectives, weights
