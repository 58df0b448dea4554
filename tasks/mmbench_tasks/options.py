"""Multiple choice with letters, and circular evaluation: every rotation of the options is asked.

A model that always says "B" is right now and then; circular evaluation (MMBench, arXiv 2307.06281) counts a
question as right only if it is answered right under every rotation of its options.
"""

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase

from mmbench.errors import DataError
from mmbench.metrics.extraction import Option
from mmbench.schema import Message, Response, Text

_READ = Option(lenient=True)


def letters(choices: Sequence[str]) -> tuple[str, ...]:
    """Return A, B, ... one for each choice.

    Raises:
        DataError: there are more than 26.
    """
    if len(choices) > len(ascii_uppercase):
        raise DataError(f"a question has {len(choices)} choices; there are letters for {len(ascii_uppercase)}")
    return tuple(ascii_uppercase[: len(choices)])


def lettered(choices: Sequence[str]) -> str:
    """List choices for a prompt.

    >>> lettered(["red", "blue"])
    'A. red\\nB. blue'
    """
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(letters(choices), choices, strict=True))


def worded(reply: str, choices: Sequence[str]) -> str:
    """Return the choice that a reply names and does nothing else; any other reply as it is.

    >>> worded("(B)", ["red", "blue"]), worded("I think B", ["red", "blue"])
    ('blue', 'I think B')
    """
    return _by_letter(reply, choices) or Option()(reply, choices) or reply


def _by_letter(reply: str, choices: Sequence[str]) -> str | None:
    """Return the choice whose letter is all of a reply; the extractors of metrics read A to J only."""
    letter = reply.strip(" ().:\n")
    known = letters(choices)
    return choices[known.index(letter)] if letter in known else None


def rotated(choices: Sequence[str], by: int) -> tuple[str, ...]:
    """Move the first ``by`` choices to the end.

    >>> rotated(("red", "blue", "teal"), 1)
    ('blue', 'teal', 'red')
    """
    return (*choices[by:], *choices[:by])


def rotations(messages: tuple[Message, ...], choices: Sequence[str]) -> list[tuple[Message, ...]]:
    """Return the conversation once for each rotation of the options that its last turn lists.

    Raises:
        DataError: the last turn does not list them.
    """
    *before, last = messages
    listed = lettered(choices)
    if not any(isinstance(part, Text) and listed in part.text for part in last.content):
        raise DataError("circular evaluation needs {options} in the prompt")
    return [(*before, _with_options(last, listed, lettered(rotated(choices, by)))) for by in range(len(choices))]


def _with_options(turn: Message, listed: str, instead: str) -> Message:
    parts = (Text(part.text.replace(listed, instead)) if isinstance(part, Text) else part for part in turn.content)
    return replace(turn, content=tuple(parts))


def agreed(responses: Sequence[Response], choices: Sequence[str]) -> str:
    """Return the choice that all rotations were answered with, "" if they disagree or one cannot be read."""
    turned = [(response.text, rotated(choices, by)) for by, response in enumerate(responses)]
    found = {_by_letter(text, order) or _READ(text, order) for text, order in turned}
    return (found.pop() or "") if len(found) == 1 else ""
