"""Answering a task's rows in random order, and only until somebody has seen enough."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from mmbench.data import Rows, samples
from mmbench.engine.evaluate import Evaluation, Settings, run_selections
from mmbench.engine.events import Listener, ignore
from mmbench.engine.partner import Partner
from mmbench.engine.plan import Plan
from mmbench.engine.runner import TaskRunner
from mmbench.engine.scoring import Scored, Scorer
from mmbench.engine.select import Selection
from mmbench.metric import Metric
from mmbench.model import Baseline, Model
from mmbench.store.run import Run

FIRST, GROWTH = 32, 8
"""Samples before the first look; after it, an eighth of what was answered so far is added between looks."""
_ORDER = 0x5E


@dataclass(frozen=True, slots=True)
class Listed:
    """One sample of the list that is read in random order."""

    id: str
    slices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """One answered sample: each metric's statistics, None without an answer; and the seconds it took."""

    id: str
    statistics: Mapping[str, Sequence[float]] | None


Enough = Callable[[str, Sequence[Metric], Sequence[Listed], Sequence[Seen], Sequence[Seen] | None], bool]
"""Asked with "task:dataset", metrics, the whole list, what was answered so far in its order, and the same of the
partner; None if there is none."""


def evaluate_until(
    enough: Enough,
    model: str | Model | Baseline,
    selections: Sequence[Selection],
    extra: Sequence[Metric],
    setup: Settings,
    on_event: Listener = ignore,
    partner: Partner | None = None,
) -> Run:
    """Run a model over tasks, each in a random order fixed by the seed, until ``enough`` says so or rows run out.

    Answers go to the response store as ever. A task's rows are held in memory while it runs. A task that was
    stopped early is "done", its record's ``reason`` says after how many samples. A partner answers the same rows.

    Raises:
        MMBenchError: as :func:`mmbench.engine.evaluate.evaluate`.
    """
    job = partial(_Sequential, enough, partner)
    return run_selections(model, selections, extra, setup, on_event, job=job)


def partner_of(
    model: str | Model | Baseline,
    selections: Sequence[Selection],
    extra: Sequence[Metric],
    setup: Settings,
    on_event: Listener = ignore,
) -> Partner:
    """Load a model that answers the same rows, step by step.

    Raises:
        MMBenchError: it cannot be loaded.
    """
    return Partner(model, selections, extra, setup, _Remembering, on_event)


class _Sequential(Evaluation):
    def __init__(self, enough: Enough, partner: Partner | None, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.enough, self.partner = enough, partner

    def scorer(self, plan: Plan) -> Scorer:
        return _Remembering(plan.metrics, self.setup.seed)

    def answer(self, plan: Plan, runner: TaskRunner) -> None:
        scorer = runner.scorer
        assert isinstance(scorer, _Remembering)
        rows = list(plan.rows)
        listed = [Listed(s.id, dict(s.slices)) for s in samples(runner.task, _Part.of(plan.rows, rows))]
        order = np.random.default_rng([self.setup.seed, _ORDER]).permutation(len(rows))
        done = 0
        while done < len(rows):
            step = max(FIRST, done // GROWTH)
            part = _Part.of(plan.rows, [rows[i] for i in order[done : done + step]])
            runner.run(part, self.folder)
            before = self.partner.answer(plan.selection.label, part) if self.partner else None
            done = min(done + step, len(rows))
            if self.enough(plan.selection.label, plan.metrics, listed, scorer.seen, before) and done < len(rows):
                runner.record.reason = f"stopped after {done:,} of {len(rows):,} samples: every rule is decided"
                return


class _Remembering(Scorer):
    """Keeps each sample's statistics in the order of their coming."""

    def __init__(self, metrics: Sequence[Metric], seed: int) -> None:
        super().__init__(metrics, seed)
        self.seen: list[Seen] = []

    def add(self, scored: Sequence[Scored]) -> None:
        super().add(scored)
        for item in scored:
            found = None if item.statistics is None else self.by_metric(item.statistics)
            self.seen.append(Seen(item.sample.id, found))


@dataclass
class _Part(Rows):
    """Some rows of a dataset, in a given order."""

    kept: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Rows, kept: list[dict[str, Any]]) -> "_Part":
        return cls(**vars(replace(rows)), kept=kept)

    def __iter__(self) -> Any:
        return iter(self.kept)
