"""Conditions on the run rather than on a metric: tasks that must finish, errors, latency, memory."""

import math
from collections.abc import Iterator, Mapping

import numpy as np

from mmbench.engine.samples import TaskSamples
from mmbench.gating.policy import Policy
from mmbench.gating.verdict import Judged, Verdict, nothing
from mmbench.metric import Vector
from mmbench.store.run import Run

CONFIDENCE = 0.95
_GIB = 2**30


def required(policy: Policy, run: Run) -> Iterator[Judged]:
    """Judge the tasks that must have finished."""
    done = {
        name
        for task in run.manifest.tasks
        if task.status == "done"
        for name in (task.name, f"{task.name}:{task.dataset.name}")
    }
    for name in policy.require:
        verdict = Verdict.passed if name in done else Verdict.failed
        reason = "finished" if name in done else "did not finish"
        yield Judged("required", name, verdict, None, None, None, 0, reason)


def limits(policy: Policy, tasks: Mapping[str, TaskSamples]) -> Iterator[Judged]:
    """Judge every task by the policy's limits.

    The share of errors and the memory are facts about this run; the 95th percentile of latency is an estimate, and
    passes or fails only with 95 % confidence.
    """
    for label, task in tasks.items():
        if policy.max_error_rate is not None:
            yield _errors(policy.max_error_rate, label, task)
        if policy.max_latency_p95 is not None:
            yield _latency(policy.max_latency_p95, label, task.latency)
        work = task.record.efficiency
        fresh = work.cached < work.requests
        for most, what, used in (
            (policy.max_memory_gib, "memory", work.peak_host_bytes),
            (policy.max_device_memory_gib, "device memory", work.peak_device_bytes),
        ):
            if most is not None:
                yield _memory(f"{what} <= {most:g} GiB", label, most, used if fresh else None, fresh)


def _errors(most: float, label: str, task: TaskSamples) -> Judged:
    total = len(task.ids) + task.errors
    rule = f"error rate <= {most:g}"
    if not total:
        return nothing(rule, label, "the run has no sample")
    rate = task.errors / total
    verdict = Verdict.passed if rate <= most else Verdict.failed
    return Judged(
        rule, label, verdict, rate, None, None, total, f"{task.errors} of {total} samples have no answer"
    )


def _latency(most: float, label: str, latency: Vector) -> Judged:
    rule, n = f"latency p95 <= {most:g} s", len(latency)
    if not n:
        return nothing(rule, label, "no sample was answered")
    value = float(np.quantile(latency, 0.95))
    low, high = quantile_bounds(latency, 0.95, 1 - CONFIDENCE)
    verdict = Verdict.passed if high <= most else Verdict.failed if low > most else Verdict.undecided
    upper = f"{high:.3f}" if math.isfinite(high) else "?"
    reason = f"{value:.3f} s, one-sided bounds {low:.3f} and {upper} s"
    advice = "run more samples; 59 are the fewest that bound a 95th percentile." if n < 59 else "run more samples."
    return Judged(
        rule,
        label,
        verdict,
        value,
        low,
        high if math.isfinite(high) else None,
        n,
        reason,
        advice if verdict is Verdict.undecided else "",
    )


def _memory(rule: str, label: str, most: float, used: int | None, fresh: bool) -> Judged:
    if used is None:
        reason = "the run does not tell" if fresh else "all answers came from the store, so the model used none"
        return nothing(rule, label, reason, "run again with --cache off, on a machine that tells.")
    verdict = Verdict.passed if used <= most * _GIB else Verdict.failed
    return Judged(rule, label, verdict, used / _GIB, None, None, 0, f"at most {used / _GIB:.2f} GiB were in use")


def quantile_bounds(values: Vector, share: float, tail: float) -> tuple[float, float]:
    """Return one-sided bounds on a quantile, each wrong with probability at most ``tail``.

    They are order statistics: how many of n values lie below the quantile is binomial, whatever their distribution
    (Thompson 1936). The bound is infinite where there are too few values.

    >>> quantile_bounds(np.arange(1.0, 101.0), 0.95, 0.05)
    (91.0, 99.0)
    """
    from scipy.special import bdtr

    ordered, n = np.sort(values), len(values)
    at_most = bdtr(np.arange(n + 1, dtype=np.float64), n, share)  # P(at most i values below the quantile)
    above = int(np.argmax(at_most >= 1 - tail))  # the smallest i of which that is nearly sure
    below = int(np.sum(at_most <= tail))
    high = float(ordered[above]) if above < n else math.inf
    return float(ordered[below - 1]) if below else -math.inf, high
