"""Verdicts: pass, fail or undecided. Never a pass for lack of data.

A condition passes when the one-sided confidence bound is on its good side, and fails when the opposite bound is
on its bad side; between them it is undecided, and the verdict says how many samples would settle it.

The gate passes only if every rule passes, so each may be tested at its full level: the probability that a model
which breaks some rule gets through is at most 1 - confidence (intersection-union test, Berger 1982). Failing is
the other way round, any rule suffices; so failures share the error probability among the m rules (Bonferroni).

A bootstrap cannot see what is not in the sample: with 30 equal answers it has no spread at all. Bounds are
therefore at least as wide as what an unseen share of worst possible samples could do, a share that would have
shown itself with the stated confidence ("rule of three", Hanley & Lippman-Hand 1983).
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from mmbench.engine.compare import ROWS_DIFFER, differences
from mmbench.engine.rescore import metrics_of_record
from mmbench.engine.samples import TaskSamples, read_samples
from mmbench.errors import UsageError, did_you_mean
from mmbench.gating.limits import limits, required
from mmbench.gating.policy import Policy, Rule, load_policy
from mmbench.gating.verdict import Judged, Outcome, Verdict, nothing, overall
from mmbench.metric import Metric, Vector
from mmbench.stats.intervals import MIN_CLUSTERS, Interval, is_proportion, percentile, unseen_share
from mmbench.stats.methods import Sums, interval_of
from mmbench.stats.paired import bootstrap_difference
from mmbench.stats.replicates import Replicates, poisson_weights
from mmbench.store.baseline import load_run_or_baseline
from mmbench.store.run import Run

_REPLICATES = 4000  # bounds far out in the tail need more than an ordinary interval
_SEED = 0


def gate(
    policy: Policy | Path | str,
    candidate: Run | Path | str,
    baseline: Run | Path | str | None = None,
    decided: Mapping[tuple[Rule, str], Judged] | None = None,
) -> Outcome:
    """Judge a run by a policy.

    Args:
        policy: a policy, or the path of its file.
        candidate: a run, or the path of a run folder or baseline file.
        baseline: what to compare with, likewise.
        decided: rules that keep the verdict that they have on a task.

    Raises:
        UsageError: the policy cannot be read; a rule names a metric or task that the run does not have, or lacks
            the baseline that it needs.
        StoreError: a run cannot be read, or has no finished task.
    """
    policy = policy if isinstance(policy, Policy) else load_policy(Path(policy))
    run = _opened(candidate)
    other = None if baseline is None else _opened(baseline)
    refuse_missing_baseline(policy, other)
    tasks = read_samples(run)
    others = read_samples(other) if other else {}
    aims = targets(policy, tasks)
    judged = [*required(policy, run), *limits(policy, tasks), *_absent(policy, run, tasks, others)]
    for rule, label in aims:
        share = (1 - rule.confidence) / len(aims)
        if decided and (rule, label) in decided:
            judged.append(decided[rule, label])
        elif rule.needs_baseline:
            judged.append(_compare(rule, label, tasks[label], others.get(label), share))
        else:
            judged.append(_threshold(rule, label, tasks[label], share))
    if not judged:
        raise UsageError("the policy has no rule, no required task and no limit: there is nothing to judge.")
    compared = {label for rule, label in aims if rule.needs_baseline and label in others}
    notes = [f"{label}: {note}" for label in sorted(compared) for note in _notes(tasks[label], others[label])]
    return Outcome(overall(judged), judged, notes)


def _opened(run: Run | Path | str) -> Run:
    return load_run_or_baseline(run) if isinstance(run, (Path, str)) else run


def refuse_missing_baseline(policy: Policy, baseline: Run | None) -> None:
    """Raise UsageError if the policy compares with a baseline and there is none."""
    if baseline is None and any(rule.needs_baseline for rule in policy.rule):
        raise UsageError("the policy compares with a baseline: name one with --baseline RUN.")


def targets(policy: Policy, tasks: Mapping[str, TaskSamples]) -> list[tuple[Rule, str]]:
    """Return every rule with every task that it looks at.

    Raises:
        UsageError: a rule names a metric or task that is not there.
    """
    return [(rule, label) for rule in policy.rule for label in _labels(rule, tasks)]


def matches(rule: Rule, label: str) -> bool:
    """Tell whether a rule looks at the task "task:dataset"."""
    return rule.task in ("*", label, label.partition(":")[0])


def _labels(rule: Rule, tasks: Mapping[str, TaskSamples]) -> list[str]:
    named = [label for label in tasks if matches(rule, label)]
    found = [label for label in named if any(metric.name == rule.metric for metric in tasks[label].metrics)]
    if found:
        return found
    if not named:
        raise UsageError(f"rule on task '{rule.task}': the run has no such task.{did_you_mean(rule.task, tasks)}")
    known = {metric.name for label in named for metric in tasks[label].metrics}
    raise UsageError(f"rule on '{rule.task}': no metric '{rule.metric}'.{did_you_mean(rule.metric, known)}")


def _notes(task: TaskSamples, other: TaskSamples) -> Iterator[str]:
    """Tell what keeps a task from being the baseline's; fewer rows are no other rows."""
    for note in differences(other, task):
        if note != ROWS_DIFFER or task.record.dataset.rows == other.record.dataset.rows:
            yield note


def _absent(
    policy: Policy, run: Run, tasks: Mapping[str, TaskSamples], others: Mapping[str, TaskSamples]
) -> Iterator[Judged]:
    """Yield what rules ask of tasks that the candidate did not finish: lack of data is never a pass."""
    unfinished = {
        f"{record.name}:{record.dataset.name}": {metric.name for metric in metrics_of_record(record)}
        for record in run.manifest.tasks
        if record.status != "done"
    }
    only_before = {
        label: {metric.name for metric in task.metrics} for label, task in others.items() if label not in tasks
    }
    for rule in policy.rule:
        expected = only_before | unfinished if rule.needs_baseline else unfinished
        for label, metrics in expected.items():
            if matches(rule, label) and rule.metric in metrics:
                advice = "run this task, or name in the rule the tasks that it is for."
                yield nothing(title(rule), label, "the candidate did not finish this task", advice)


def _threshold(rule: Rule, label: str, task: TaskSamples, share: float) -> Judged:
    metric, rows = _metric(rule, task), task.members(rule.slice)
    name = title(rule)
    if len(rows) == 0:
        return nothing(name, label, "the slice holds no sample")
    scale = 100.0 if metric.range == (0, 1) else 1.0
    statistics, keys = task.statistics[metric.name][rows], task.keys[rows]
    value = float(metric.aggregate(statistics.sum(axis=0))) * scale
    pass_bounds = _bounds(metric, statistics, keys, value, 1 - rule.confidence, scale)
    fail_bounds = _bounds(metric, statistics, keys, value, share, scale)
    if pass_bounds is None or fail_bounds is None:
        return nothing(name, label, f"only {len(np.unique(keys))} independent groups of samples")
    if rule.min is not None:
        passed, failed, gap = pass_bounds[0] >= rule.min, fail_bounds[1] < rule.min, value - rule.min
    else:
        assert rule.max is not None
        passed, failed, gap = pass_bounds[1] <= rule.max, fail_bounds[0] > rule.max, rule.max - value
    return _judged(name, label, passed, failed, value, pass_bounds, len(rows), gap)


def _bounds(
    metric: Metric, statistics: Vector, keys: np.ndarray, value: float, tail: float, scale: float
) -> tuple[float, float] | None:
    """Return the two one-sided bounds, each wrong with probability ``tail``."""
    sums = Replicates(statistics.shape[1], _REPLICATES)
    sums.add(statistics, poisson_weights(keys, _REPLICATES, _SEED))
    known = Sums(
        totals=sums.totals,
        resampled=sums.resampled,
        n=len(keys),
        clusters=len(np.unique(keys)),
        proportion=is_proportion(statistics),
        bounds=metric.range,
        seed=_SEED,
    )
    found = interval_of(metric.aggregate, known, level=1 - 2 * tail)
    return None if found is None else _widened(found, value, metric, keys, tail, scale)


def _widened(
    found: Interval, value: float, metric: Metric, keys: np.ndarray, tail: float, scale: float
) -> tuple[float, float]:
    """Scale an interval, and widen it to what an unseen share of worst samples could do."""
    width = abs(scale) * (metric.range[1] - metric.range[0])
    unseen = width * unseen_share(tail, len(np.unique(keys))) if math.isfinite(width) else 0.0
    return min(found.low * scale, value - unseen), max(found.high * scale, value + unseen)


def _compare(rule: Rule, label: str, task: TaskSamples, other: TaskSamples | None, share: float) -> Judged:
    metric = _metric(rule, task)
    margin = 0.0 if rule.superior else rule.max_drop or 0.0
    name = title(rule)
    if other is None or metric.signature not in other.record.metrics:
        return nothing(name, label, "the baseline has no such task or metric")
    rows, twins = task.aligned(other, rule.slice)
    if len(rows) == 0:
        return nothing(name, label, "the runs share no sample")
    keys = task.keys[rows]
    if len(np.unique(keys)) < MIN_CLUSTERS:
        return nothing(name, label, f"only {len(np.unique(keys))} independent groups of samples")
    scale = 100.0 if metric.range == (0, 1) else 1.0
    sign = 1 if metric.higher_is_better else -1
    first, second = other.statistics[metric.name][twins], task.statistics[metric.name][rows]
    delta = sign * scale * float(metric.aggregate(second.sum(axis=0)) - metric.aggregate(first.sum(axis=0)))
    values = sign * bootstrap_difference(first, second, keys, metric.aggregate, _REPLICATES, _SEED)
    tail = 1 - rule.confidence
    groups = len(np.unique(keys))
    found, fail_found = (percentile(values, 1 - 2 * each, groups=groups) for each in (tail, share))
    if found is None or fail_found is None:
        return nothing(name, label, "the metric is undefined on too many resamples")
    bounds = _widened(found, delta, metric, keys, tail, scale)
    fail_bounds = _widened(fail_found, delta, metric, keys, share, scale)
    passed, failed = bounds[0] > -margin, fail_bounds[1] < -margin
    return _judged(name, label, passed, failed, delta, bounds, len(rows), delta + margin)


def _judged(
    name: str,
    label: str,
    passed: bool,
    failed: bool,
    value: float,
    bounds: tuple[float, float],
    n: int,
    gap: float,
) -> Judged:
    verdict = Verdict.passed if passed else Verdict.failed if failed else Verdict.undecided
    reason = f"{value:.2f}, one-sided bounds {bounds[0]:.2f} and {bounds[1]:.2f}"
    advice = "" if verdict is not Verdict.undecided else _advice(n, bounds, value, gap)
    return Judged(name, label, verdict, value, *bounds, n, reason, advice)


def _advice(n: int, bounds: tuple[float, float], value: float, gap: float) -> str:
    """Estimate how many samples would settle it: the half width falls with the square root of n."""
    half = max(bounds[1] - value, value - bounds[0])
    if abs(gap) <= 1e-9 * max(abs(value), half) or not math.isfinite(half):
        return "the value is at the limit itself; no number of samples settles that."
    return f"about {math.ceil(n * (half / abs(gap)) ** 2):,} samples would settle it (there are {n:,})."


def _metric(rule: Rule, task: TaskSamples) -> Metric:
    return next(metric for metric in task.metrics if metric.name == rule.metric)


def title(rule: Rule) -> str:
    """Say in a few words what a rule asks for."""
    what = f"{rule.metric} [{rule.slice}]" if rule.slice else rule.metric
    if rule.min is not None:
        return f"{what} >= {rule.min:g}"
    if rule.max is not None:
        return f"{what} <= {rule.max:g}"
    return f"{what} better than baseline" if rule.superior else f"{what} drop < {rule.max_drop:g}"
