"""Rows: documents to summarise, and questions about documents."""

import itertools
import re
from collections.abc import Iterator
from functools import cache, partial
from typing import Any, NamedTuple

from mmbench_tasks.worlds.stories.plots import Setting, people
from mmbench_tasks.worlds.stories.questions import KINDS, Question
from mmbench_tasks.worlds.stories.story import Happening, Story, core, scene, story
from mmbench_tasks.worlds.stories.telling import FORMS, Told, tell
from mmbench_tasks.worlds.streams import Stream, draw, sample_id, stream
from mmbench_tasks.worlds.text_options import Holdout, Kind, Plan, held, marks, options

WORLD, VERSION = "stories", "2"
TYPES = tuple(KINDS)
LONG = {"report": 290, "dialogue": 412, "letter": 298, "log": 275}
"""Words; longer documents of a form are held out."""
_ABLE: dict[Kind, tuple[int, ...]] = {"pair": (1, 2, 3, 4, 5), "structure": (1, 2, 3, 4, 5), "length": (5,)}


class Document(NamedTuple):
    """A story and its telling."""

    story: Story
    told: Told


def summarization_rows(
    split: str, *, start: int = 0, seed: int = 0, difficulty: int | None = None, holdout: Holdout = "auto"
) -> Iterator[dict[str, Any]]:
    """Yield reports, dialogues and letters with two summaries, without end.

    Args:
        split: train, validation or test; no two share who does what with which thing.
        start: the first index.
        seed: the user's seed.
        difficulty: 1 to 5: more plots, interwoven, and more that has nothing to do with them; None mixes all.
        holdout: pairs of plot and setting, of plot and form ("structure") and lengths that training never shows:
            "auto" (in every fifth document of test), "only" or "never".

    Yields:
        id, document, references (short, long), facts (who, what and where: a summary that names anything else of
        ``lexicon`` invents it), lexicon (fact -> phrases that state it), events (one for each main event: fact,
        parts, which all must be in a summary that tells it), type (the form), difficulty, split_kind, holdout.

    Raises:
        UsageError: an unknown split, level or hold-out.
    """
    chosen = options(split, difficulty, holdout, _ABLE)
    for index in itertools.count(start):
        chance = stream("stories-summarization", VERSION, split, seed, index)
        plan = chosen.plan(chance, index)
        made = _document(chance, split, plan)
        yield {
            "id": sample_id(WORLD, split, seed, index),
            "document": made.told.text,
            "references": _summaries(chance, made.story),
            "facts": _entities(made),
            "lexicon": _lexicon(made.story.setting),
            "events": [_event(happening) for happening in made.story.log if happening.event.main],
            "type": made.told.form,
            **marks(plan),
        }


def qa_rows(
    split: str, *, start: int = 0, seed: int = 0, difficulty: int | None = None, holdout: Holdout = "auto"
) -> Iterator[dict[str, Any]]:
    """Yield questions about documents, one of each type on each document, without end.

    The arguments are those of :func:`summarization_rows`.

    Yields:
        id, context, question, answers ([]: the text does not say), type, cluster (the document), spans (where the
        text has the answer, [start, end)), evidence (spans of the sentences that one needs), form, difficulty,
        split_kind, holdout.

    Raises:
        UsageError: an unknown split, level or hold-out.
    """
    chosen = options(split, difficulty, holdout, _ABLE)
    cluster, made, asked = -1, None, []
    for index in itertools.count(start):
        if made is None or index // len(TYPES) != cluster:
            cluster = index // len(TYPES)
            chance = stream("stories-qa", VERSION, split, seed, cluster)
            plan = chosen.plan(chance, cluster)
            made = _document(chance, split, plan)
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
            "form": made.told.form,
            **marks(plan),
        }


def _document(chance: Stream, split: str, plan: Plan) -> Document:
    """Draw a document that has what the plan holds out, or nothing that is held out."""
    form = chance.choice(FORMS)
    while True:
        if plan.kind:  # not every form can have what is held out
            form = chance.choice(FORMS)
        where = scene(chance, plan.level)
        has = held_out(where.setting.id, [plot.id for plot in where.plots], form)
        # Telling costs most: do not tell what cannot be used.
        if (has and not plan.kind) or (plan.kind in ("pair", "structure") and plan.kind not in has):
            continue
        made = story(chance, draw(chance, split, partial(core, where=where), lambda one: one.key))
        document = Document(made, tell(chance, made, plan.level, form))
        if len(document.told.text.split()) > LONG[form]:
            has.add("length")
        if plan.kind in has if plan.kind else not has:
            return document


def held_out(setting: str, plots: list[str], form: str) -> set[str]:
    """Return what in a document is held out, its length apart: pair, structure."""
    found = set()
    if any(held(f"pair {plot} {setting}") for plot in plots):
        found.add("pair")
    if any(held(f"structure {plot} {form}") for plot in plots):
        found.add("structure")
    return found


def _summaries(chance: Stream, made: Story) -> list[str]:
    """Return a summary of a sentence a plot, and one that tells all main events."""
    plots = list(zip(made.plots, made.slots, strict=True))
    short = " ".join(chance.choice(plot.short).format_map(slots) for plot, slots in plots)
    long = " ".join(
        event.summary.format_map(slots) for plot, slots in plots for event in plot.events if event.main
    )
    return [_capital(short), _capital(long)]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


_SLOT = re.compile(r"\{(\w+)\}")


def _event(happening: Happening) -> dict[str, Any]:
    """Return a main event as a sentence and the words that a summary cannot tell it without."""
    summary, slots = happening.event.summary, happening.slots
    return {
        "fact": summary.format_map(slots),
        "parts": [slots[name] for name in _SLOT.findall(summary)],
    }


@cache
def _lexicon(setting: Setting) -> dict[str, list[str]]:
    """Return all that a document in this setting could name."""
    things = (*setting.objects, *setting.fragile, *setting.places, *setting.items, *setting.groups)
    return {name: [name] for name in sorted({*things, *(name for name, _ in people())})}


def _entities(made: Document) -> list[str]:
    """Return all people, things and places that the document names."""
    slots = {value for one in made.story.slots for value in one.values()} | {name for name, _ in made.story.cast}
    return [name for name in _lexicon(made.story.setting) if name in slots and name in made.told.text]


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
