"""Where a thought ends and the answer begins, told while tokens are still coming."""

from collections.abc import Callable, Sequence

from mmbench.metrics.reasoning import CLOSE, OPEN

Decode = Callable[[Sequence[int]], str]

_WINDOW = 16
"""Tokens in which a tag fits: it has eight bytes, and a token is a byte or more."""


class Thought:
    """What a reply may think before it answers.

    Attributes:
        budget: how many tokens it may take; 0 for a model that is not known to think.
        answer: the number of tokens before the answer; None as long as that has not begun.
    """

    def __init__(self, budget: int, prompt: str = "") -> None:
        """``prompt``: its end at least; some chat templates begin the thought themselves."""
        self.budget = budget
        self.answer: int | None = None if budget else 0
        self.by_prompt = prompt.rstrip().endswith(OPEN)
        self._begun = self.by_prompt

    def over(self, tokens: Sequence[int], decode: Decode) -> bool:
        """Return whether the answer has begun; to be asked after every token."""
        if self.answer is None:
            if CLOSE in decode(tokens[-_WINDOW:]):
                self.answer = len(tokens)
            elif not self._begun:
                beginning = decode(tokens[:_WINDOW]).lstrip()[: len(OPEN)]
                self._begun = beginning == OPEN
                if not OPEN.startswith(beginning):
                    self.answer = 0
        return self.answer is not None

    def answer_in(self, text: str) -> int | None:
        """Return where in the whole text the answer begins, white space after the thought left out."""
        if not self.answer:
            return self.answer
        rest = text[text.find(CLOSE) + len(CLOSE) :]
        return len(text) - len(rest.lstrip())


def end_of_prompt(ids: Sequence[int], decode: Decode) -> str:
    """Return the last words of a prompt."""
    return decode(ids[-_WINDOW:])
