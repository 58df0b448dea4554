import numpy as np
import pytest
from gate_runs import ACCURACY, FakeRun, scores, task

from mmbench.errors import UsageError
from mmbench.gating import Policy, Verdict, judge
from mmbench.metrics.summarization import Rouge


@pytest.fixture(autouse=True)
def _read(monkeypatch):
    monkeypatch.setattr(judge, "read_samples", lambda run: {f"{k}:scenes": v for k, v in run.tasks.items()})


def _gate(rule, candidate, baseline=None, **limits):
    policy = Policy.model_validate({"rule": [{"metric": ACCURACY.name, **rule}] if rule else [], **limits})
    runs = [FakeRun(vqa=candidate), FakeRun(vqa=baseline) if baseline else None]
    return judge.gate(policy, *runs)


@pytest.mark.parametrize(
    ("right", "rule", "verdict"),
    [
        (900, {"min": 80}, "pass"),
        (700, {"min": 80}, "fail"),
        (805, {"min": 80}, "undecided"),
        (100, {"max": 20}, "pass"),
        (300, {"max": 20}, "fail"),
        (195, {"max": 20}, "undecided"),
    ],
)
def test_thresholds(right, rule, verdict):
    outcome = _gate(rule, task(scores(1000, right)))
    assert outcome.verdict.value == verdict
    assert bool(outcome.judged[0].advice) == (verdict == "undecided")


def test_thirty_samples_decide_nothing_even_if_all_are_equal():
    equal = task(np.ones(30))
    assert _gate({"max_drop": 0.5}, equal, task(np.ones(30))).verdict is Verdict.undecided
    assert _gate({"min": 95}, equal).verdict is Verdict.undecided


def test_many_equal_answers_pass():
    many = scores(2000, 1500)
    assert _gate({"max_drop": 0.5}, task(many), task(many)).verdict is Verdict.passed


def test_a_graded_metric_without_spread_is_not_taken_for_certain():
    metric = Rouge("L")
    made = task(np.full(30, 0.9), metric=metric)
    policy = Policy.model_validate({"rule": [{"metric": metric.name, "min": 85}]})
    assert judge.gate(policy, FakeRun(vqa=made)).verdict is Verdict.undecided


def test_a_damaged_model_fails_and_a_better_one_is_superior():
    rng = np.random.default_rng(0)
    base = scores(2000, 1600)
    damaged = np.where(rng.random(2000) < 0.1, 0, base)
    assert _gate({"max_drop": 1}, task(damaged), task(base)).verdict is Verdict.failed
    assert _gate({"superior": True}, task(base), task(damaged)).verdict is Verdict.passed
    assert _gate({"superior": True}, task(base), task(base)).verdict is Verdict.undecided


def test_a_value_at_the_limit_itself_is_said_to_be_so():
    before = scores(600, 480)
    after = before.copy()
    after[np.flatnonzero(before)[:30]] = 0  # a drop of 5 points, but for rounding
    judged = _gate({"max_drop": 5}, task(after), task(before)).judged[0]
    assert judged.verdict is not Verdict.passed
    assert "samples would settle" not in judged.advice


def test_slices_and_clusters_count():
    halves = np.tile([0.0, 1.0], 500)
    assert _gate({"min": 90, "slice": "type=a"}, task(halves)).verdict is Verdict.passed
    assert _gate({"min": 90, "slice": "type=b"}, task(halves)).verdict is Verdict.failed
    few = [str(i // 250) for i in range(1000)]
    graded = task(halves * 0.9, metric=Rouge("L"), clusters=few)
    policy = Policy.model_validate({"rule": [{"metric": graded.metrics[0].name, "min": 10}]})
    outcome = judge.gate(policy, FakeRun(vqa=graded))
    assert "only 4 independent groups" in outcome.judged[0].reason


def test_an_empty_slice_and_a_missing_baseline_task_are_undecided():
    made = task(scores(1000, 900))
    assert _gate({"min": 1, "slice": "type=zzz"}, made).verdict is Verdict.undecided
    other = FakeRun(caption=made)
    policy = Policy.model_validate({"rule": [{"metric": ACCURACY.name, "max_drop": 1}]})
    assert judge.gate(policy, FakeRun(vqa=made), other).verdict is Verdict.undecided


def test_what_the_runs_have_otherwise_is_told():
    many = scores(2000, 1500)
    new, old = task(many), task(many)
    assert _gate({"max_drop": 1}, new, old).notes == []
    new.record.shots, new.record.options = 2, {"prompt": "{question}?"}
    new.record.dataset.fingerprint = "b" * 64
    notes = _gate({"max_drop": 1}, new, old).notes
    assert [note.partition(": ")[0] for note in notes] == ["vqa:scenes"] * 3
    assert "rows differ" in notes[0]
    assert "few-shot examples differs (0, 2)" in notes[1]
    assert "option prompt differs" in notes[2]
    new.record.dataset.rows = 500  # stopped early: fewer rows are no other rows
    assert len(_gate({"max_drop": 1}, new, old).notes) == 2
    assert _gate({"min": 10}, new, old).notes == []


def test_limits_and_required_tasks():
    made = task(np.ones(98), errors=2, latency=0.3)
    verdicts = [item.verdict.value for item in _gate(None, made, max_error_rate=0.01, max_latency_p95=0.5).judged]
    assert verdicts == ["fail", "pass"]
    assert _gate(None, made, require=["vqa", "vqa:scenes"]).verdict is Verdict.passed
    assert _gate(None, made, require=["caption"]).verdict is Verdict.failed


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"max_drop": 1}, "--baseline"),
        ({"metric": "acuracy", "min": 1}, "Did you mean 'accuracy'"),
        ({"task": "vqq", "min": 1}, "no such task"),
        (None, "nothing to judge"),
    ],
)
def test_policies_that_do_not_fit_the_run(rule, message):
    with pytest.raises(UsageError, match=message):
        _gate(rule, task(np.ones(100)))


@pytest.mark.parametrize("margin", [2.0])
def test_a_model_that_is_worse_by_the_margin_rarely_passes(margin):
    """False-pass rate at the edge of non-inferiority: 5 % and the noise of 300 repetitions."""
    rng = np.random.default_rng(1)
    passed = 0
    for _ in range(300):
        base = (rng.random(600) < 0.8).astype(float)
        flip = rng.random(600)
        worse = np.where((base == 1) & (flip < 0.06), 0, np.where((base == 0) & (flip < 0.14), 1, base))
        # true drop: 0.8 * 0.06 - 0.2 * 0.14 = 0.02
        passed += _gate({"max_drop": margin}, task(worse), task(base)).verdict is Verdict.passed
    assert passed / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
