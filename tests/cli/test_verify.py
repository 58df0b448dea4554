"""``mmbench verify`` as a command."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def run(cli, tmp_path) -> Path:
    done = cli("run", "-m", "majority", "-t", "sentiment", "--limit", "10", "--no-report")
    assert done.returncode == 0, done.stderr
    return next((tmp_path / "runs").glob("*-majority-*"))


def test_verified_refused_and_misused(cli, run, tmp_path):
    good = cli("verify", run)
    assert good.returncode == 0, good.stderr
    assert good.stdout.startswith(f"verified  {run.name}  10 answers scored again")

    results = json.loads((run / "results.json").read_text())
    results["results"][0]["value"] = 0.99
    (run / "results.json").write_text(json.dumps(results))
    bad = cli("verify", run)
    assert bad.returncode == 1
    assert bad.stdout.startswith(f"refused  {run.name}")
    assert "score: sentiment:reviews: accuracy: results.json says 0.99, the answers give" in bad.stdout

    told = json.loads(cli("verify", run, "--json").stdout)
    assert [fault["kind"] for fault in told[0]["faults"]] == ["score"]

    absent = cli("verify", tmp_path / "nothing")
    assert absent.returncode == 2
    assert "is not a run folder" in absent.stderr
