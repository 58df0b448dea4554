"""Rows: documents to summarise, and questions about documents."""

import itertools
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from mmbench.errors import UsageError, did_you_mean
from mmbench_tasks.worlds.stories.questions import KINDS, Question
from mmbench_tasks.worlds.stories.story import Happening, Story, core, story
from mmbench_tasks.worlds.stories.telling import FORMS, Told, tell
from mmbench_tasks.worlds.streams import Stream, check_split, draw, sample_id, split_of, stream

WORLD, VERSION = "stories", "1"
LEVELS = (1, 2, 3, 4, 5)
TYPES = tuple(KINDS)
HOLDOUTS = ("pairs", "structures", "lengths")
LONG = 150
"""Words; longer documents are held out under ``holdout="lengths"``."""


class Document(NamedTuple):
    """A story and its telling."""

    story: Story
    told: Told
    level: int


def summarization_rows(
    split: str, *, start: int = 0, seed: int = 0, difficulty: int | None = None, holdout: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield reports, dialogues and letters with two summaries, without end.

    Args:
        split: train, validation or test; no two share who does what with which thing.
        start: the first index.
        seed: the user's seed.
        difficulty: 1 to 5: more plots, interwoven, and more that has nothing to do with them; None mixes all.
        holdout: "pairs" (of plot and setting), "structures" (of plot and form) or "lengths": train and validation
            have none of the held-out ones, every test row has one.

    Yields:
        id, document, references (short, long), facts (one for each main event: fact, parts, which all must be in a
        summary that tells it), entities (who, what and where: anything else is invented), type (the form), level.

    Raises:
        UsageError: an unknown split, level or hold-out.
    """
    _check(split, difficulty, holdout)
    for index in itertools.count(start):
        chance = stream("stories-summarization", VERSION, split, seed, index)
        made = _document(chance, split, difficulty, holdout)
        yield {
            "id": sample_id(WORLD, split, seed, index),
            "document": made.told.text,
            "references": _summaries(chance, made.story),
            "facts": [_fact(happening) for happening in made.story.log if happening.event.main],
            "entities": _entities(made),
            "type": made.told.form,
            "level": made.level,
        }


def qa_rows(
    split: str, *, start: int = 0, seed: int = 0, difficulty: int | None = None, holdout: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield questions about documents, one of each type on each document, without end.

    The arguments are those of :func:`summarization_rows`.

    Yields:
        id, context, question, answers ([]: the text does not say), type, cluster (the document), spans (where the
        text has the answer, [start, end)), evidence (spans of the sentences that one needs), level, form.

    Raises:
        UsageError: an unknown split, level or hold-out.
    """
    _check(split, difficulty, holdout)
    cluster, made, asked = -1, None, []
    for index in itertools.count(start):
        if made is None or index // len(TYPES) != cluster:
            cluster = index // len(TYPES)
            chance = stream("stories-qa", VERSION, split, seed, cluster)
            made = _document(chance, split, difficulty, holdout)
            asked = [(kind, KINDS[kind](chance, made.story, made.told)) for kind in chance.shuffled(TYPES)]
        kind, question = asked[index % len(TYPES)]
        yield {
            "id": sample_id(f"{WORLD}-qa", split, seed, index),
            "context": made.told.text,
            "question": question.text,
            "answers": list(question.answers),
            "type": kind,
            "cluster": sample_id(f"{WORLD}-qa", split, seed, cluster),
            "spans": _spans(made.told, kind, question),
            "evidence": [list(made.told.events[i]) for i in question.evidence],
            "level": made.level,
            "form": made.told.form,
        }


def _check(split: str, difficulty: int | None, holdout: str | None) -> None:
    check_split(split)
    if difficulty is not None and difficulty not in LEVELS:
        raise UsageError(f"difficulty is {difficulty}, but levels go from 1 to 5.")
    if holdout is not None and holdout not in HOLDOUTS:
        raise UsageError(f"no hold-out '{holdout}'.{did_you_mean(holdout, HOLDOUTS)}")


def _document(chance: Stream, split: str, difficulty: int | None, holdout: str | None) -> Document:
    level = difficulty or chance.choice(LEVELS)
    while True:
        made = story(chance, draw(chance, split, partial(core, level=level), lambda one: one.key))
        document = Document(made, tell(chance, made, level), level)
        if holdout is None or _held_out(document, holdout) == (split == "test"):
            return document


def _held_out(made: Document, holdout: str) -> bool:
    if holdout == "lengths":
        return len(made.told.text.split()) > LONG
    with_what = made.story.setting.id if holdout == "pairs" else made.told.form
    return any(split_of(f"held {holdout} {plot.id} {with_what}") == "test" for plot in made.story.plots)


def _summaries(chance: Stream, made: Story) -> list[str]:
    """Return a summary of a sentence a plot, and one that tells all main events."""
    plots = list(zip(made.plots, made.slots, strict=True))
    short = " ".join(chance.choice(plot.short).format(**slots) for plot, slots in plots)
    long = " ".join(event.summary.format(**slots) for plot, slots in plots for event in plot.events if event.main)
    return [_capital(short), _capital(long)]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


_SLOT = re.compile(r"\{(\w+)\}")


def _fact(happening: Happening) -> dict[str, Any]:
    """Return a main event as a sentence and the words that a summary cannot tell it without."""
    summary, slots = happening.event.summary, happening.slots
    return {
        "fact": summary.format(**slots),
        "parts": [slots[name] for name in _SLOT.findall(summary)],
    }


def _entities(made: Document) -> list[str]:
    """Return all people, things and places that the document names."""
    slots = (value for one in made.story.slots for value in one.values())
    names = {value for value in slots if not value.isdigit()} | {name for name, _ in made.story.cast}
    return sorted(name for name in names if name in made.told.text)


def _spans(told: Told, kind: str, question: Question) -> list[list[int]]:
    """Return where the text has the answer: in the sentences one needs, or elsewhere if they have a pronoun.

    A number that has to be calculated, or a time, may stand elsewhere by chance: that is no span.
    """
    if kind == "numerical" or not question.answers:
        return []
    pattern = re.compile("|".join(rf"\b{re.escape(answer)}\b" for answer in question.answers), re.IGNORECASE)
    near = [told.events[i] for i in question.evidence]
    found = [[m.start(), m.end()] for start, end in near for m in pattern.finditer(told.text, start, end)]
    if found or question.answers[0][0].isdigit():
        return found
    return [[m.start(), m.end()] for m in pattern.finditer(told.text)]


__all__ = ["FORMS", "qa_rows", "summarization_rows"]
