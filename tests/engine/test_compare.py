from dataclasses import dataclass
from typing import ClassVar

import pytest
from toys import Addition, Calculator, Exact, with_file, write_sums

import mmbench
from mmbench.errors import StoreError, UsageError
from mmbench.schema import Response


class Worse(Calculator):
    """Wrong on every fifth first addend too."""

    name = "worse"

    def answer(self, request):
        a = int(request.messages[-1].text.split("+")[0])
        return Response(text="no") if a % 5 == 0 else super().answer(request)


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    """Find the toy task by name, as an installed one."""
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())


def _run(tmp_path, model, task=None, **settings):
    return mmbench.evaluate(model, task or Addition(), out=tmp_path, **settings)


def test_a_worse_model_is_found_out(tmp_path):
    options = {"top": "1000"}
    a = _run(tmp_path, Calculator("a"), options=options)
    b = _run(tmp_path, Worse("b"), options=options)
    whole = mmbench.compare(a, b).comparisons[0]
    assert (whole.better, whole.worse) == (0, 4)
    assert whole.difference.delta == pytest.approx(-0.1)
    assert whole.difference.test == "mcnemar|exact"
    assert whole.adjusted_p == pytest.approx(0.125)
    assert whole.needed > 40
    back = mmbench.compare(b, a).comparisons[0]
    assert back.difference.delta == pytest.approx(0.1)


def test_a_run_does_not_differ_from_itself(tmp_path):
    a = _run(tmp_path, Calculator())
    report = mmbench.compare(a, a, slices=True)
    assert report.notes == []
    assert {item.difference.p_value for item in report.comparisons} == {1.0}
    assert all(item.needed is None for item in report.comparisons)


def test_samples_that_only_one_run_answered_are_told_and_left_out(tmp_path):
    class Flaky(Calculator):
        def answer(self, request):
            if request.messages[-1].text.startswith("3+"):
                return Response(error="timed out")
            return super().answer(request)

    report = mmbench.compare(_run(tmp_path, Calculator()), _run(tmp_path, Flaky("f")))
    assert "1 samples are answered in one run only; 39 in both" in report.notes[0]
    assert report.comparisons[0].n == 39


def test_other_prompts_options_and_rows_are_told(tmp_path):
    a = _run(tmp_path, Calculator())
    b = _run(tmp_path, Calculator("b"), options={"prompt": "{question} =", "seed": "7"}, shots=1)
    notes = " ".join(mmbench.compare(a, b).notes)
    assert "option prompt differs" in notes
    assert "few-shot examples differs (0, 1)" in notes
    assert "rows differ" in notes


def test_metrics_of_another_version_are_never_compared(tmp_path):
    @dataclass(frozen=True)
    class Newer(Addition):
        metrics: ClassVar = (Exact(signature="exact|version:2"),)

    a, b = _run(tmp_path, Calculator()), _run(tmp_path, Calculator("b"), Newer())
    with pytest.raises(StoreError, match=r"exact\|version:2 is in one run only"):
        mmbench.compare(a, b)


def test_a_seed_that_no_generator_takes(tmp_path):
    run = _run(tmp_path, Calculator())
    with pytest.raises(UsageError, match="--seed must be from 0"):
        mmbench.compare(run, run, seed=-1)


def test_runs_without_a_common_task_or_sample(tmp_path):
    a = _run(tmp_path, Calculator())
    other = _run(tmp_path, Calculator(), with_file(write_sums(tmp_path / "x.jsonl", 5)))
    with pytest.raises(StoreError, match="no finished task in common"):
        mmbench.compare(a, other)
