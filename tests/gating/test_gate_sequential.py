import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from toys import Addition, Calculator

from mmbench.engine.evaluate import Settings, run_selections
from mmbench.engine.select import Selection
from mmbench.errors import UsageError
from mmbench.gating import Policy, Verdict, gate, gate_sequential
from mmbench.schema import Response

ROWS = 600


class Damaged(Calculator):
    """Wrong where a hash of the question says so, besides the toy's own mistakes."""

    def __init__(self, share, fingerprint="damaged"):
        super().__init__(fingerprint)
        self.share = share

    def answer(self, request):
        a, b = (int(part) for part in request.messages[-1].text.rstrip("=").split("+"))
        if (a * 7919 + b * 104729) % 1000 < self.share * 1000:
            return Response(text="?")
        return super().answer(request)


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())


def _selection(task=None, rows=ROWS, top="1000"):
    task = task or Addition()
    dataset = task.datasets["sums"]
    source = dataclasses.replace(dataset.source, rows=rows)
    return Selection(task, "sums", dataclasses.replace(dataset, source=source), {"top": top})


def _policy(*rules, **limits):
    return Policy.model_validate({"rule": [{"metric": "exact", **rule} for rule in rules], **limits})


@pytest.fixture
def base(tmp_path):
    return run_selections(Calculator("base"), [_selection()], [], Settings(out=tmp_path / "base"))


def _early(tmp_path, model, policy, baseline=None, selection=None, seed=0):
    chosen = selection or _selection()
    return gate_sequential(policy, model, [chosen], Settings(out=tmp_path / "new", seed=seed), baseline)


def test_a_bad_model_fails_early_and_only_what_was_needed_is_asked(tmp_path, base):
    model = Damaged(0.3)
    early = _early(tmp_path, model, _policy({"max_drop": 5}), base)
    assert early.outcome.verdict is Verdict.failed
    assert len(model.asked) == early.effort[0].answered < 0.4 * ROWS
    assert early.saved == pytest.approx(1 - len(model.asked) / ROWS)
    record = early.run.manifest.tasks[0]
    assert record.reason.startswith(f"stopped after {len(model.asked)} of 600 samples")
    assert len(early.run.samples) == len(model.asked)
    told = early.outcome.judged[0]
    assert told.low < told.value < told.high < -5


def test_an_equal_model_passes_early(tmp_path, base):
    early = _early(tmp_path, Calculator("same"), _policy({"max_drop": 5}, {"min": 70}), base)
    assert early.outcome.verdict is Verdict.passed
    assert early.saved > 0.3
    assert all(item.low <= item.value <= item.high for item in early.outcome.judged)


def test_answers_are_kept_so_that_going_on_costs_nothing_twice(tmp_path, base):
    first = Damaged(0.3)
    _early(tmp_path, first, _policy({"max_drop": 5}), base)
    rest = Damaged(0.3)
    run_selections(rest, [_selection()], [], Settings(out=tmp_path / "new"))
    assert len(first.asked) + len(rest.asked) == ROWS


def test_the_order_is_random_but_fixed_by_the_seed(tmp_path, base):
    def order(seed):
        early = _early(tmp_path / str(seed), Damaged(0.3), _policy({"max_drop": 5}), base, seed=seed)
        return early.run.samples.id.tolist()

    ids = order(1)
    assert ids == order(1)
    assert ids[:20] != order(2)[:20]
    assert ids != sorted(ids, key=lambda name: int(name.rpartition("-")[2]))


def test_thirty_samples_end_as_the_ordinary_gate_would_judge_them(tmp_path):
    small = _selection(rows=30)
    base = run_selections(Calculator("base"), [small], [], Settings(out=tmp_path / "base"))
    policy = _policy({"max_drop": 0.5})
    early = _early(tmp_path, Calculator("same"), policy, base, small)
    assert early.outcome.verdict is Verdict.undecided
    assert early.outcome == gate(policy, early.run, base)
    assert early.saved == 0


def test_missing_answers_never_help_to_pass(tmp_path, base):
    class Silent(Calculator):
        def answer(self, request):
            a = int(request.messages[-1].text.split("+")[0])
            return Response(error="timed out") if a % 2 else super().answer(request)

    early = _early(tmp_path, Silent("silent"), _policy({"min": 60}))
    assert early.effort[0].answered == ROWS
    assert "after" not in early.outcome.judged[0].reason


def test_slices_maxima_and_several_rules_run_until_all_are_decided(tmp_path):
    rules = {"min": 50, "slice": "type=even"}, {"max": 99}, {"min": 88}
    both = _selection(top="1001")  # sums of either parity
    early = _early(tmp_path, Calculator(), _policy(*rules), selection=both)
    alone = _early(tmp_path / "alone", Calculator(), _policy(rules[0]), selection=both)
    assert alone.effort[0].answered < early.effort[0].answered
    assert [item.verdict.value for item in early.outcome.judged][:2] == ["pass", "pass"]
    assert early.outcome.judged[0].n < early.effort[0].answered


@dataclass(frozen=True)
class Spread:
    """A metric that is no mean."""

    name: str = "exact"
    signature: str = "spread|version:1"
    higher_is_better: bool = True
    range: tuple[float, float] = (0.0, 1.0)

    def statistics(self, prediction, sample):
        return np.array([float(prediction.text == sample.target), 1.0])

    def aggregate(self, totals):
        return (totals[..., 0] / totals[..., 1]) ** 2


def test_a_metric_that_is_no_mean_is_judged_on_the_whole_list(tmp_path, monkeypatch):
    @dataclass(frozen=True)
    class Other(Addition):
        metrics: ClassVar = (Spread(),)

    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Other())
    early = _early(tmp_path, Calculator(), _policy({"min": 50}), selection=_selection(Other()))
    assert early.effort[0].answered == ROWS
    assert early.outcome.verdict is Verdict.passed


def test_a_lower_is_better_metric_is_turned_round(tmp_path, monkeypatch):
    @dataclass(frozen=True)
    class Wrong(Spread):
        name: str = "exact"
        signature: str = "wrong|version:1"
        higher_is_better: bool = False

        def statistics(self, prediction, sample):
            return np.array([float(prediction.text != sample.target), 1.0])

        def aggregate(self, totals):
            return totals[..., 0] / totals[..., 1]

    @dataclass(frozen=True)
    class Other(Addition):
        metrics: ClassVar = (Wrong(),)

    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Other())
    chosen = _selection(Other())
    base = run_selections(Calculator("base"), [chosen], [], Settings(out=tmp_path / "base"))
    policy = _policy({"max_drop": 5}, {"max": 30})
    bad = _early(tmp_path, Damaged(0.4), policy, base, chosen)
    assert [item.verdict.value for item in bad.outcome.judged] == ["fail", "fail"]
    good = _early(tmp_path / "good", Calculator("same"), policy, base, chosen)
    assert [item.verdict.value for item in good.outcome.judged] == ["pass", "pass"]


def test_a_baseline_that_is_not_there_yet_is_run_on_the_same_samples(tmp_path):
    bad, base = Damaged(0.3), Calculator("base")
    early = gate_sequential(_policy({"max_drop": 5}), bad, [_selection()], Settings(out=tmp_path), base, extra=[])
    assert early.outcome.verdict is Verdict.failed
    assert [r.messages[-1].text for r in sorted(base.asked, key=str)] == [
        r.messages[-1].text for r in sorted(bad.asked, key=str)
    ]
    assert len(base.asked) == early.effort[0].answered < 0.4 * ROWS
    assert early.baseline.samples.id.tolist() == early.run.samples.id.tolist()
    assert early.baseline.manifest.tasks[0].status == "done"
    again = Calculator("base")
    gate_sequential(_policy({"max_drop": 5}), Damaged(0.3, "other"), [_selection()], Settings(out=tmp_path), again)
    assert len(again.asked) == 0, "what the store has is not asked again"


def test_a_cached_and_a_running_baseline_agree(tmp_path, base):
    policy = _policy({"max_drop": 5}, {"superior": True})
    cached = _early(tmp_path / "a", Damaged(0.3), policy, base)
    beside = _early(tmp_path / "b", Damaged(0.3), policy, Calculator("base"))
    assert cached.outcome == beside.outcome
    assert cached.effort == beside.effort
    prints = {run.manifest.tasks[0].dataset.fingerprint for run in (base, beside.run, beside.baseline)}
    assert len(prints) == 1
    assert beside.outcome.notes == []


def test_a_running_baseline_goes_on_to_the_next_task_and_silence_never_helps(tmp_path):
    class Other(Addition):
        name = "addition-two"

    class Mute(Calculator):
        def answer(self, request):
            return Response(error="lost")

    two = [_selection(), _selection(Other())]
    setup = Settings(out=tmp_path / "two")
    early = gate_sequential(_policy({"max_drop": 5}), Damaged(0.3), two, setup, Calculator("base"))
    assert [item.verdict.value for item in early.outcome.judged] == ["fail", "fail"]
    assert [task.status for task in early.baseline.manifest.tasks] == ["done", "done"]
    mute = gate_sequential(
        _policy({"max_drop": 5}), Calculator("c"), [_selection()], Settings(out=tmp_path / "m"), Mute("mute")
    )
    assert mute.outcome.verdict is Verdict.undecided


def test_a_baseline_that_cannot_be_loaded_is_told(tmp_path):
    with pytest.raises(UsageError, match="nowhere"):
        _early(tmp_path, Calculator(), _policy({"max_drop": 5}), "python:nowhere:Model")


def test_misuse(tmp_path):
    with pytest.raises(UsageError, match="--baseline"):
        _early(tmp_path, Calculator(), _policy({"max_drop": 5}))
    with pytest.raises(UsageError, match="no metric 'exakt'"):
        _early(tmp_path, Calculator(), _policy({"metric": "exakt", "min": 5}))


def test_at_the_edge_of_the_margin_few_orders_pass(tmp_path):
    """The candidate's drop over the list is exactly the margin: any pass is a false one."""
    base = run_selections(Calculator("base"), [_selection()], [], Settings(out=tmp_path / "base"))
    damaged = run_selections(Damaged(0.1), [_selection()], [], Settings(out=tmp_path / "all"))
    drop = 100 * (base.entries[0].value - damaged.entries[0].value)
    passed = 0
    for seed in range(40):
        setup = Settings(out=tmp_path / "all", seed=seed)
        early = gate_sequential(_policy({"max_drop": drop}), Damaged(0.1), [_selection()], setup, base)
        passed += early.outcome.verdict is Verdict.passed
    assert passed <= 5
