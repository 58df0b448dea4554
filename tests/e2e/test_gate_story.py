"""A story: a model is trained, retrained with another seed, and damaged. The gate lets in what it should.

Real weights, trained here within seconds; real runs; the real command line.
"""

import json
import subprocess
from itertools import islice
from xml.etree import ElementTree

import pytest
import trained_models

import mmbench
from mmbench_tasks.worlds.reviews import sentiment_rows

POLICY = """
require = ["sentiment:reviews", "sentiment:mails"]
max_error_rate = 0.01

[[rule]]
metric = "accuracy"
max_drop = 12

[[rule]]
task = "sentiment:reviews"
metric = "accuracy"
slice = "type=plain"
max_drop = 15
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Three checkpoints and a file of mails, in one folder."""
    folder = tmp_path_factory.mktemp("story")
    main = trained_models.sentiment_classifier(folder / "main", seed=1)
    trained_models.sentiment_classifier(folder / "retrained", seed=2)
    trained_models.damaged(main, folder / "damaged", share=4.0)
    mails = islice(sentiment_rows("validation", difficulty=1), 600)
    lines = [json.dumps({"id": row["id"], "text": row["text"], "label": row["label"]}) for row in mails]
    (folder / "mails.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "gate.toml").write_text(POLICY)
    return folder


def _run(place, model, limit=1000):
    run = mmbench.evaluate(
        str(place / model),
        ["sentiment:reviews", f"sentiment:{place / 'mails.jsonl'}"],
        limit=limit,
        out=place / "runs",
        options={"difficulty": "1"},
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
    accuracy = {
        entry.dataset: entry.value for entry in main.entries if entry.metric == "accuracy" and not entry.slice
    }
    assert min(accuracy.values()) > 0.6


def test_a_damaged_model_is_kept_out_and_the_tasks_and_slices_are_named(command, place, main):
    done = _gate(command, place, _run(place, "damaged"), main)
    assert done.returncode == 1, done.stderr
    failed = {
        (item["task"], item["rule"]) for item in json.loads(done.stdout)["judged"] if item["verdict"] == "fail"
    }
    assert failed == {
        ("sentiment:reviews", "accuracy drop < 12"),
        ("sentiment:mails", "accuracy drop < 12"),
        ("sentiment:reviews", "accuracy [type=plain] drop < 15"),
    }
    suite = ElementTree.parse(place / "gate.xml").getroot().find("testsuite")
    broken = {(case.get("classname"), case.get("name")) for case in suite if case.find("failure") is not None}
    assert broken == failed
    assert (suite.get("tests"), suite.get("failures")) == ("7", "3")


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
    accuracy = next(item for item in report.comparisons if item.metric == "accuracy")
    assert accuracy.difference.interval.high < -0.05
    assert accuracy.adjusted_p < 1e-6
    from mmbench.engine.diff import diff

    assert [cause.value for cause in diff(main, damaged).tasks[0].causes] == ["model"]
