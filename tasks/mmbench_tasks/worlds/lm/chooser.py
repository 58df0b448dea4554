"""Choices with exact probabilities: a text's probability is a fraction, and so is known without rounding."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Protocol, TypeVar

from mmbench_tasks.worlds.streams import Stream

T = TypeVar("T")


class Chooser(Protocol):
    """What a grammar asks for every choice and tells every word."""

    def pick(self, options: Sequence[T], weights: Sequence[int] | None = None) -> T:
        """Return one of ``options``; ``weights`` are whole numbers, all 1 if None."""
        ...

    def say(self, text: str) -> None:
        """Add to the text."""
        ...


class Sampler:
    """Draws every choice, and keeps the probability of all it drew as two whole numbers."""

    __slots__ = ("chance", "parts", "total", "weight")

    def __init__(self, chance: Stream) -> None:
        self.chance = chance
        self.parts: list[str] = []
        self.weight = 1
        self.total = 1

    def pick(self, options: Sequence[T], weights: Sequence[int] | None = None) -> T:
        """Draw one of ``options``."""
        if weights is None:
            self.total *= len(options)
            return options[self.chance.below(len(options))]
        self.total *= sum(weights)
        index = self.chance.weighted(range(len(options)), weights)
        self.weight *= weights[index]
        return options[index]

    def say(self, text: str) -> None:
        """Add to the text."""
        self.parts.append(text)

    @property
    def text(self) -> str:
        """All that was said."""
        return "".join(self.parts)

    @property
    def bits(self) -> float:
        """The information content: minus the binary logarithm of the probability."""
        return math.log2(self.total) - math.log2(self.weight)


class _DeadEndError(Exception):
    """The text does not go on like this."""


class _OpenError(Exception):
    """A choice that has not been made yet; ``shares`` are the probabilities of its options."""

    def __init__(self, shares: list[Fraction]) -> None:
        super().__init__(f"{len(shares)} options")
        self.shares = shares


class _Script:
    """Makes the choices it was given, and stops at the first one that is open or that contradicts the text."""

    def __init__(self, choices: tuple[int, ...], target: str | None) -> None:
        self.choices = choices
        self.target = target
        self.made = 0
        self.text = ""

    def pick(self, options: Sequence[T], weights: Sequence[int] | None = None) -> T:
        if self.made == len(self.choices):
            shares = weights or [1] * len(options)
            raise _OpenError([Fraction(share, sum(shares)) for share in shares])
        self.made += 1
        return options[self.choices[self.made - 1]]

    def say(self, text: str) -> None:
        self.text += text
        if self.target is not None and not self.target.startswith(self.text):
            raise _DeadEndError


def derivations(grammar: Callable[[Chooser], None], text: str | None = None) -> list[tuple[str, Fraction]]:
    """Return every way in which ``grammar`` says ``text``, or says anything, with its probability.

    All choices are tried, so for ``text`` None the grammar must be small. One derivation of a text means that its
    probability is the product of the choices; the probabilities of all derivations of all texts sum to 1.
    """
    found: list[tuple[str, Fraction]] = []
    waiting: list[tuple[tuple[int, ...], Fraction]] = [((), Fraction(1))]
    while waiting:
        choices, probability = waiting.pop()
        script = _Script(choices, text)
        try:
            grammar(script)
        except _OpenError as choice:
            waiting += [((*choices, i), probability * share) for i, share in enumerate(choice.shares) if share]
        except _DeadEndError:
            continue
        else:
            if text is None or script.text == text:
                found.append((script.text, probability))
    return found
