"""Run folders that were tampered with are refused, each with its own reason."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from toys import Addition, Calculator, Exact

import mmbench
from mmbench.engine.rescore import rescore
from mmbench.errors import StoreError
from mmbench.schema import Response
from mmbench.store.records import SAMPLES, Manifest
from mmbench.store.run import load_run
from mmbench.store.run_folder import results_json

Edit = Callable[[list[dict[str, Any]]], Any]


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> dict[str, Path]:
    """Real runs of baselines over two embedded tasks, by model."""
    folder = tmp_path_factory.mktemp("real")
    return {
        model: mmbench.evaluate(model, "sentiment,qa", limit=12, out=folder, cache="off").path
        for model in ("oracle", "majority")
    }


@pytest.fixture
def run(real, tmp_path) -> Path:
    """A copy of the majority's run that may be spoilt."""
    return Path(shutil.copytree(real["majority"], tmp_path / "run"))


@pytest.fixture
def toy(monkeypatch) -> None:
    """Find the toy task by name, as an installed one."""
    monkeypatch.setattr("mmbench.engine.rescore.load_task", lambda name: Addition())


def _edit_rows(run: Path, edit: Edit) -> None:
    rows = pq.read_table(run / "samples.parquet").to_pylist()
    edit(rows)
    pq.write_table(pa.Table.from_pylist(rows, SAMPLES), run / "samples.parquet")


def _edit_json(run: Path, name: str, edit: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads((run / name).read_text())
    edit(document)
    (run / name).write_text(json.dumps(document))


def _score_again(run: Path) -> None:
    """Make results.json and the statistics of rows follow from the stored answers, as a careful forger would."""
    opened = load_run(run)
    (run / "results.json").write_bytes(results_json(opened.manifest.model.name, rescore(opened)))


def _kinds(run: Path) -> set[str]:
    return {fault.kind for fault in mmbench.verify(run).faults}


def _reasons(run: Path) -> str:
    return "\n".join(map(str, mmbench.verify(run).faults))


@pytest.mark.parametrize("model", ["oracle", "majority"])
def test_an_honest_run_is_verified(real, model):
    outcome = mmbench.verify(real[model])
    assert outcome.ok
    assert outcome.faults == outcome.notes == []
    assert outcome.model == model
    assert outcome.samples == 24
    assert outcome.values == len(load_run(real[model]).entries)
    assert outcome.datasets == {"sentiment:reviews": True, "qa:stories": True}


def test_added_metrics_few_shot_turns_and_options_are_verified_too(tmp_path):
    run = mmbench.evaluate(
        "majority",
        "sentiment",
        limit=10,
        shots=2,
        seed=3,
        metrics=["token-f1", "kappa"],
        options={"variant": "1", "mode": "generate"},
        out=tmp_path,
        cache="off",
    )
    assert mmbench.verify(run).faults == []


def test_one_answer_changed(run):
    changed = []

    def lie(rows):
        row = next(row for row in rows if row["task"] == "qa")
        row["responses"][0]["text"] = "forged"
        changed.append(row["id"])

    _edit_rows(run, lie)
    assert f"answer: qa:stories: sample '{changed[0]}': the stored prediction is not" in _reasons(run)


def test_one_answer_changed_with_its_prediction(run, real):
    good = pq.read_table(real["oracle"] / "samples.parquet").to_pylist()
    twins = {(row["task"], row["id"]): row for row in good}
    changed = []

    def lie(rows):
        for row in rows:
            twin = twins[row["task"], row["id"]]
            if row["prediction"] != twin["prediction"]:
                row["responses"], row["prediction"] = twin["responses"], twin["prediction"]
                changed.append(row["id"])
                return

    _edit_rows(run, lie)
    reasons = _reasons(run)
    assert f"sample '{changed[0]}': its answer does not give the statistics stored for" in reasons
    assert "results.json says" in reasons
    assert _kinds(run) == {"answer", "score"}


def test_one_score_changed_in_the_results(run):
    def lie(document):
        document["results"][0]["value"] = 0.987

    _edit_json(run, "results.json", lie)
    entry = load_run(run).entries[0]
    assert f"score: sentiment:reviews: {entry.metric}: results.json says 0.987, the answers give" in _reasons(run)
    assert _kinds(run) == {"score"}


def test_one_score_changed_beside_its_sample(run):
    def lie(rows):
        rows[2]["statistics"] = [(name, [1.0, *rest]) for name, (_, *rest) in rows[2]["statistics"]]

    _edit_rows(run, lie)
    assert "sample 'reviews-test-2': its answer does not give the statistics" in _reasons(run)
    assert _kinds(run) == {"answer"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("n", 13), ("errors", 1), ("clusters", 3), ("signature", "accuracy|version:0"), ("interval", None)],
)
def test_what_belongs_to_a_value_is_compared_too(run, field, value):
    _edit_json(run, "results.json", lambda document: document["results"][0].update({field: value}))
    assert "score" in _kinds(run)


def test_a_value_left_out_or_doubled(run):
    _edit_json(run, "results.json", lambda document: document["results"].pop(1))
    assert "results.json lacks" in _reasons(run)
    _edit_json(run, "results.json", lambda document: document["results"].append(document["results"][0]))
    assert "stands twice in results.json" in _reasons(run)


def test_one_sample_removed(run):
    _edit_rows(run, lambda rows: rows.pop(4))
    reasons = _reasons(run)
    assert "rows: sentiment:reviews: samples.parquet holds 11 rows, the manifest says 12." in reasons
    assert "dataset: sentiment:reviews: sample 'reviews-test-4': it is not in the run." in reasons


def test_one_sample_removed_and_everything_made_to_fit(run):
    def forget(document):
        record = document["tasks"][0]
        record["limit"] = record["dataset"]["rows"] = record["efficiency"]["samples"] = 11

    _edit_rows(run, lambda rows: rows.pop(4))
    _edit_json(run, "manifest.json", forget)
    _score_again(run)
    assert _kinds(run) == {"dataset"}
    assert "another dataset: its fingerprint is" in _reasons(run)
    assert "sample 'reviews-test-4': it is not in the run" in _reasons(run)
    assert "sample 'reviews-test-11': it is not in the dataset" in _reasons(run)


def test_a_sample_added_or_doubled(run):
    _edit_rows(run, lambda rows: rows.append(rows[-1]))
    assert "samples.parquet holds 13 rows" in _reasons(run)
    assert "repeat the id of another row" in _reasons(run)


def test_another_dataset(run):
    def ease(rows):
        for row in rows[:12]:
            row["target"], row["answer"] = json.dumps(row["prediction"]), row["prediction"]

    _edit_rows(run, ease)
    _score_again(run)
    reasons = _reasons(run)
    assert "not the target of the dataset" in reasons
    assert "its answer does not give the statistics" in reasons


def test_another_dataset_with_its_own_fingerprint(run):
    _edit_json(run, "manifest.json", lambda d: d["tasks"][1]["dataset"].update(fingerprint="0" * 64))
    assert _kinds(run) == {"dataset"}
    assert "dataset: qa:stories: another dataset: its fingerprint is" in _reasons(run)
    assert "the manifest says 000000000000." in _reasons(run)


def test_another_version_of_the_generator(run):
    _edit_json(run, "manifest.json", lambda d: d["tasks"][0]["dataset"].update(source="embedded:mine@9 test"))
    assert "the run's rows come from 'embedded:mine@9 test'" in _reasons(run)


def test_a_wrong_answer_hidden_as_an_error(run):
    def hide(rows):
        rows[0].update(error="timed out", prediction=None, statistics=[])

    _edit_rows(run, hide)
    assert "sample 'reviews-test-0': it is marked as without an answer but has one" in _reasons(run)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "running"}, "the run's status is 'running'"),
        ({"finished": ""}, "it lacks finished"),
        ({"versions": {"python": "3.11"}}, "it lacks versions.mmbench"),
        ({"model": {"spec": "hf:org/name", "name": "big", "fingerprint": "", "options": {}}}, "model.fingerprint"),
    ],
)
def test_an_incomplete_manifest(run, change, reason):
    _edit_json(run, "manifest.json", lambda document: document.update(change))
    assert reason in _reasons(run)
    assert "manifest" in _kinds(run)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": ""}, "it lacks version"),
        ({"metrics": ["accuracy|version:1"]}, "is in results.json only"),
        ({"errors": 2}, "2 samples without an answer; the rows say 0"),
    ],
)
def test_an_incomplete_record_of_a_task(run, change, reason):
    _edit_json(run, "manifest.json", lambda document: document["tasks"][0].update(change))
    assert reason in _reasons(run)


def test_files_that_cannot_be_read_are_a_reason(run, tmp_path):
    (run / "samples.parquet").write_bytes(b"nothing")
    assert _kinds(run) == {"file"}
    _edit_json(run, "manifest.json", lambda document: document.update(schema_version=7))
    assert "schema version 7" in _reasons(run)
    (run / "manifest.json").write_text("{}")
    assert _kinds(run) == {"file"}
    with pytest.raises(StoreError, match="is not a run folder"):
        mmbench.verify(tmp_path / "nowhere")


def test_columns_of_another_program_are_refused(run):
    pq.write_table(pa.table({"id": ["a"]}), run / "samples.parquet")
    assert "samples.parquet has not the columns of a run folder" in _reasons(run)


def test_rows_that_no_run_would_write_are_refused_not_raised(run):
    def spoil(rows):
        rows[0]["info"], rows[0]["target"] = "[]", "17"

    _edit_rows(run, spoil)
    assert "answer" in _kinds(run)
    _edit_rows(run, lambda rows: rows[1].update(id=None))
    assert "answer" in _kinds(run)


def test_a_toy_task_with_errors(tmp_path, toy):
    class Flaky(Calculator):
        def answer(self, request):
            if request.messages[-1].text.startswith("3+"):
                return Response(error="timed out")
            return super().answer(request)

    run = mmbench.evaluate(Flaky(), Addition(), out=tmp_path)
    assert run.manifest.status == "partial"
    assert mmbench.verify(run).ok
    _edit_rows(run.path, lambda rows: rows[5]["responses"][0].update(text="42"))
    assert "sample 'test-5': the stored prediction is not what its answer says." in _reasons(run.path)


def test_a_metric_that_is_not_here_any_more(tmp_path, toy):
    @dataclass(frozen=True)
    class Other(Addition):
        metrics = (Exact(), Exact(name="gone", signature="gone|version:1"))

    run = mmbench.evaluate(Calculator(), Other(), out=tmp_path)
    reasons = _reasons(run.path)
    assert "gone cannot be computed again here (gone|version:1)" in reasons
    assert "statistics of gone cannot be computed again" in reasons


def test_the_toolkit_of_these_tests_leaves_honest_runs_honest(run):
    _edit_rows(run, lambda rows: None)
    _edit_json(run, "manifest.json", lambda document: None)
    assert mmbench.verify(run).ok
    assert isinstance(load_run(run).manifest, Manifest)
