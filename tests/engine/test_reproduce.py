import pytest
from toys import Addition, Calculator, with_file, write_sums

import mmbench
from mmbench.engine.reproduce import reproduce
from mmbench.errors import StoreError, UsageError
from mmbench.schema import Response


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())


@pytest.fixture
def run(tmp_path):
    options = {"top": "1000", "prompt": "{question} =", "clustered": "true"}
    return mmbench.evaluate(
        Calculator(), Addition(), limit=30, seed=3, batch_size=4, options=options, out=tmp_path / "old"
    )


def test_the_same_model_gives_identical_results(tmp_path, run):
    model = Calculator()
    found = reproduce(run, tmp_path / "new", model=model)
    assert (found.identical, found.results, found.circumstances) == (True, [], [])
    assert len(model.asked) == 30, "nothing may come from a store"
    new = found.run.manifest
    assert (new.seed, new.batch_size, new.tasks[0].limit) == (3, 4, 30)
    assert new.tasks[0].options == run.manifest.tasks[0].options
    assert new.tasks[0].dataset.fingerprint == run.manifest.tasks[0].dataset.fingerprint


def test_another_answer_is_named_with_its_values(tmp_path, run):
    class Other(Calculator):
        def answer(self, request):
            return Response(text="0")

    found = reproduce(run, tmp_path / "new", model=Other("other"))
    assert not found.identical
    assert any("exact: " in line and "became 0.0 (n = 30)" in line for line in found.results)
    assert "fingerprint differs" in found.circumstances[0]


def test_changed_rows_are_named(tmp_path, run):
    manifest = run.manifest
    manifest.tasks[0].dataset.fingerprint = "0" * 64
    found = reproduce(run, tmp_path / "new", model=Calculator())
    assert found.identical
    assert found.circumstances == ["addition:sums: the dataset's rows differ"]


def test_what_a_manifest_does_not_tell_is_refused(tmp_path, run):
    old = mmbench.evaluate(Calculator(), with_file(write_sums(tmp_path / "x.jsonl", 5)), out=tmp_path)
    with pytest.raises(UsageError, match=r"was read from file:x\.jsonl"):
        reproduce(old, tmp_path / "new", model=Calculator())
    run.manifest.tasks[0].reason = "stopped after 10 of 30 samples: every rule is decided"
    with pytest.raises(UsageError, match="stopped after 10 of 30"):
        reproduce(run, tmp_path / "new", model=Calculator())


def test_a_run_without_results_is_refused_before_anything_is_asked(tmp_path, run):
    (run.path / "results.json").unlink()
    model = Calculator()
    with pytest.raises(StoreError, match="Did the run finish"):
        reproduce(mmbench.load_run(run.path), tmp_path / "new", model=model)
    assert model.asked == []


def test_options_that_a_task_does_not_take_any_more(tmp_path, run):
    run.manifest.tasks[0].options["clustered"] = "often"
    with pytest.raises(UsageError, match="options of task 'addition' are not its own any more"):
        reproduce(run, tmp_path / "new", model=Calculator())
