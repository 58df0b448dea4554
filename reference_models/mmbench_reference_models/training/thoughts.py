"""What an answer follows from, to be written before it: a source with ``think`` teaches to reason first.

Thoughts stand in ``<think>`` tags, as reasoning models write them. They are made of what embedded rows tell of
themselves: the sentences of a text, or the things in a picture, that a question is about.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmbench.errors import UsageError
from mmbench.metrics.reasoning import CLOSE, OPEN
from mmbench_tasks.worlds.scenes.facts import is_thing, recounted

Row = Mapping[str, Any]

MOST_TOKENS = 192
"""How long thoughts may become: what a checkpoint that learnt to think says of itself."""


def thought_of(task: str, what: str, row: Row) -> str:
    """Return what the answer to a row follows from; ``what``: "evidence" or "scene".

    Raises:
        UsageError: the row does not tell.
    """
    column, told = _TOLD.get((task, what), ("", _scene))
    if column not in row:
        raise UsageError(f"the rows of '{task}' tell no {what} to think of. Choose another `think`, or none.")
    return f"{OPEN}{told(row)}{CLOSE}"


def _sentences(row: Row) -> str:
    """Return the sentences of the text that the question needs."""
    sentences = [row["context"][begin:end] for begin, end in row["evidence"]]
    return " ".join(sentences) or "The text does not say."


def _about(row: Row) -> str:
    """Return what the question is about; of each description in it all that fit, or that there is none."""
    lines: Sequence[str] = row["facts"]
    return " and ".join(recounted(lines[i] for i in group) or "none" for group in row["evidence"])


def _scene(row: Row) -> str:
    """Return what is on the wall if the question is about that, else all things."""
    lines: Sequence[str] = row["facts"]
    about = [lines[i] for group in row["evidence"] for i in group]
    on_wall = about and not is_thing(about[0])
    return recounted(about if on_wall else filter(is_thing, lines))


_TOLD: Mapping[tuple[str, str], tuple[str, Callable[[Row], str]]] = {
    ("qa", "evidence"): ("evidence", _sentences),
    ("vqa", "evidence"): ("evidence", _about),
    ("vqa", "scene"): ("facts", _scene),
}
"""The column that tells, and how it is told."""
