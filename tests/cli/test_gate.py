import json
from xml.etree import ElementTree

import pytest

POLICY = '[[rule]]\nmetric = "accuracy"\n'


@pytest.fixture
def runs(cli, tmp_path):
    folders = {}
    for model in ("oracle", "random"):
        done = cli("run", "-m", model, "-t", "sentiment", "--limit", "150", "--out", model, "--no-report")
        assert done.returncode == 0, done.stderr
        folders[model] = str(next(path for path in (tmp_path / model).iterdir() if path.is_dir()))
    return folders


def _gate(cli, tmp_path, run, condition, *more, **env):
    (tmp_path / "gate.toml").write_text(POLICY + condition)
    return cli("gate", run, "--policy", "gate.toml", *more, **env)


def test_exit_codes_and_files(cli, tmp_path, runs):
    passed = _gate(cli, tmp_path, runs["oracle"], "min = 90")
    assert (passed.returncode, "gate: pass" in passed.stdout) == (0, True)
    failed = _gate(
        cli,
        tmp_path,
        runs["random"],
        "max_drop = 5",
        "--baseline",
        runs["oracle"],
        "--junit",
        "j.xml",
        "--markdown",
        "m.md",
    )
    assert failed.returncode == 1
    assert ElementTree.parse(tmp_path / "j.xml").getroot().get("failures") == "1"
    assert "fail" in (tmp_path / "m.md").read_text()
    undecided = _gate(cli, tmp_path, runs["random"], "min = 33", "--json")
    assert undecided.returncode == 3
    assert json.loads(undecided.stdout)["judged"][0]["advice"]


def test_misuse_is_2(cli, tmp_path, runs):
    done = _gate(cli, tmp_path, runs["random"], "max_drop = 5")
    assert (done.returncode, "--baseline" in done.stderr) == (2, True)
    (tmp_path / "empty").mkdir()
    assert cli("gate", "empty", "--policy", "gate.toml").returncode == 2


def test_inside_github_it_annotates_and_sums_up(cli, tmp_path, runs):
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    done = _gate(cli, tmp_path, runs["random"], "min = 90", **env)
    assert "::error title=" in done.stderr
    assert "mmbench gate" in (tmp_path / "summary.md").read_text()


def test_compare_shows_a_verdict(cli, runs):
    done = cli("compare", runs["random"], runs["oracle"])
    assert done.returncode == 0, done.stderr
    assert "B is better" in done.stdout
    as_json = json.loads(cli("compare", runs["random"], runs["oracle"], "--json").stdout)
    assert as_json["comparisons"][0]["adjusted_p"] < 0.001
    assert cli("compare", runs["random"], runs["oracle"], "--correction", "x").returncode == 2


def test_sequential_runs_only_what_it_needs(cli, tmp_path, runs):
    (tmp_path / "gate.toml").write_text(POLICY + "max_drop = 10")
    common = ("gate", "--sequential", "--policy", "gate.toml", "--baseline", runs["oracle"], "--out", "new")
    done = cli(*common, "-m", "random", "--json", "--markdown", "m.md")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["verdict"] == "fail"
    assert told["effort"][0]["total"] == 150
    assert told["saved"] > 0.4
    assert "of 150 samples read" in (tmp_path / "m.md").read_text()
    same = cli(*common, "-m", "oracle")
    assert same.returncode == 0, same.stderr
    assert "of the samples saved" in same.stdout


def test_sequential_with_a_baseline_model_runs_both(cli, tmp_path):
    (tmp_path / "gate.toml").write_text(POLICY + "max_drop = 10")
    common = ("gate", "--sequential", "--policy", "gate.toml", "-t", "sentiment", "--limit", "150", "--out", "new")
    done = cli(*common, "-m", "random", "--baseline-model", "oracle", "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["effort"][0]["answered"] < 100
    assert len([path for path in (tmp_path / "new").iterdir() if path.is_dir()]) == 2


def test_sequential_misuse_is_2(cli, tmp_path, runs):
    (tmp_path / "gate.toml").write_text(POLICY + "min = 10")
    for arguments, message in (
        (("--sequential",), "give --model"),
        (("--sequential", runs["oracle"], "-m", "random"), "no run folder"),
        (("--sequential", "-m", "random"), "needs --tasks"),
        (("-m", "random"), "--sequential with --model"),
        (
            ("--sequential", "-m", "random", "--baseline", runs["oracle"], "--baseline-model", "oracle"),
            "not both",
        ),
    ):
        done = cli("gate", "--policy", "gate.toml", *arguments)
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr
