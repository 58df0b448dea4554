"""Logging to trackers: MLflow's own file and SQLite stores, and wandb's own offline folder."""

import time

import pytest

from mmbench.errors import StoreError, UsageError
from mmbench_reports.exchange import mlflow_log, wandb_log
from mmbench_reports.exchange.tracking import key_of, metrics_of


def test_metrics_have_a_name_for_every_value(gallery):
    told = metrics_of(gallery[0])
    assert told["vqa/scenes/accuracy"] == 0.62
    assert told["vqa/scenes/accuracy_low"] == pytest.approx(0.57)
    assert told["vqa/scenes/errors"] == 1.0
    assert not any(name.startswith("caption") for name in told), "it was skipped"


def test_names_are_those_that_trackers_take():
    assert key_of("a:b@c\x00/é") == "a_b_c_/_"


@pytest.fixture
def mlflow(monkeypatch):
    found = pytest.importorskip("mlflow", reason="mlflow is not installed")
    pytest.importorskip("sqlalchemy", reason="mlflow's SQLite store needs sqlalchemy")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    return found


@pytest.mark.parametrize("kind", ["file", pytest.param("sqlite", marks=pytest.mark.slow)])
def test_mlflow_keeps_values_parameters_tags_and_files(mlflow, gallery, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    uri = {"file": (tmp_path / "mlruns").as_uri(), "sqlite": f"sqlite:///{tmp_path / 'mlflow.db'}"}[kind]
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    for run in gallery:
        assert "experiment 'mmbench'" in mlflow_log.log(run, uri)
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("mmbench")
    runs = client.search_runs([experiment.experiment_id], order_by=["attributes.run_name ASC"])
    assert [run.info.run_name.split()[0] for run in runs] == ["alpha", "beta"]
    data = runs[0].data
    assert data.metrics["vqa/scenes/accuracy"] == 0.62
    assert data.params["model"] == "hf:alpha"
    assert data.tags["mmbench.model_fingerprint"] == "a" * 64
    assert runs[0].info.status == "FINISHED"
    kept = {file.path for file in client.list_artifacts(runs[0].info.run_id)}
    assert {"manifest.json", "results.json", "samples.parquet"} <= kept


def test_mlflow_that_cannot_be_opened_is_told(mlflow, gallery, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="cannot log to nosuch://place"):
        mlflow_log.log(gallery[0], "nosuch://place")


def test_wandb_offline_writes_a_run(gallery, tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="wandb is not installed")
    folders = {"DIR": ".", "CACHE_DIR": "cache", "DATA_DIR": "data", "CONFIG_DIR": "config"}
    for name, folder in folders.items():
        monkeypatch.setenv(f"WANDB_{name}", str(tmp_path / folder))
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert "in project 'toys'" in wandb_log.log(gallery[0], "toys")
    (record,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    wanted = (b"vqa/scenes/accuracy", b"hf:alpha", b"mmbench-run")
    patience = time.monotonic() + 60  # wandb writes from a process of its own
    while not all(words in record.read_bytes() for words in wanted) and time.monotonic() < patience:
        time.sleep(0.1)
    content = record.read_bytes()
    for words in wanted:
        assert words in content


@pytest.mark.parametrize(("module", "name"), [(mlflow_log, "mlflow"), (wandb_log, "wandb")])
def test_without_the_tracker_one_is_told_what_to_install(gallery, module, name, monkeypatch):
    import sys

    for known in [known for known in sys.modules if known.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, known)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=rf"pip install 'mmbench\[{name}\]'"):
        module.log(gallery[0], "")
