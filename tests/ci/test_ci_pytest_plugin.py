import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

import mmbench

POLICY = """
max_error_rate = 0.01
[[rule]]
metric = "accuracy"
min = 60
[[rule]]
metric = "accuracy"
min = 99.9
[[rule]]
metric = "macro-f1"
max = 20
"""


@pytest.fixture
def run(tmp_path):
    done = mmbench.evaluate("oracle", "sentiment", limit=100, out=tmp_path / "runs")
    assert done.manifest.status == "done", done.manifest.tasks[0].reason
    return done


def _pytest(tmp_path, *arguments):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, arguments)],
        cwd=tmp_path,
        env=plain,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_one_test_a_rule_beside_the_projects_own(tmp_path, run):
    (tmp_path / "gate.toml").write_text(POLICY)
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    done = _pytest(tmp_path, "--mmbench-policy", "gate.toml", "--mmbench-run", run.path, "--junit-xml", "j.xml")
    assert done.returncode == 1, done.stderr
    assert "2 failed, 3 passed" in done.stdout
    assert "undecided: accuracy >= 99.9" in done.stdout
    assert "fail: macro-f1 <= 20: 100.00" in done.stdout
    assert "Traceback" not in done.stdout
    suite = ElementTree.parse(tmp_path / "j.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("5", "2")
    one = _pytest(
        tmp_path, "--mmbench-policy", "gate.toml", "--mmbench-run", run.path, "-k", "accuracy and not 99.9"
    )
    assert (one.returncode, "1 passed" in one.stdout) == (0, True), one.stdout


def test_without_options_it_does_nothing_and_misuse_is_told(tmp_path, run):
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    assert "1 passed" in _pytest(tmp_path).stdout
    half = _pytest(tmp_path, "--mmbench-run", run.path)
    assert (half.returncode, "go together" in half.stderr) == (4, True)
    (tmp_path / "gate.toml").write_text('[[rule]]\nmetric = "accuracy"\nmax_drop = 1')
    lacking = _pytest(tmp_path, "--mmbench-policy", "gate.toml", "--mmbench-run", run.path)
    assert (lacking.returncode, "--baseline" in lacking.stderr) == (4, True), lacking.stdout
