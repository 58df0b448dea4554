"""Seeded choices for procedural worlds: the same on every machine, random access, splits that cannot overlap.

Two ideas keep the worlds honest:

* **Random access.** Sample ``index`` of a split has a generator of its own, :func:`stream`, seeded with a
  SHA-256 over (world, version, split, seed, index). Row 1,000,000 costs as much as row 0, and no row depends on
  how many choices another one took.
* **Disjoint splits by content.** Different seeds alone do not rule out that two splits draw the same thing.
  :func:`split_of` hashes the *content* of a sample (its facts, its sentence, ...) to exactly one split, and
  :func:`draw` repeats a draw until the content belongs to the split that was asked for. So one content can
  never be in two splits, whatever the seeds, the versions and the number of rows.

How a world uses it::

    def rows(split, *, start=0, seed=0):
        for index in itertools.count(start):
            chance = stream("phrases", VERSION, split, seed, index)
            sentence = draw(chance, split, make=_sentence, key=lambda s: s.source)
            yield {"id": sample_id("phrases", split, seed, index), "source": sentence.source, ...}

Only ``random.Random.random`` is used, the one method whose sequence Python promises to keep, and only exact
floating-point operations on it; so no version of Python or of a C library changes a sample.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar, get_args

from mmbench.errors import DataError, UsageError, did_you_mean

T = TypeVar("T")
Split = Literal["train", "validation", "test"]

SPLITS: tuple[Split, ...] = get_args(Split)
MAX_DRAWS = 10_000


def check_split(name: str) -> Split:
    """Return ``name`` as a split.

    Raises:
        UsageError: it is none of train, validation, test.
    """
    if name not in SPLITS:
        raise UsageError(f"no split '{name}' in this world.{did_you_mean(name, SPLITS)}")
    return name


class Stream:
    """A source of choices. Every method consumes the underlying sequence in a fixed, documented way."""

    __slots__ = ("random",)

    def __init__(self, seed: int) -> None:
        self.random: Callable[[], float] = random.Random(seed).random
        """The next float in [0, 1)."""

    def below(self, stop: int) -> int:
        """Return a whole number in [0, stop); ``stop`` >= 1."""
        return int(self.random() * stop)

    def between(self, low: int, high: int) -> int:
        """Return a whole number in [low, high], both ends included."""
        return low + int(self.random() * (high - low + 1))

    def uniform(self, low: float, high: float) -> float:
        """Return a float in [low, high)."""
        return low + (high - low) * self.random()

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def choice(self, options: Sequence[T]) -> T:
        """Return one of ``options`` (not empty), all equally likely."""
        return options[int(self.random() * len(options))]

    def weighted(self, options: Sequence[T], weights: Sequence[int]) -> T:
        """Return one of ``options`` with probability proportional to its whole-number weight (sum >= 1)."""
        left = int(self.random() * sum(weights))
        for option, weight in zip(options, weights, strict=True):
            left -= weight
            if left < 0:
                return option
        raise ValueError("weights must hold a positive number")

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """Return ``count`` different positions of ``options`` in random order; takes ``count`` floats."""
        pool = list(options)
        for i in range(count):
            j = i + int(self.random() * (len(pool) - i))
            pool[i], pool[j] = pool[j], pool[i]
        return pool[:count]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        """Return all of ``options`` in random order."""
        return self.sample(options, len(options))

    def fork(self, name: str) -> "Stream":
        """Return an independent stream, so that choices of one kind do not shift those of another.

        It takes one float of this stream; two forks are independent even under the same name.
        """
        return Stream(_hash(f"{self.random().hex()}|{name}"))


def stream(world: str, version: str, split: str, seed: int, index: int) -> Stream:
    """Return the stream of choices for one sample.

    Args:
        world: the generator's name; each kind of row (``scenes``, ``phrases``) needs its own.
        version: the generator's version; change it whenever the same seed gives other rows.
        split: "train", "validation" or "test".
        seed: the user's seed; any whole number.
        index: which sample; any whole number >= 0.

    Raises:
        UsageError: there is no such split.
    """
    return Stream(_hash(f"{world}|{version}|{check_split(split)}|{seed}|{index}"))


def split_of(key: str) -> Split:
    """Return the one split that content described by ``key`` belongs to: a third of all contents each.

    >>> split_of("a blue ball"), split_of("a red ball"), split_of("a green ball")
    ('train', 'validation', 'test')
    """
    return SPLITS[_hash(key) % len(SPLITS)]


def draw(chance: Stream, split: str, make: Callable[[Stream], T], key: Callable[[T], str]) -> T:
    """Call ``make`` until what it makes belongs to ``split``; about three calls on average.

    So ``make`` should be the cheap part (facts, not pixels), and ``key`` should leave out what does not matter
    (ids, a paraphrase): what it names is what no two splits share.

    Raises:
        DataError: nothing was found in ``MAX_DRAWS`` calls: the world is too small for its key.
    """
    wanted = check_split(split)
    for _ in range(MAX_DRAWS):
        made = make(chance)
        if split_of(key(made)) == wanted:
            return made
    raise DataError(f"no sample for split '{split}' in {MAX_DRAWS} draws. Widen the world's parameters.")


def sample_id(world: str, split: str, seed: int, index: int) -> str:
    """Return the stable id of a sample; the seed is left out where it is 0.

    >>> sample_id("scenes", "test", 0, 7), sample_id("scenes", "test", 5, 7)
    ('scenes-test-7', 'scenes-test-s5-7')
    """
    return f"{world}-{split}-{index}" if seed == 0 else f"{world}-{split}-s{seed}-{index}"


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
