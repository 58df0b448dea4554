"""One card a sample: what was shown and asked, what was wanted, what each model said and how that was scored."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmbench_reports.columns import Column
from mmbench_reports.diff import Piece, diff
from mmbench_reports.media import Medium, Shelf
from mmbench_reports.picking import pick
from mmbench_reports.rows import Row, Samples
from mmbench_reports.scores import Score, Scorer, Verdict, scorer_of
from mmbench_reports.tables import Block
from mmbench_reports.texts import MOST, Folded, folded, targets_of, texts_of

FEW = 10
"""Samples of a task that are shown however large they are."""
PICTURES = 6
"""Pictures or sounds of one sample that are shown."""
TARGETS = 6
"""Distinct references of one sample that are shown."""
_MEDIUM = 14_000  # bytes of a picture on a page, more or less


@dataclass(frozen=True)
class Answer:
    """One model's answer. ``text`` is None where there is none and ``error`` says why.

    ``share`` is the main metric's score from 0 (worst) to 1 (best), None where it has no such score.
    ``raw`` holds the model's own words where they are not the answer that was scored, ``pieces`` how the answer
    differs from its target, where that can be shown.
    """

    column: Column
    text: Folded | None
    error: str | None
    verdict: Verdict
    share: float | None
    scores: list[Score]
    raw: list[Folded]
    pieces: list[Piece]


@dataclass(frozen=True)
class Card:
    """A sample with the answers of every run that has it. ``key`` is the same in every report."""

    key: str
    id: str
    slices: dict[str, str]
    prompt: Folded
    media: list[Medium]
    more_media: int
    targets: list[Folded]
    more_targets: int
    choices: list[str]
    answers: tuple[Answer, ...]

    @property
    def slice_names(self) -> list[str]:
        """The slices as ``name=value``."""
        return [f"{name}={value}" for name, value in self.slices.items()]

    @property
    def verdicts(self) -> list[str]:
        """Each run's verdict as ``index:verdict``, by the run's place in the report."""
        return [f"{answer.column.index}:{answer.verdict}" for answer in self.answers]

    @property
    def gap(self) -> float:
        """How far the models' main scores lie apart, 0..1."""
        shares = [answer.share for answer in self.answers if answer.share is not None]
        return max(shares) - min(shares) if shares else 0.0


Asked = list[tuple[Column, Scorer, Row]]
"""One sample as each run that has it was asked it."""


def asked_of(columns: Sequence[Column], block: Block, count: int) -> list[Asked]:
    """Pick at most ``count`` samples of a task, worst first.

    Raises:
        StoreError: a file of a run folder cannot be read.
    """
    samples = [Samples(column.run, block.place) for column in columns]
    scorers = [scorer_of(block, column.index) for column in columns]
    ids = pick(samples, scorers, count)
    found = [one.rows(ids) if ids else {} for one in samples]
    return [
        [
            (column, scorer, rows[identity])
            for column, scorer, rows in zip(columns, scorers, found, strict=True)
            if identity in rows
        ]
        for identity in ids
    ]


def cards_of(asked: Sequence[Asked], shelf: Shelf) -> Iterator[Card]:
    """Yield cards in the same order; not all of them, but ``FEW``, if the shelf fills up."""
    for number, answers in enumerate(asked):
        if number >= FEW and shelf.is_full:
            return
        yield card_of(answers, shelf)
        shelf.spend(_texts(answers))


def has_media(asked: Sequence[Asked]) -> bool:
    """Tell whether any sample has pictures or sounds."""
    return any(answers[0][2].media for answers in asked)


def weight(asked: Asked) -> int:
    """Estimate the bytes that a sample adds to a page."""
    return _texts(asked) + _MEDIUM * min(PICTURES, len(asked[0][2].media))


def _texts(asked: Asked) -> int:
    rows = [row for _, _, row in asked]
    shown = min(MOST, len(rows[0].prompt)) + sum(min(MOST, len(row.prediction or "")) for row in rows)
    return 1_500 + 600 * len(rows) + shown


def card_of(answers: Asked, shelf: Shelf) -> Card:
    """Lay out one sample."""
    column, scorer, row = answers[0]
    targets = targets_of(row.target)
    name = "\n".join((*scorer.place, row.id))
    return Card(
        key=f"s-{hashlib.sha256(name.encode()).hexdigest()[:12]}",
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
    text = None if row.prediction is None else folded(row.prediction)
    said = [response["text"] or "" for response in row.responses]
    return Answer(
        column=column,
        text=text,
        error=row.error,
        verdict=scorer.verdict(row.statistics, row.error),
        share=scorer.share(row.statistics) if row.error is None else 0.0,
        scores=scorer.scores(row.statistics),
        raw=[folded(text) for text in said if text and text != row.prediction],
        pieces=[] if text is None or text.rest else diff(text.head, texts_of(row.target)),
    )
