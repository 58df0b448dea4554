import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def policy(tmp_path):
    (tmp_path / "gate.toml").write_text('[[rule]]\nmetric = "accuracy"\nmin = 60\n')


def test_a_good_model_passes_and_the_verdict_is_commented(action, shell, policy):
    steps = action(model="oracle", policy="gate.toml", tasks="sentiment", limit="100")
    assert list(steps) == ["Install", "Run and gate", "Comment", "Verdict"]
    assert [step.returncode for step in steps.values()] == [0, 0, 0, 0], steps["Run and gate"].stderr
    assert f"python -m pip install --quiet {ROOT}[hf]" in shell.called
    assert "gh pr comment 7 --edit-last --create-if-none --body-file mmbench-out/gate.md" in shell.called
    out = shell.folder / "mmbench-out"
    assert ElementTree.parse(out / "gate.xml").getroot().get("failures") == "0"
    assert len(list(out.glob("runs/*/report.html"))) == 1
    assert "pass" in (out / "gate.md").read_text()


def test_the_steps_run_in_a_clean_clone(action_of_clone, clone):
    where = clone(f"{sys.executable} -c 'import mmbench, mmbench_tasks as t; print(mmbench.__file__, t.__file__)'")
    assert where.stdout.count(str(clone.source)) == 2, where.stderr
    (clone.folder / "gate.toml").write_text('[[rule]]\nmetric = "accuracy"\nmin = 60\n')
    steps = action_of_clone(model="oracle", policy="gate.toml", tasks="sentiment", limit="100")
    assert [step.returncode for step in steps.values()] == [0, 0, 0, 0], steps["Run and gate"].stderr
    assert len(list((clone.folder / "mmbench-out").glob("runs/*/report.html"))) == 1


def test_a_bad_model_fails_after_commenting(action, shell, policy):
    steps = action(model="random", policy="gate.toml", tasks="sentiment", limit="100", install="mmbench==1")
    assert steps["Comment"].returncode == 0
    assert steps["Verdict"].returncode == 1
    assert "mmbench gate: fail" in steps["Verdict"].stdout
    assert "pip install --quiet mmbench==1" in shell.called


def test_undecided_and_misuse(action, shell, policy):
    common = {"event": "push", "model": "oracle", "policy": "gate.toml", "tasks": "sentiment"}
    steps = action(**common, limit="3")
    assert "Comment" not in steps
    assert (steps["Verdict"].returncode, "undecided" in steps["Verdict"].stdout) == (1, True)
    assert action(**common, limit="3", allow_undecided="true")["Verdict"].returncode == 0
    steps = action(**common | {"policy": "absent.toml"}, limit="3", allow_undecided="true")
    assert (steps["Verdict"].returncode, "misuse" in steps["Verdict"].stdout) == (1, True)


def test_sequential_against_a_baseline_file(action, shell):
    made = shell(
        "mmbench run -m oracle -t sentiment --limit 150 --out base --no-report && mmbench baseline save base/*/"
    )
    assert made.returncode == 0, made.stderr
    (shell.folder / "gate.toml").write_text('[[rule]]\nmetric = "accuracy"\nmax_drop = 10\n')
    kept = next((shell.folder / "baselines").iterdir())
    steps = action(model="random", policy="gate.toml", baseline=str(kept), sequential="true")
    assert steps["Verdict"].returncode == 1, steps["Run and gate"].stderr
    assert "of 150 samples read" in (shell.folder / "mmbench-out/gate.md").read_text()


def test_the_gitlab_job_runs_its_script(shell, policy):
    job = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())[".mmbench-gate"]
    script = "\n".join(["set -eo pipefail", *job["before_script"], *job["script"]])
    set_ = {"MMBENCH_TASKS": "sentiment", "MMBENCH_ARGS": "--limit 100 --no-report"}
    env = {name: str(value) for name, value in job["variables"].items()} | set_
    good = shell(script, **env | {"MMBENCH_MODEL": "oracle"})
    assert good.returncode == 0, good.stderr
    assert "pip install --quiet mmbench[hf]" in shell.called
    assert shell(script, **env | {"MMBENCH_MODEL": "random"}).returncode == 1
    undecided = shell(script, **env | {"MMBENCH_MODEL": "oracle", "MMBENCH_ARGS": "--limit 3 --no-report"})
    assert undecided.returncode in job["allow_failure"]["exit_codes"]
    assert (shell.folder / job["artifacts"]["reports"]["junit"]).is_file()
