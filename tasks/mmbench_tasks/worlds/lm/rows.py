"""Rows: texts with their information content."""

import itertools
import math
from collections.abc import Iterator
from functools import cache
from typing import Any

from mmbench.errors import UsageError, did_you_mean
from mmbench_tasks.worlds.lm import words
from mmbench_tasks.worlds.lm.chooser import Sampler
from mmbench_tasks.worlds.lm.grammar import KINDS, Vocabulary, story
from mmbench_tasks.worlds.streams import SPLITS, check_split, sample_id, split_of, stream

WORLD, VERSION = "lm", "1"
LEVELS = (1, 2, 3, 4, 5)
HOLDOUTS = ("pairs", "structures", "lengths")


def lm_rows(
    split: str, *, start: int = 0, seed: int = 0, difficulty: int = 3, holdout: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield texts with their exact information content, without end.

    Args:
        split: train, validation or test; the hero and the town of the first sentence tell them apart.
        start: the first index.
        seed: the user's seed.
        difficulty: 1 to 5: how much of a text follows from what was said before.
        holdout: what is left out of train and validation: a third of the "pairs" of adjective and noun (test has
            only these), a third of the "structures" (what kind of sentence follows what kind; test has all), or
            the larger "lengths" (test has only these).

    Yields:
        id, text, bits (minus log2 of the text's probability under the generator of this split, level and
        hold-out), bits_unsplit (if the first sentence could be that of any split), words, level.

    Raises:
        UsageError: an unknown split, level or hold-out.
    """
    check_split(split)
    if difficulty not in LEVELS:
        raise UsageError(f"difficulty is {difficulty}, but levels go from 1 to 5.")
    if holdout is not None and holdout not in HOLDOUTS:
        raise UsageError(f"no hold-out '{holdout}'.{did_you_mean(holdout, HOLDOUTS)}")
    vocabulary = vocabulary_of(split, holdout)
    others = sum(len(vocabulary_of(one, None).openings) for one in SPLITS)
    extra = math.log2(others) - math.log2(len(vocabulary.openings))
    for index in itertools.count(start):
        sampler = Sampler(stream(WORLD, VERSION, split, seed, index))
        story(sampler, vocabulary, difficulty)
        text, bits = sampler.text, sampler.bits
        yield {
            "id": sample_id(f"{WORLD}-{difficulty}", split, seed, index),
            "text": text,
            "bits": bits,
            "bits_unsplit": bits + extra,
            "words": len(text.split()),
            "level": difficulty,
        }


@cache
def vocabulary_of(split: str, holdout: str | None) -> Vocabulary:
    """Return what the generator of a split chooses from; under a hold-out, what it leaves out is gone."""
    heroes = (*words.WOMEN, *words.MEN)
    openings = tuple(
        (hero, town) for hero in heroes for town in words.TOWNS if split_of(f"lm {hero} {town}") == split
    )
    test = split == "test"
    nouns = {noun: _adjectives(noun, holdout == "pairs", test) for noun in words.NOUNS}
    lengths = (4, 5, 6) if holdout != "lengths" else (7, 8, 9) if test else (3, 4, 5)
    held = (pair for pair in itertools.product(KINDS, KINDS) if split_of(f"lm {pair[0]} then {pair[1]}") == "test")
    # "get" may follow anything, so no story gets stuck.
    forbidden = {pair for pair in held if pair[1] != "get"} if holdout == "structures" and not test else set()
    return Vocabulary(openings, nouns, lengths, frozenset(forbidden))


def _adjectives(noun: str, held: bool, test: bool) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the adjectives of a noun with their weights; under the hold-out, those of one side only."""
    pairs = list(zip(words.NOUNS[noun], words.ZIPF, strict=True))
    if held:
        ranks = sorted(range(len(pairs)), key=lambda i: split_of(f"lm {noun} {pairs[i][0]}") != "test")
        chosen = set(ranks[:2])
        pairs = [pair for i, pair in enumerate(pairs) if (i in chosen) == test]
    adjectives, weights = zip(*pairs, strict=True)
    return adjectives, weights
