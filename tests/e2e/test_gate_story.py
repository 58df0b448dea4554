"""A story: a model is trained, retrained with another seed, and damaged. The gate lets in what it should.

Real weights, trained here within seconds; real runs; the real command line.
"""

import json
import subprocess
from xml.etree import ElementTree

import pytest
import trained_models

import mmbench

POLICY = """
require = ["lm:sentences", "sentiment:reviews"]
max_error_rate = 0.01

[[rule]]
task = "lm:sentences"
metric = "bits-per-byte"
max_drop = 0.25

[[rule]]
task = "lm:sentences"
metric = "bits-per-byte"
slice = "split_kind=plain"
max_drop = 0.3

[[rule]]
task = "sentiment:reviews"
metric = "accuracy"
max_drop = 8
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Three checkpoints of the reference family, by name, and a policy."""
    folder = tmp_path_factory.mktemp("story")
    main = trained_models.language_model(folder / "training" / "main", seed=1)
    main.rename(folder / "main")
    trained_models.language_model(folder / "training" / "retrained", seed=2).rename(folder / "retrained")
    trained_models.damaged(folder / "main", folder / "damaged", share=1.0)
    (folder / "gate.toml").write_text(POLICY)
    return folder


def _run(place, model, limit=500):
    run = mmbench.evaluate(
        str(place / model), ["lm:sentences", "sentiment:reviews"], limit=limit, out=place / "runs"
    )
    assert run.manifest.status == "done", [task.reason for task in run.manifest.tasks]
    return run


@pytest.fixture(scope="module")
def main(place):
    return _run(place, "main")


def _gate(command, place, candidate, baseline):
    program, env = command
    arguments = [
        "gate",
        candidate.path,
        "--policy",
        "gate.toml",
        "--baseline",
        baseline.path,
        "--junit",
        "gate.xml",
    ]
    return subprocess.run(
        [*program, *map(str, arguments), "--json"], cwd=place, env=env, capture_output=True, text=True, check=False
    )


def test_the_model_has_learnt_something(main):
    (value,) = [entry.value for entry in main.entries if entry.metric == "bits-per-byte" and not entry.slice]
    assert value < 1.6


def test_a_damaged_model_is_kept_out_and_the_tasks_and_slices_are_named(command, place, main):
    done = _gate(command, place, _run(place, "damaged"), main)
    assert done.returncode == 1, done.stderr
    failed = {
        (item["task"], item["rule"]) for item in json.loads(done.stdout)["judged"] if item["verdict"] == "fail"
    }
    assert failed == {
        ("lm:sentences", "bits-per-byte drop < 0.25"),
        ("lm:sentences", "bits-per-byte [split_kind=plain] drop < 0.3"),
    }
    suite = ElementTree.parse(place / "gate.xml").getroot().find("testsuite")
    broken = {(case.get("classname"), case.get("name")) for case in suite if case.find("failure") is not None}
    assert broken == failed
    assert suite.get("failures") == "2"


def test_a_retrained_model_is_let_in(command, place, main):
    done = _gate(command, place, _run(place, "retrained"), main)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["verdict"] == "pass"


def test_thirty_samples_decide_nothing(command, place):
    done = _gate(command, place, _run(place, "retrained", limit=30), _run(place, "main", limit=30))
    assert done.returncode == 3, done.stdout
    told = json.loads(done.stdout)
    undecided = [item for item in told["judged"] if item["verdict"] == "undecided"]
    assert told["verdict"] == "undecided"
    assert all(item["advice"] for item in undecided)
    root = ElementTree.parse(place / "gate.xml").getroot()
    assert (root.get("failures"), root.get("errors")) == ("0", str(len(undecided)))


def test_compare_and_diff_tell_the_same_story(place, main):
    damaged = _run(place, "damaged")
    report = mmbench.compare(main, damaged)
    bits = next(item for item in report.comparisons if item.metric == "bits-per-byte")
    assert bits.difference.interval.low > 0.25
    assert bits.adjusted_p < 0.01
    from mmbench.engine.diff import diff

    assert [cause.value for cause in diff(main, damaged).tasks[0].causes] == ["model"]
