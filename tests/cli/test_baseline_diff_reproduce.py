import json

import pytest


@pytest.fixture
def run(cli, tmp_path):
    def make(model, *more):
        out = f"{model}{len(more)}"
        done = cli("run", "-m", model, "-t", "sentiment", "--limit", "60", "--out", out, "--no-report", *more)
        assert done.returncode == 0, done.stderr
        return str(next(path for path in (tmp_path / out).iterdir() if path.is_dir()))

    return make


def test_baselines_are_saved_listed_compared_and_gated(cli, tmp_path, run):
    oracle, guess = run("oracle"), run("random")
    saved = cli("baseline", "save", oracle)
    assert saved.returncode == 0, saved.stderr
    file = next((tmp_path / "baselines").iterdir())
    assert file.name.endswith(".mmbench.parquet")
    assert cli("baseline", "save", guess, "guess.mmbench.parquet").returncode == 0
    listed = cli("baseline", "list")
    assert "sentiment:reviews" in listed.stdout, listed.stderr
    differ = cli("baseline", "diff", str(file), "guess.mmbench.parquet")
    assert (differ.returncode, "accuracy: 1.0" in differ.stdout) == (1, True)
    assert cli("baseline", "diff", str(file), oracle).returncode == 0
    (tmp_path / "gate.toml").write_text('[[rule]]\nmetric = "macro-f1"\nmax_drop = 5')
    gated = cli("gate", guess, "--policy", "gate.toml", "--baseline", str(file))
    assert gated.returncode == 1, gated.stdout + gated.stderr
    compared = cli("compare", str(file), guess)
    assert "macro-f1" in compared.stdout
    assert "B is worse" in compared.stdout
    assert cli("baseline", "list", "nowhere").returncode == 2


def test_reproduce_is_identical_and_diff_finds_nothing(cli, run):
    oracle = run("oracle")
    done = cli("reproduce", oracle, "--out", "again")
    assert (done.returncode, "identical results" in done.stdout) == (0, True), done.stdout + done.stderr
    differs = cli("reproduce", oracle, "--out", "again", "--model", "random")
    assert differs.returncode == 1
    assert "accuracy: 1.0 (n = 60) became" in differs.stdout
    assert "mmbench diff" in differs.stdout


def test_diff_names_causes_and_points(cli, run):
    a, b = run("oracle"), run("random", "--set", "prompt={text} ?", "--limit", "40")
    done = cli("diff", a, b)
    assert done.returncode == 0, done.stderr
    assert "prompt: 40 prompts differ" in done.stdout
    assert "model: oracle" in done.stdout
    assert "items: 20 samples only in A" in done.stdout
    told = json.loads(cli("diff", a, b, "--json").stdout)
    metric = told["tasks"][0]["metrics"][0]
    assert sum(step["points"] for step in metric["steps"]) == pytest.approx(metric["b"] - metric["a"])
