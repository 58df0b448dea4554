"""Copies of a model on a real Ray cluster of this machine: results are those of one process, whoever dies."""

import itertools
import os
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from toys import Addition, Calculator, with_file, write_sums

import mmbench
from mmbench.cli import app
from mmbench.engine.loading import engine_of, open_model
from mmbench.engine.replicas import RaySettings, _fit
from mmbench.errors import ModelError, UsageError

os.environ.setdefault("RAY_DASHBOARD_STARTUP_TIMEOUT_S", "600")  # of a part that starts even if it is not wanted
ray = pytest.importorskip("ray", reason="needs mmbench[ray]")
TWO = RaySettings(replicas=2)
MODULE = '''
import os
import time
from pathlib import Path
from toys import Calculator
from mmbench.errors import ModelError

PLACE = Path({place!r})

class Traced(Calculator):
    """Writes down what it is asked, and which process it is."""
    def __init__(self):
        super().__init__("traced")

    def run(self, requests):
        with (PLACE / "asked.txt").open("a") as log:
            log.write("".join(f"{{os.getpid()}} {{r.messages[-1].text}}\\n" for r in requests))
        return super().run(requests)

class Polite(Traced):
    """After its first batch, waits until another process has been asked something."""
    def run(self, requests):
        deadline = time.monotonic() + 60
        while self.batches and self.alone() and time.monotonic() < deadline:
            time.sleep(0.005)
        return super().run(requests)

    def alone(self):
        lines = (PLACE / "asked.txt").read_text().splitlines()
        return len({{line.split()[0] for line in lines}}) < 2

class Mortal(Traced):
    """The first worker to be asked for a second batch dies over it, once."""
    def run(self, requests):
        if self.batches:
            try:
                (PLACE / "died").mkdir()
                os._exit(1)
            except FileExistsError:
                pass
        return super().run(requests)

class Doomed(Traced):
    """Everybody dies over one question."""
    def run(self, requests):
        if any(r.messages[-1].text.startswith("3+") for r in requests):
            os._exit(1)
        return super().run(requests)

class Broken(Traced):
    def run(self, requests):
        raise ModelError("out of ideas. Try another model.")

class Different(Traced):
    """No two processes have the same weights."""
    def __init__(self):
        super().__init__()
        self.fingerprint = str(os.getpid())
'''


@pytest.fixture(scope="module", autouse=True)
def cluster():
    """One small cluster for all tests."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="error",
        object_store_memory=80 * 2**20,
    )
    yield
    ray.shutdown()


@pytest.fixture
def model(tmp_path, monkeypatch):
    """Return the model string of a class in MODULE."""
    (tmp_path / "copies.py").write_text(MODULE.format(place=str(tmp_path)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda name: f"python:copies:{name}"


def asked(place: Path) -> list[list[str]]:
    return [line.split() for line in (place / "asked.txt").read_text().splitlines()]


def stored(place: Path) -> int:
    with sqlite3.connect(place / "responses.sqlite") as db:
        return int(db.execute("SELECT count(*) FROM responses").fetchone()[0])


def local(task, place: Path) -> bytes:
    run = mmbench.evaluate(Calculator("traced"), task, out=place / "local")
    return (run.path / "results.json").read_bytes()


def test_two_workers_give_what_one_process_gives(model, tmp_path):
    task = with_file(write_sums(tmp_path / "rows.jsonl", 160))
    run = mmbench.evaluate(model("Polite"), task, out=tmp_path / "ray", engine=TWO)
    assert (run.path / "results.json").read_bytes() == local(task, tmp_path)
    calls = asked(tmp_path)
    assert len({process for process, _ in calls}) == 2
    assert len(calls) == stored(tmp_path / "ray") == len({question for _, question in calls})
    hardware = run.manifest.hardware
    assert (hardware["engine"], hardware["replicas"], hardware["num_gpus"]) == ("ray", 2, 0.0)
    work = run.manifest.tasks[0].efficiency
    assert work.model_seconds > 0
    assert work.peak_host_bytes > 10**7


def test_a_worker_that_dies_in_the_middle_loses_nothing(model, tmp_path):
    task = with_file(write_sums(tmp_path / "rows.jsonl", 160))
    run = mmbench.evaluate(model("Mortal"), task, out=tmp_path / "ray", engine=TWO)
    assert (tmp_path / "died").exists(), "a worker must die in the middle"
    assert run.manifest.status == "done"
    assert (run.path / "results.json").read_bytes() == local(task, tmp_path)
    counts = Counter(question for _, question in asked(tmp_path))
    assert len(counts) == stored(tmp_path / "ray")
    assert counts.total() - len(counts) <= 8, "only what had not come back is asked again"


@pytest.mark.slow
def test_a_batch_that_kills_every_worker_ends_the_task_and_keeps_the_rest(model, tmp_path):
    class Plain(Addition):
        name = "plain"

    run = mmbench.evaluate(model("Doomed"), [Addition(), Plain()], out=tmp_path, engine=TWO)
    task = run.manifest.tasks[0]
    assert task.status == "failed"
    assert "4 workers died over the same batch of 8 requests" in task.reason
    assert stored(tmp_path) > 0


@pytest.mark.slow
def test_what_a_model_raises_arrives_as_it_is(model, tmp_path):
    run = mmbench.evaluate(model("Broken"), Addition(), out=tmp_path, engine=RaySettings(replicas=1))
    assert run.manifest.tasks[0].reason == "out of ideas. Try another model."


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_says_why(model, tmp_path):
    with pytest.raises(UsageError, match="has no attribute 'Nobody'"):
        mmbench.evaluate(model("Nobody"), Addition(), out=tmp_path, engine="ray")


@pytest.mark.slow
def test_copies_with_different_weights_are_refused(model):
    loaded = open_model(model("Different"), 0, {}, TWO)
    requests = Addition().requests(_sample(), loaded.capabilities)
    try:
        with pytest.raises(ModelError, match="two workers have loaded different models"):
            any(not loaded.run(requests) for _ in itertools.count())  # until the second worker is there
    finally:
        loaded.close()


def _sample():
    return Addition().sample({"id": "1", "question": "1+1", "answer": "2"})


@pytest.mark.slow
def test_a_baseline_needs_no_workers(tmp_path):
    with pytest.raises(UsageError, match=r"random is a baseline.*leave out --engine ray"):
        mmbench.evaluate("random", Addition(), out=tmp_path, engine="ray")


def test_a_model_object_cannot_be_copied(tmp_path):
    with pytest.raises(UsageError, match="name it by a string"):
        mmbench.evaluate(Calculator(), Addition(), out=tmp_path, engine="ray")


@pytest.mark.slow
def test_a_transformers_checkpoint_gives_the_same_from_the_command_line(tmp_path, capfd):
    """Written answers and scored options, here and in two workers: the same results.json."""
    tiny_models = pytest.importorskip("tiny_models")
    folder = tiny_models.BUILDERS["causal-lm-chat"](tmp_path / "model")
    capfd.readouterr()
    common = ["run", "-m", f"hf:{folder}", "-t", "sentiment,translation", "--limit", "12", "--no-report", "--json"]
    common += ["--device", "cpu", "--dtype", "float32", "--batch-size", "4", "--cache", "off"]
    told = []
    for extra in ([], ["--engine", "ray", "--replicas", "2"]):
        assert app([*common, "--out", str(tmp_path / f"out{len(extra)}"), *extra], standalone_mode=False) == 0
        told.append(capfd.readouterr().out)
    assert told[0] == told[1] != ""


@pytest.mark.parametrize(
    ("total", "settings", "expected"),
    [
        ({"CPU": 8.0}, RaySettings(), (1, 1.0, 0.0)),
        ({"CPU": 8.0}, RaySettings(replicas=4, cpus_per_replica=2), (4, 2, 0.0)),
        ({"CPU": 64.0, "GPU": 8.0}, RaySettings(), (8, 1.0, 1.0)),
        ({"CPU": 64.0, "GPU": 8.0}, RaySettings(gpus_per_replica=2), (4, 1.0, 2)),
        ({"CPU": 64.0, "GPU": 2.0}, RaySettings(gpus_per_replica=0.25), (8, 1.0, 0.25)),
        ({"CPU": 64.0, "GPU": 2.0}, RaySettings(gpus_per_replica=0, replicas=3), (3, 1.0, 0)),
    ],
)
def test_how_many_fit(total, settings, expected):
    count, share = _fit(total, settings)
    assert (count, share["num_cpus"], share["num_gpus"]) == expected


@pytest.mark.parametrize(
    ("total", "settings"),
    [
        ({"CPU": 2.0}, RaySettings(replicas=3)),
        ({"CPU": 2.0}, RaySettings(gpus_per_replica=1)),
        ({"CPU": 64.0, "GPU": 8.0}, RaySettings(replicas=5, gpus_per_replica=2)),
    ],
)
def test_what_does_not_fit_is_refused_with_the_room_there_is(total, settings):
    with pytest.raises(UsageError, match=r"do not fit: the cluster has \d+ CPUs and \d+ GPUs"):
        _fit(total, settings)


@pytest.mark.parametrize("wrong", [{"replicas": 0}, {"gpus_per_replica": 1.5}, {"cpus_per_replica": -1}])
def test_senseless_numbers_are_refused(wrong):
    with pytest.raises(UsageError, match="must"):
        RaySettings(**wrong)


def test_an_unknown_engine_is_named():
    with pytest.raises(UsageError, match=r"unknown engine 'rya'\. Did you mean 'ray'"):
        engine_of("rya")
