"""Stories: short reports from an event log, with summaries, facts and questions."""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmbench_tasks.worlds.streams import Stream, draw, sample_id, stream

VERSION = "0"
_NAMES = ("Anna", "Ben", "Clara", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kofi", "Lena")
_THINGS = ("ladder", "projector", "key", "map", "camera", "tent", "drill", "ledger", "lantern", "trophy")
_PLACES = ("library", "workshop", "kitchen", "garage", "office", "attic", "harbour", "town hall")
_DISTRACTORS = (
    "It rained for most of the day.",
    "The coffee machine was out of order.",
    "A school class came by.",
)


class _Story(NamedTuple):
    names: tuple[str, ...]
    thing: str
    places: tuple[str, ...]
    hours: tuple[int, ...]
    sentences: tuple[str, ...]


def _story(chance: Stream) -> _Story:
    names, places = chance.sample(_NAMES, 2), chance.sample(_PLACES, 3)
    thing, first = chance.choice(_THINGS), chance.between(7, 10)
    hours = (first, first + chance.between(1, 5))
    sentences = (
        f"At {hours[0]} o'clock {names[0]} carried the {thing} from the {places[0]} to the {places[1]}.",
        chance.choice(_DISTRACTORS),
        f"At {hours[1]} o'clock {names[1]} took the {thing} to the {places[2]}.",
    )
    return _Story(tuple(names), thing, tuple(places), hours, sentences)


def _stories(split: str, kind: str, seed: int, index: int) -> _Story:
    return draw(
        stream(f"stories-{kind}", VERSION, split, seed, index), split, _story, lambda s: " ".join(s.sentences)
    )


def summarization_rows(split: str, *, start: int = 0, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Yield reports with a short and a long summary and the facts in them, without end.

    Raises:
        UsageError: an unknown split.
    """
    for index in itertools.count(start):
        story = _stories(split, "summarization", seed, index)
        short = f"{story.names[0]} and {story.names[1]} moved the {story.thing} to the {story.places[2]}."
        yield {
            "id": sample_id("stories", split, seed, index),
            "document": " ".join(story.sentences),
            "references": [short, f"{story.sentences[0]} {story.sentences[2]}"],
            "facts": [*story.names, story.thing, story.places[2]],
            "type": "report",
        }


def qa_rows(split: str, *, start: int = 0, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Yield questions on reports with answers and spans, four on each report, without end.

    Raises:
        UsageError: an unknown split.
    """
    for index in itertools.count(start):
        story = _stories(split, "qa", seed, index // 4)
        context, thing = " ".join(story.sentences), story.thing
        kind, question, answers = (
            ("extractive", f"Who carried the {thing} to the {story.places[1]}?", [story.names[0]]),
            ("multi_hop", f"Where is the {thing} at the end?", [story.places[2]]),
            (
                "numerical",
                f"How many hours lie between the two moves of the {thing}?",
                [str(story.hours[1] - story.hours[0])],
            ),
            ("unanswerable", f"Who repaired the {thing}?", []),
        )[index % 4]
        spans = [[context.index(a), context.index(a) + len(a)] for a in answers if kind != "numerical"]
        yield {
            "id": sample_id("stories-qa", split, seed, index),
            "context": context,
            "question": question,
            "answers": answers,
            "type": kind,
            "cluster": sample_id("stories", split, seed, index // 4),
            "spans": spans,
        }
