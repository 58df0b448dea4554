import math

import numpy as np
import pytest
from gate_runs import ACCURACY, FakeRun, scores, task

from mmbench.gating import Policy, judge
from mmbench.gating.limits import quantile_bounds
from mmbench.metrics.calibration import ECE
from mmbench.store.records import DatasetRecord, TaskRecord

GIB = 2**30


@pytest.fixture(autouse=True)
def _read(monkeypatch):
    monkeypatch.setattr(judge, "read_samples", lambda run: {f"{k}:scenes": v for k, v in run.tasks.items()})


def _verdicts(made, **limits):
    outcome = judge.gate(Policy.model_validate(limits), FakeRun(vqa=made))
    return [item.verdict.value for item in outcome.judged]


def test_latency_is_an_estimate_and_needs_enough_samples():
    assert _verdicts(task(np.ones(30), latency=0.1), max_latency_p95=1) == ["undecided"]
    assert _verdicts(task(np.ones(60), latency=0.1), max_latency_p95=1) == ["pass"]
    assert _verdicts(task(np.ones(60), latency=2.0), max_latency_p95=1) == ["fail"]
    mixed = task(np.ones(200))
    mixed.latency = np.where(np.arange(200) < 190, 0.1, 2.0)
    assert _verdicts(mixed, max_latency_p95=1) == ["undecided"]


def test_bounds_of_a_quantile_hold_their_level():
    rng = np.random.default_rng(0)
    truth = -math.log(0.05)
    found = [quantile_bounds(rng.exponential(size=150), 0.95, 0.05) for _ in range(1500)]
    low, high = np.asarray(found).T
    assert np.mean(low > truth) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1500)
    assert np.mean(high < truth) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1500)
    assert quantile_bounds(np.ones(58), 0.95, 0.05)[1] == math.inf


def test_memory():
    made = task(np.ones(100))
    work = made.record.efficiency
    work.requests, work.peak_host_bytes = 100, 3 * GIB
    assert _verdicts(made, max_memory_gib=4, max_device_memory_gib=10) == ["pass", "undecided"]
    work.peak_device_bytes = 11 * GIB
    assert _verdicts(made, max_memory_gib=2, max_device_memory_gib=10) == ["fail", "fail"]
    work.cached = 100
    assert _verdicts(made, max_memory_gib=4) == ["undecided"]


def test_a_task_without_a_sample_is_no_pass():
    empty = task(np.ones(0))
    assert _verdicts(empty, max_error_rate=0.1, max_latency_p95=1) == ["undecided", "undecided"]
    assert _verdicts(task(np.ones(0), errors=5), max_error_rate=0.1) == ["fail"]


def test_calibration_is_a_metric_like_any_other():
    metric = ECE()
    made = task(np.ones(400))
    rng = np.random.default_rng(0)
    right = rng.random(400) < 0.7
    confidence = np.full(400, 0.95)
    sums = np.zeros((400, 45))
    at = np.minimum((confidence * 15).astype(int), 14)
    sums[np.arange(400), at], sums[np.arange(400), 15 + at], sums[np.arange(400), 30 + at] = 1, right, confidence
    made.metrics, made.statistics = [metric], {"ece": sums}
    made.record.metrics = [metric.signature]
    value = float(metric.aggregate(sums.sum(axis=0)))
    assert value > 0.15
    rules = {"rule": [{"metric": "ece", "max": 10}, {"metric": "ece", "max": 40}]}
    assert _verdicts(made, **rules) == ["fail", "pass"]


def test_tasks_that_the_candidate_did_not_finish_are_undecided(monkeypatch):
    monkeypatch.setattr(judge, "metrics_of_record", lambda record: [ACCURACY])
    many = scores(2000, 1500)
    candidate = FakeRun(vqa=task(many))
    both = FakeRun(vqa=task(many), qa=task(many))
    policy = Policy.model_validate({"rule": [{"metric": "accuracy", "max_drop": 2}]})
    outcome = judge.gate(policy, candidate, both)
    assert [(item.task, item.verdict.value) for item in outcome.judged] == [
        ("qa:scenes", "undecided"),
        ("vqa:scenes", "pass"),
    ]
    broken = TaskRecord("caption", "1", DatasetRecord("scenes", ""), {}, [], status="failed")
    candidate.manifest.tasks.append(broken)
    outcome = judge.gate(Policy.model_validate({"rule": [{"metric": "accuracy", "min": 10}]}), candidate)
    assert outcome.verdict.value == "undecided"
    named = Policy.model_validate({"rule": [{"task": "vqa", "metric": "accuracy", "min": 10}]})
    assert judge.gate(named, candidate).verdict.value == "pass"
