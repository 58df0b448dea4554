"""``diff``: why two runs differ, and how many points each cause explains.

Causes are found by comparing what the runs kept: ids, references, prompt bytes, options, answers, predictions,
signatures. Points are found by walking from A to B, one change at a time, scoring stored answers again at each
step, so that the steps add up to the whole difference:

1. A on the samples that both runs answered (*items*),
2. scored as B was: its references, its reading of answers, its metric (*dataset*, *extraction*, *metric*),
3. with B's answers where the prompt changed (*prompt* or *dataset*),
4. with B's other answers (*decoding*, *model*, *numerics*),
5. on all samples of B (*items*).

Causes that change the same step cannot be told apart by their points and share them. Where the installed code
cannot score as B was scored, but can score as A was, steps 3 and 4 are walked first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mmbench.engine.causes import Cause, Pair, Side, find_causes
from mmbench.engine.rescore import Rescored, ready_metrics, rescored, task_of
from mmbench.engine.scoring import Scorer
from mmbench.errors import StoreError
from mmbench.metric import Metric, Vector
from mmbench.store.records import TaskRecord
from mmbench.store.run import Run

_SCORING = (Cause.dataset, Cause.extraction, Cause.metric)
_ANSWERING = (Cause.decoding, Cause.model, Cause.numerics)
Statistics = Mapping[str, Vector]


@dataclass(frozen=True, slots=True)
class Step:
    """One change on the way from A to B: what caused it, and by how much it moved the value."""

    causes: tuple[Cause, ...]
    points: float


@dataclass(frozen=True, slots=True)
class MetricDiff:
    """One metric: its value in A and in B, and the steps between, which add up.

    ``percent`` tells that values are shares of one, shown times 100;
    ``note`` says why the steps could not all be walked; "" if they could.
    """

    metric: str
    a: float
    b: float
    percent: bool
    steps: list[Step]
    note: str = ""


@dataclass(frozen=True, slots=True)
class TaskDiff:
    """One task: the causes, each with what shows it, and the metrics."""

    label: str
    causes: dict[Cause, str]
    metrics: list[MetricDiff] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Diff:
    """All tasks that two runs share, and those that they do not."""

    a: str
    b: str
    tasks: list[TaskDiff]
    notes: list[str]


def diff(a: Run, b: Run) -> Diff:
    """Say why two runs differ.

    Raises:
        StoreError: a run keeps no answers (a baseline file), or they have no finished task in common.
        UsageError: a task is not installed any more.
    """
    for run in (a, b):
        if not run.keeps_answers:
            raise StoreError(f"{run.path} keeps no answers: name the run folder that it was saved from.")
    left, right = _finished(a), _finished(b)
    common = [label for label in left if label in right]
    if not common:
        raise StoreError(f"{a.path} and {b.path} have no finished task in common.")
    notes = [
        f"{label}: only {'A' if label in left else 'B'} has it." for label in sorted(left.keys() ^ right.keys())
    ]
    tasks = [_diff_task(label, _side(a, left[label]), _side(b, right[label])) for label in common]
    return Diff(a.manifest.model.name, b.manifest.model.name, tasks, notes)


def _finished(run: Run) -> dict[str, TaskRecord]:
    return {f"{task.name}:{task.dataset.name}": task for task in run.manifest.tasks if task.status == "done"}


def _side(run: Run, record: TaskRecord) -> Side:
    rows: dict[str, Rescored] = {}
    for part in rescored(run, record, Scorer([], 0), ["prompt", "media", "prediction", "statistics"]):
        rows |= {item.sample.id: item for item in part}
    return Side(run, record, rows, task_of(record))


def _diff_task(label: str, a: Side, b: Side) -> TaskDiff:
    pair = Pair(a, b)
    causes = find_causes(pair)
    made = TaskDiff(label, causes)
    ready_a, ready_b = ({m.name: m for m in ready_metrics(side.run, side.record)} for side in (a, b))
    for name, metric in ready_b.items():
        if name in ready_a and _stored(a, name) and _stored(b, name):
            made.metrics.append(_Walk(pair, causes, name, ready_a[name], metric).walk())
    return made


def _stored(side: Side, name: str) -> dict[str, Vector]:
    """Return one metric's statistics as the run stored them, by id."""
    found = {}
    for key, item in side.rows.items():
        vector = dict(item.row["statistics"] or ()).get(name)
        if vector is not None:
            found[key] = np.asarray(vector, np.float64)
    return found


class _Walk:
    """The steps of one metric from A to B."""

    def __init__(
        self, pair: Pair, causes: Mapping[Cause, str], name: str, metric_a: Metric, metric_b: Metric
    ) -> None:
        self.pair, self.causes = pair, causes
        self.metric_a, self.metric_b = metric_a, metric_b
        self.kept_a, self.kept_b = _stored(pair.a, name), _stored(pair.b, name)
        self.common = [key for key in pair.common if key in self.kept_a and key in self.kept_b]
        self.steps: list[Step] = []
        self.now = 0.0

    def walk(self) -> MetricDiff:
        """Walk all steps."""
        start = self.now = _value(self.metric_a, self.kept_a.values())
        end = _value(self.metric_b, self.kept_b.values())
        note = ""
        if self.common:
            self._step(_value(self.metric_a, [self.kept_a[key] for key in self.common]), (Cause.items,))
            note = self._middle()
        self._step(end, (Cause.items,))
        percent = self.metric_b.range == (0, 1)
        return MetricDiff(self.metric_b.name, start, end, percent, self.steps, note)

    def _middle(self) -> str:
        """Walk the steps on the common samples; return a note if they cannot be told apart."""
        last = {key: self.kept_b[key] for key in self.common}
        scoring = self._found(_SCORING)
        if not scoring:
            self._answers(self.metric_b, {key: self.kept_a[key] for key in self.common}, last)
            return ""
        if _installed(self.metric_b, self.pair.b):
            as_b = self._scored(self.pair.a, self.pair.b, self.metric_b)
            self._step(_value(self.metric_b, as_b.values()), scoring)
            self._answers(self.metric_b, as_b, last)
            return ""
        if _installed(self.metric_a, self.pair.a):
            as_a = self._scored(self.pair.b, self.pair.a, self.metric_a)
            self._answers(self.metric_a, {key: self.kept_a[key] for key in self.common}, as_a)
            self._step(_value(self.metric_b, last.values()), scoring)
            return ""
        self._step(_value(self.metric_b, last.values()), (*scoring, *self._found((Cause.prompt, *_ANSWERING))))
        return "neither run's version of metric and task is installed, so scoring and answers are one step"

    def _answers(self, metric: Metric, first: Statistics, last: Statistics) -> None:
        """Put in B's answers: where the prompt changed, then elsewhere."""
        changed = self.pair.prompts_changed
        others = self._found(_ANSWERING)
        if changed:
            mixed = {key: last[key] if key in changed else first[key] for key in self.common}
            asked = self._found((Cause.prompt,)) or self._found((Cause.dataset,))
            self._step(_value(metric, mixed.values()), (*asked, *others))
        self._step(_value(metric, last.values()), others)

    def _scored(self, answers: Side, rule: Side, metric: Metric) -> dict[str, Vector]:
        """Score the answers of one side as the other side's references, task and metric would."""
        found = {}
        for key in self.common:
            sample = rule.rows[key].sample
            turns = answers.rows[key].turns
            found[key] = np.mean(
                [metric.statistics(rule.task.parse(turn, sample), sample) for turn in turns], axis=0
            )
        return found

    def _found(self, causes: Sequence[Cause]) -> tuple[Cause, ...]:
        return tuple(cause for cause in causes if cause in self.causes)

    def _step(self, value: float, causes: tuple[Cause, ...]) -> None:
        if abs(value - self.now) > 1e-9 * max(1.0, abs(value)):  # sums in another order differ by rounding
            self.steps.append(Step(causes, value - self.now))
        self.now = value


def _installed(metric: Metric, side: Side) -> bool:
    """Tell whether the installed code scores as this side was scored."""
    return metric.signature in side.record.metrics and side.task.version == side.record.version


def _value(metric: Metric, statistics: Iterable[Vector]) -> float:
    rows = list(statistics)
    return float(metric.aggregate(np.sum(rows, axis=0)))
