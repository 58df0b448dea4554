"""Few-shot examples: seeded, the same for all samples, never from the rows under test."""

import random
from dataclasses import replace

from mmbench.data import Rows, samples
from mmbench.errors import UsageError
from mmbench.schema import Message, Sample, assistant, without_media
from mmbench.task import Task

POOL = 256
"""Examples are drawn from the first rows of the few-shot source; more would only cost reading time."""


def examples(task: Task, rows: Rows, shots: int, seed: int) -> tuple[Message, ...]:
    """Return ``shots`` answered examples as alternating user and assistant turns.

    Raises:
        UsageError: there are fewer rows than that.
    """
    pool = list(samples(task, rows))
    if len(pool) < shots:
        raise UsageError(f"{rows.name}: only {len(pool)} rows; --shots {shots} asks for more.")
    chosen = random.Random(f"shots|{seed}").sample(pool, shots)
    return tuple(turn for sample in chosen for turn in (*sample.messages, assistant(sample.answer)))


def shown(sample: Sample, turns: tuple[Message, ...], *, blind: bool) -> Sample:
    """Return a sample as it is asked: after its few-shot turns; if ``blind``, without pictures and sounds."""
    messages = turns + sample.messages
    if not turns and not blind:
        return sample
    return replace(sample, messages=without_media(messages) if blind else messages)
