"""The gate that stops early: the candidate is run in random order, until every rule on a task is decided. The
baseline is a finished run, or a model that is run beside the candidate on the same samples in the same order.

A verdict reached early is about the benchmark as a list: "were all of its samples answered, the value would be on
this side of the limit", right with the rule's confidence however often one looks. It needs a metric that is a mean
of bounded scores of samples. Rules on other metrics, and rules that are open when all their samples are read, are
judged on the whole list as `mmbench gate` does, which generalises beyond the list and may find them undecided.
Neither adds false passes: a bound beyond the limit puts the value there too.

A sample without an answer counts as the worst possible one against a pass, and as the best possible one against a
failure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmbench.engine.evaluate import Settings
from mmbench.engine.events import Listener, ignore
from mmbench.engine.plan import metrics_of, record_of
from mmbench.engine.samples import TaskSamples, read_samples
from mmbench.engine.select import Selection
from mmbench.engine.sequential import Listed, Seen, evaluate_until, partner_of
from mmbench.gating.judge import gate, refuse_missing_baseline, targets, title
from mmbench.gating.policy import Policy, Rule
from mmbench.gating.verdict import Judged, Outcome, Verdict
from mmbench.metric import Metric, Vector
from mmbench.model import Baseline, Model
from mmbench.stats.sequential import confidence_sequence, decide
from mmbench.store.run import Run


@dataclass(frozen=True, slots=True)
class Effort:
    """How many samples of a task were answered, of how many."""

    task: str
    answered: int
    total: int


@dataclass(frozen=True, slots=True)
class Early:
    """A gate's outcome, the run that it stopped, and what was saved; ``baseline`` is the run beside it, if any."""

    outcome: Outcome
    run: Run
    effort: list[Effort]
    baseline: Run | None = None

    @property
    def saved(self) -> float:
        """Share of all samples that need not be answered."""
        total = sum(item.total for item in self.effort)
        return 1 - sum(item.answered for item in self.effort) / total if total else 0.0


def gate_sequential(
    policy: Policy,
    model: str | Model | Baseline,
    selections: Sequence[Selection],
    setup: Settings,
    baseline: Run | str | Model | Baseline | None = None,
    *,
    extra: Sequence[Metric] = (),
    on_event: Listener = ignore,
) -> Early:
    """Run a candidate only as far as the policy needs, and judge it.

    Args:
        policy: what is asked.
        model: the candidate.
        selections: tasks with their datasets and options.
        setup: everything else about how to run.
        baseline: a run to compare with; or a model, which is then run beside the candidate on the same samples
            (what the response store has of it is not asked again).
        extra: metrics beside the tasks' own.
        on_event: is told how the candidate's run goes on.

    Raises:
        UsageError: as :func:`mmbench.gating.judge.gate`.
        MMBenchError: a model cannot be run.
    """
    known = baseline if isinstance(baseline, Run) else None
    if baseline is None:
        refuse_missing_baseline(policy, None)
    tasks = {
        chosen.label: TaskSamples(record_of(chosen, None, 0, extra), list(metrics_of(chosen, extra)))
        for chosen in selections
    }
    watch = _Watch(targets(policy, tasks), read_samples(known) if known else {})
    if baseline is None or isinstance(baseline, Run):
        run = evaluate_until(watch, model, selections, extra, setup, on_event)
        return Early(gate(policy, run, known, watch.decided), run, list(watch.effort.values()))
    partner = partner_of(baseline, selections, extra, setup)
    try:
        run = evaluate_until(watch, model, selections, extra, setup, on_event, partner)
    finally:
        beside = partner.finish()
    return Early(gate(policy, run, beside, watch.decided), run, list(watch.effort.values()), beside)


class _Watch:
    """Looks at each task between batches, and remembers what is decided."""

    def __init__(self, aims: Sequence[tuple[Rule, str]], baseline: Mapping[str, TaskSamples]) -> None:
        self.aims, self.baseline = aims, baseline
        self.decided: dict[tuple[Rule, str], Judged] = {}
        self.effort: dict[str, Effort] = {}

    def __call__(
        self,
        label: str,
        metrics: Sequence[Metric],
        listed: Sequence[Listed],
        seen: Sequence[Seen],
        before: Sequence[Seen] | None,
    ) -> bool:
        self.effort[label] = Effort(label, len(seen), len(listed))
        mine = [(rule, name) for rule, name in self.aims if name == label]
        for rule, _ in mine:
            if (rule, label) not in self.decided:
                metric = next(metric for metric in metrics if metric.name == rule.metric)
                asked = _Question(rule, metric, self.baseline.get(label), before)
                self._look(asked, label, listed, seen)
        return bool(mine) and all((rule, label) in self.decided for rule, _ in mine)

    def _look(self, asked: "_Question", label: str, listed: Sequence[Listed], seen: Sequence[Seen]) -> None:
        rule, found = asked.rule, asked.values(listed, seen)
        if found is None:
            return
        worst, best, size = found
        if len(worst) == size:  # nothing is left to predict: the ordinary gate also knows how little a list may be
            return
        tails = 1 - rule.confidence, (1 - rule.confidence) / len(self.aims)
        verdict = decide(worst, best, size, asked.edge, *tails)
        if verdict:
            self.decided[rule, label] = asked.judged(label, verdict, worst, best, size, tails)


class _Question:
    """A rule as a question about a mean of values in [0, 1]: is it above ``edge``?

    The baseline is another run, or what was seen of a model that answers beside the candidate.
    """

    def __init__(
        self, rule: Rule, metric: Metric, other: TaskSamples | None, beside: Sequence[Seen] | None
    ) -> None:
        self.rule, self.metric, self.other, self.beside = rule, metric, other, beside
        self.low, self.width = metric.range[0], metric.range[1] - metric.range[0]
        self.scale = 100.0 if metric.range == (0, 1) else 1.0
        limit = rule.min if rule.min is not None else rule.max
        if limit is None:
            self.edge = 0.5 - (rule.max_drop or 0.0) / (2 * self.scale * self.width)
            self.flip = not metric.higher_is_better
        else:
            share = (limit / self.scale - self.low) / self.width
            self.flip = rule.max is not None
            self.edge = 1 - share if self.flip else share

    def values(self, listed: Sequence[Listed], seen: Sequence[Seen]) -> tuple[Vector, Vector, int] | None:
        """Return the values so far at their worst and best, in order, and the length of the list; None if none."""
        key, _, value = self.rule.slice.partition("=")
        ids = {item.id for item in listed if not key or item.slices.get(key) == value}
        scores = self._scores(seen)
        if self.rule.needs_baseline:
            before = self._before() if self.beside is None else self._scores(self.beside)
            ids &= before.keys() if self.beside is None else {item.id for item in listed}
        own = [item.id for item in seen if item.id in ids]
        if not any(name in scores for name in own):
            return None
        worst, best = self._ends(scores, own)
        if self.rule.needs_baseline:
            lowest, highest = self._ends(before, own)
            worst, best = (worst - highest + 1) / 2, (best - lowest + 1) / 2
        return (1 - best, 1 - worst, len(ids)) if self.flip else (worst, best, len(ids))

    def _scores(self, seen: Sequence[Seen]) -> dict[str, float]:
        """Return the score of each answered sample, in [0, 1]; none if the metric is not a mean of them."""
        answered = [(item.id, item.statistics[self.metric.name]) for item in seen if item.statistics is not None]
        statistics = np.asarray([vector for _, vector in answered])
        if not answered or not self._is_mean(statistics):
            return {}
        return dict(zip((name for name, _ in answered), self._shares(statistics).tolist(), strict=True))

    @staticmethod
    def _ends(scores: Mapping[str, float], names: Sequence[str]) -> tuple[Vector, Vector]:
        """Return scores at their worst and best: 0 and 1 where there is no answer."""
        worst, best = ([scores.get(name, end) for name in names] for end in (0.0, 1.0))
        return np.asarray(worst), np.asarray(best)

    def judged(
        self, label: str, verdict: int, worst: Vector, best: Vector, size: int, tails: tuple[float, float]
    ) -> Judged:
        """Word a decision in the unit that tables show."""
        low = confidence_sequence(worst, size, tails)[0]
        high = confidence_sequence(best, size, tails)[1]
        shown = [self._shown(share) for share in (float((worst.mean() + best.mean()) / 2), low, high)]
        if self.flip and not self.rule.needs_baseline:
            shown[1], shown[2] = shown[2], shown[1]
        reason = (
            f"{shown[0]:.2f} after {len(worst):,} of {size:,} samples; "
            f"the whole list is between {shown[1]:.2f} and {shown[2]:.2f}"
        )
        kind = Verdict.passed if verdict > 0 else Verdict.failed
        return Judged(title(self.rule), label, kind, shown[0], shown[1], shown[2], len(worst), reason)

    def _shown(self, share: float) -> float:
        if self.rule.needs_baseline:
            return (2 * share - 1) * self.width * self.scale
        return (self.low + (1 - share if self.flip else share) * self.width) * self.scale

    def _before(self) -> dict[str, float]:
        """Return the baseline's score of each sample, in [0, 1]; none if its metric is not a mean, or another."""
        other, name = self.other, self.metric.name
        if other is None or name not in other.statistics or self.metric.signature not in other.record.metrics:
            return {}
        statistics = other.statistics[name]
        if not self._is_mean(statistics):
            return {}
        return dict(zip(other.ids, self._shares(statistics).tolist(), strict=True))

    def _is_mean(self, statistics: Vector) -> bool:
        """Tell whether the metric's value is the mean of its values on single samples, and bounded."""
        if not np.isfinite(self.width) or statistics.shape[1] != 2 or not np.all(statistics[:, 1] == 1.0):
            return False
        single = self.metric.aggregate(statistics)
        whole = float(self.metric.aggregate(statistics.sum(axis=0)))
        return bool(np.all(np.isfinite(single))) and abs(whole - float(single.mean())) <= 1e-9 * self.width

    def _shares(self, statistics: Vector) -> Vector:
        """Return scores of single samples as shares of the metric's range, shape (n,)."""
        return np.clip((self.metric.aggregate(statistics) - self.low) / self.width, 0.0, 1.0)
