"""All that a report says, gathered from run folders; templates only lay it out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmbench.store.run import Run
from mmbench_reports import calibration, confusion
from mmbench_reports.ablation import Ablation, Factor, ablation_of
from mmbench_reports.blocks import blocks_of
from mmbench_reports.calibration import Curve
from mmbench_reports.cards import FEW, Card, asked_of, cards_of, has_media, weight
from mmbench_reports.columns import Column, Place, columns_of
from mmbench_reports.confusion import Confusion
from mmbench_reports.efficiency import Table, table_of
from mmbench_reports.forest import forest
from mmbench_reports.learning import Learning, learning_of
from mmbench_reports.matrix import Matrix, matrix_of
from mmbench_reports.media import Shelf
from mmbench_reports.numbers import count_text, counted, seconds_text
from mmbench_reports.plots import NARROW, PERCENT, WIDE, overview
from mmbench_reports.tables import Block, Problem, problems_of
from mmbench_reports.tradeoffs import Tradeoff, tradeoffs_of
from mmbench_reports.verdict import Verdict, verdict_of
from mmbench_reports.wordings import Wording, wordings_of

MOST_SAMPLES, ALL_SAMPLES = 40, 400
"""Samples that a page shows of each task, and about how many of all tasks."""
MANY = 6
"""Models beyond which they are rows, not columns, and pictures of all of them are folded away."""
LONG = 16
"""Metrics of all tasks that a reader takes in at one glance."""
BUDGET = 4_000_000
"""About how many bytes of a page are samples."""


@dataclass(frozen=True)
class Fact:
    """One figure that belongs to the whole report."""

    name: str
    value: str


@dataclass(frozen=True)
class Page:
    """The contents of a report."""

    title: str
    columns: list[Column]
    blocks: list[Block]
    problems: list[Problem]
    verdict: Verdict
    facts: list[Fact]
    charts: list[str]
    methods: list[str]
    confusions: list[tuple[Block, list[Confusion]]]
    samples: list[tuple[Block, list[Card]]]
    efficiency: Table
    forests: list[str]
    calibrations: list[tuple[Block, list[Curve], str]]
    tradeoffs: list[Tradeoff]
    learning: list[Learning]
    wordings: list[tuple[Block, list[Wording]]]
    matrix: Matrix | None = None
    ablation: Ablation | None = None

    @property
    def is_crowded(self) -> bool:
        """Whether there are too many models for a column each."""
        return len(self.columns) > MANY

    @property
    def is_long(self) -> bool:
        """Whether a table of all metrics hides the main ones."""
        return sum(len(block.lines) for block in self.blocks) > LONG

    @property
    def has_other_scales(self) -> bool:
        """Whether a main metric does not run from 0 to 1 or 100."""
        return any(block.lines and block.lines[0].bounds not in PERCENT for block in self.blocks)

    @property
    def has_differences(self) -> bool:
        """Whether any answer is shown as it differs from its target."""
        return any(answer.pieces for _, cards in self.samples for card in cards for answer in card.answers)

    @property
    def has_contrasts(self) -> bool:
        """Whether any run was compared with the first."""
        return any(block.contrasts for block in self.blocks)

    @property
    def several(self) -> bool:
        """Whether runs are compared."""
        return len(self.columns) > 1


def page_of(runs: Sequence[Run], budget: int | None = None, factors: Sequence[Factor] = ()) -> Page:
    """Read runs as far as a report needs them.

    Raises:
        StoreError: a file of a run folder cannot be read.
        UsageError: a factor names a model that has no run.
    """
    columns = columns_of(runs)
    blocks = blocks_of(columns)
    layouts = (WIDE, NARROW) if len(columns) > 1 else (NARROW,)
    charts = [chart for layout in layouts if (chart := overview(columns, blocks, layout))]
    matrix = matrix_of(columns, blocks) if factors or len(columns) > MANY else None
    ablation = ablation_of(columns, matrix, factors) if matrix and factors else None
    return Page(
        title=_title(columns),
        columns=columns,
        blocks=blocks,
        problems=problems_of(columns),
        verdict=ablation.verdict if ablation else verdict_of(columns, blocks),
        facts=_facts(columns, blocks),
        charts=charts,
        methods=_methods(columns),
        confusions=list(confusion.each(blocks, columns)),
        samples=_samples(columns, blocks, BUDGET if budget is None else budget),
        efficiency=table_of(columns, blocks),
        forests=[chart for layout in (WIDE, NARROW) if (chart := forest(columns, blocks, layout))],
        calibrations=list(calibration.each(blocks, columns)),
        tradeoffs=tradeoffs_of(columns, blocks),
        learning=learning_of(columns),
        wordings=wordings_of(columns, blocks),
        matrix=matrix,
        ablation=ablation,
    )


def with_fewer_samples(page: Page, budget: int) -> Page:
    """Return a page whose samples take about ``budget`` bytes.

    Raises:
        StoreError: a file of a run folder cannot be read.
    """
    return replace(page, samples=_samples(page.columns, page.blocks, budget))


def _title(columns: Sequence[Column]) -> str:
    labels = [column.label for column in columns]
    return " vs ".join(labels) if len(labels) <= MANY else f"{labels[0]} vs {len(labels) - 1} others"


def _samples(columns: Sequence[Column], blocks: Sequence[Block], budget: int) -> list[tuple[Block, list[Card]]]:
    """Make cards. Room is shared out by need; tasks with media go first, for their need is only guessed."""
    count = max(FEW, min(MOST_SAMPLES, ALL_SAMPLES // max(1, len(blocks))))
    asked = {block.place: asked_of(columns, block, count) for block in blocks}
    needs = {place: sum(weight(one) for one in samples) for place, samples in asked.items()}
    made: dict[Place, list[Card]] = {}
    left, needed = budget, sum(needs.values())
    for place in sorted(asked, key=lambda place: not has_media(asked[place])):
        share = left * needs[place] // max(1, needed)
        shelf = Shelf(share)
        made[place] = list(cards_of(asked[place], shelf))
        left, needed = left - share + shelf.left, needed - needs[place]
    return [(block, made[block.place]) for block in blocks if made[block.place]]


def _facts(columns: Sequence[Column], blocks: Sequence[Block]) -> list[Fact]:
    tasks = [task for column in columns for task in column.manifest.tasks]
    finished = sum(bool(block.lines) for block in blocks)
    samples = sum(task.efficiency.samples for task in tasks if task.status == "done")
    errors = sum(task.errors for task in tasks if task.status == "done")
    seconds = sum(task.efficiency.seconds for task in tasks)
    facts = [
        Fact("Tasks", count_text(finished) if finished == len(blocks) else f"{finished} of {len(blocks)}"),
        Fact("Samples answered", count_text(samples - errors)),
    ]
    if len(columns) > 1:
        facts.insert(0, Fact("Models", count_text(len(columns))))
    if errors:
        facts.append(Fact("Without an answer", count_text(errors)))
    if seconds:
        facts.append(Fact("Wall time", seconds_text(seconds)))
    return facts


def _methods(columns: Sequence[Column]) -> list[str]:
    """Say how intervals were made, most used first."""
    used: dict[str, int] = {}
    for column in columns:
        for entry in column.entries:
            if entry.interval:
                told = f"{entry.interval.level:.0%} {entry.interval.method.replace('|', ', ').replace(':', ' ')}"
                used[told] = used.get(told, 0) + 1
    return [
        f"{told} ({counted(count, 'value')})" for told, count in sorted(used.items(), key=lambda pair: -pair[1])
    ]
