"""A package of somebody else's is found and used like ours; one that is broken stops nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "plugin_package"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The toy package, built and installed by pip into a folder of its own."""
    target = tmp_path_factory.mktemp("site")
    build = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *build, str(PACKAGE)], check=True, timeout=120)
    return target


def test_task_metric_and_model_of_a_third_party_are_listed(cli, site):
    assert "parity" in cli("list", "tasks", path=site).stdout
    assert "share-even" in cli("list", "metrics", path=site).stdout
    listed = cli("list", "models", path=site)
    assert "always" in listed.stdout
    assert listed.returncode == 0


def test_they_run_together(cli, site, tmp_path):
    done = cli("run", "-m", "always:even", "-t", "parity", "--json", "--out", "out", path=site)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    overall = results[0]
    assert (overall["metric"], overall["value"], overall["n"]) == ("share-even", 1.0, 30)
    assert overall["interval"]["low"] < 1.0
    assert [entry["slice"] for entry in results] == ["", "size=0", "size=1", "size=2"]


def test_their_metric_scores_old_answers_of_another_task(cli, site, tmp_path):
    cli("run", "-m", "always:even", "-t", "parity", "--out", "out", path=site)
    folder = next(path for path in (tmp_path / "out").iterdir() if path.is_dir())
    again = cli("score", str(folder), "--metric", "share-even", "--json", path=site)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == json.loads((folder / "results.json").read_text())


def test_a_broken_plugin_is_reported_by_name_and_stops_nothing(cli, site):
    broken = cli("run", "-m", "torn", "-t", "parity", path=site)
    assert broken.returncode == 2
    assert "model 'torn' of package toy-plugin does not import" in broken.stderr
    assert "package_that_does_not_exist" in broken.stderr
    assert "Traceback" not in broken.stderr
    assert cli("run", "-m", "always:odd", "-t", "parity", "--out", "o", path=site).returncode == 0
