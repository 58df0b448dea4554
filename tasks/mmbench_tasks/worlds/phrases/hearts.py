"""Hearts: sentences before their modifiers, and the verbs that suit a purpose."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from mmbench_tasks.worlds.phrases import lexicon
from mmbench_tasks.worlds.phrases.lexicon import Verb
from mmbench_tasks.worlds.phrases.meaning import Meaning


class Heart(NamedTuple):
    """A sentence before modifiers: its meaning, and the words that decide its split."""

    meaning: Meaning
    key: str


@cache
def verbs_for(test: Callable[[Verb], bool]) -> tuple[Verb, ...]:
    """Return the verbs that pass a test."""
    return tuple(verb for verb in lexicon.verbs().values() if test(verb))


def ongoing(verb: Verb) -> bool:
    """Whether it makes sense to be in the middle of it."""
    return "now" in verb.flags and verb.frame in ("t", "i") and verb.id != "sleep"
