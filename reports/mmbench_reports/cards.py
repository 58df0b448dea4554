"""One card a sample: what was shown and asked, what was wanted, what each model said and how that was scored."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mmbench_reports.columns import Column
from mmbench_reports.media import Medium, Shelf
from mmbench_reports.picking import pick
from mmbench_reports.rows import Row, Samples
from mmbench_reports.scores import Score, Scorer, Verdict, scorer_of
from mmbench_reports.tables import Block

PICTURES = 6
"""Pictures or sounds of one sample that are shown."""
TARGETS = 6
"""Distinct references of one sample that are shown."""
_HEAD, _WHOLE, _MOST = 420, 560, 12_000


@dataclass(frozen=True)
class Folded:
    """A text, of which ``rest`` is folded away and ``dropped`` characters are left out."""

    head: str
    rest: str = ""
    dropped: int = 0


@dataclass(frozen=True)
class Answer:
    """One model's answer. ``text`` is None where there is none and ``error`` says why.

    ``raw`` holds the model's own words where they are not the answer that was scored.
    """

    column: Column
    text: Folded | None
    error: str | None
    verdict: Verdict
    scores: list[Score]
    raw: list[Folded]
    latency: float


@dataclass(frozen=True)
class Card:
    """A sample with the answers of every run that has it. ``key`` is the same in every report."""

    key: str
    block: Block
    id: str
    slices: dict[str, str]
    prompt: Folded
    media: list[Medium]
    more_media: int
    targets: list[Folded]
    more_targets: int
    choices: list[str]
    answers: tuple[Answer, ...]


def cards_of(columns: Sequence[Column], block: Block, count: int, shelf: Shelf) -> Iterator[Card]:
    """Yield cards of at most ``count`` samples of a task, worst first.

    Raises:
        StoreError: a file of a run folder cannot be read.
    """
    samples = [Samples(column.run, block.place) for column in columns]
    scorers = [scorer_of(block, column.index) for column in columns]
    ids = pick(samples, scorers, count)
    found = [one.rows(ids) if ids else {} for one in samples]
    for identity in ids:
        here = [
            (column, scorer, rows[identity])
            for column, scorer, rows in zip(columns, scorers, found, strict=True)
            if identity in rows
        ]
        yield _card(block, here, shelf)


def folded(text: str) -> Folded:
    """Fold a long text at the end of a word.

    >>> folded("short")
    Folded(head='short', rest='', dropped=0)
    """
    if len(text) <= _WHOLE:
        return Folded(text)
    space = re.search(r"\s\S*$", text[:_HEAD])
    cut = space.start() if space and space.start() > _HEAD // 2 else _HEAD
    return Folded(text[:cut], text[cut:_MOST].lstrip(), max(0, len(text) - _MOST))


def media_marks(text: str) -> list[tuple[bool, str]]:
    r"""Part a prompt's words from the lines that stand for its media.

    >>> media_marks("<image>\nWhat is this?")
    [(True, 'image'), (False, '\nWhat is this?')]
    """
    parts = re.split(r"^<(image|audio|video)>$", text, flags=re.MULTILINE)
    return [(index % 2 == 1, part) for index, part in enumerate(parts) if part]


def targets_of(target: Any) -> list[str]:
    """Return what was wanted as texts; equal ones are told once, with their number.

    >>> targets_of(["two", "two", "2"]), targets_of("a"), targets_of({"x": 1}), targets_of([])
    (['two ×2', '2'], ['a'], ['{"x":1}'], [])
    """
    items = target if isinstance(target, list) else [] if target is None else [target]
    counts = Counter(item if isinstance(item, str) else msgspec.json.encode(item).decode() for item in items)
    return [text if count == 1 else f"{text} ×{count}" for text, count in counts.items()]


def _card(block: Block, answers: Sequence[tuple[Column, Scorer, Row]], shelf: Shelf) -> Card:
    column, _, row = answers[0]
    targets = targets_of(row.target)
    name = "\n".join((*block.place, row.id))
    return Card(
        key=f"s-{hashlib.sha256(name.encode()).hexdigest()[:12]}",
        block=block,
        id=row.id,
        slices=row.slices,
        prompt=folded(row.prompt),
        media=[shelf.take(column.run, digest) for digest in row.media[:PICTURES]],
        more_media=max(0, len(row.media) - PICTURES),
        targets=[folded(text) for text in targets[:TARGETS]],
        more_targets=max(0, len(targets) - TARGETS),
        choices=row.choices,
        answers=tuple(_answer(*answer) for answer in answers),
    )


def _answer(column: Column, scorer: Scorer, row: Row) -> Answer:
    said = [response["text"] or "" for response in row.responses]
    return Answer(
        column=column,
        text=None if row.prediction is None else folded(row.prediction),
        error=row.error,
        verdict=scorer.verdict(row.statistics, row.error),
        scores=scorer.scores(row.statistics),
        raw=[folded(text) for text in said if text and text != row.prediction],
        latency=sum(response["latency"] or 0.0 for response in row.responses),
    )
