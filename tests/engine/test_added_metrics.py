"""Metrics that the user adds, with options: kept in the manifest, so that scores can be computed again."""

import pytest
from toys import Addition, Calculator

import mmbench
from mmbench.engine.again import extra_metrics, selections_of
from mmbench.engine.reproduce import reproduce
from mmbench.engine.rescore import rescore
from mmbench.engine.verify import verify
from mmbench.errors import UsageError
from mmbench.store.baseline import save_baseline

SPECS = ["exact-match:extractor=number-strict", "wer"]


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())


@pytest.fixture
def run(tmp_path):
    return mmbench.evaluate(Calculator(), Addition(), out=tmp_path, metrics=SPECS, options={"top": "1000"})


def _names(entries):
    return list(dict.fromkeys(entry.metric for entry in entries))


def test_they_are_in_the_manifest_as_they_were_given(run):
    assert run.manifest.tasks[0].added == SPECS
    assert _names(run.entries) == ["exact", "exact-match", "wer"]


def test_scores_are_computed_again_with_their_options(run, tmp_path):
    assert rescore(run) == run.entries
    verification = verify(run)
    assert verification.ok, verification.faults
    assert verification.values == len(run.entries)
    again = reproduce(run, tmp_path / "again", model=Calculator())
    assert again.identical, again.results
    assert [metric.signature for metric in extra_metrics(run.manifest, selections_of(run.manifest))] == [
        entry.signature for entry in run.entries if entry.metric in ("exact-match", "wer") and not entry.slice
    ]


def test_comparisons_and_baselines_have_them(run, tmp_path):
    other = mmbench.evaluate(Calculator("b"), Addition(), out=tmp_path, metrics=SPECS, options={"top": "1000"})
    kept = save_baseline(other, tmp_path / "b.mmbench.parquet")
    assert [item.metric for item in mmbench.compare(run, kept).comparisons] == ["exact", "exact-match", "wer"]


def test_a_metric_that_is_gone_is_named(run):
    run.manifest.tasks[0].added[0] = "exact-mitch"
    with pytest.raises(UsageError, match="Did you mean 'exact-match'"):
        rescore(run)
