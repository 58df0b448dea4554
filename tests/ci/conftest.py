import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


class Shell:
    """Runs the shell of a CI job in a fresh folder; other programs only write down how they were called."""

    def __init__(self, folder: Path, source: Path = ROOT) -> None:
        self.folder, self.bin, self.source = folder, folder / ".bin", source
        self.bin.mkdir()
        self.log = folder / ".called"
        self._shim("mmbench", f'exec "{sys.executable}" -m mmbench "$@"')
        for name in ("gh", "python"):
            self._shim(name, f'echo "{name} $*" >> "{self.log}"')

    def __call__(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        own = {"PATH": f"{self.bin}:{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "200"}
        if self.source != ROOT:  # ahead of the installed package, which stays for its entry points
            parts = ("", "tasks", "reports", "reference_models")
            own["PYTHONPATH"] = ":".join(str(self.source / part) for part in parts)
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env={**os.environ, **own, **env},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    @property
    def called(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def _shim(self, name: str, line: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/bash\n{line}\n")
        path.chmod(0o755)


@pytest.fixture
def shell(tmp_path):
    return Shell(tmp_path)


@pytest.fixture
def clone(tmp_path):
    """A shell whose mmbench is a clean clone of the repository: what is not committed is not there."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the repository")
    source = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, source], check=True)
    place = tmp_path / "workspace"
    place.mkdir()
    return Shell(place, source)


@pytest.fixture
def action(shell):
    """Play action.yml in the shell."""
    return player(shell)


@pytest.fixture
def action_of_clone(clone):
    """Play the clone's action.yml with the clone's code."""
    return player(clone)


def player(shell: Shell) -> Callable[..., dict[str, Any]]:
    """Play action.yml: its shell steps in order, expressions filled in, conditions read as GitHub would."""
    content = yaml.safe_load((shell.source / "action.yml").read_text())
    defaults = {name: str(value.get("default", "")) for name, value in content["inputs"].items()}

    def play(event: str = "pull_request", **inputs: str) -> dict[str, Any]:
        values = {f"inputs.{name}": value for name, value in (defaults | _dashed(inputs)).items()}
        values |= {
            "github.action_path": str(shell.source),
            "github.token": "t",
            "github.event.number": "7",
            "github.event_name": event,
        }
        done: dict[str, Any] = {}
        for step in content["runs"]["steps"]:
            if "run" not in step or not _holds(step.get("if", "always()"), values):
                continue
            output = shell.folder / ".output"
            output.write_text("")
            env = {name: _fill(text, values) for name, text in step.get("env", {}).items()}
            done[step["name"]] = shell(step["run"], GITHUB_OUTPUT=str(output), **env)
            for line in output.read_text().splitlines():
                key, _, value = line.partition("=")
                values[f"steps.{step['id']}.outputs.{key}"] = value
        return done

    return play


def _dashed(inputs: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in inputs.items()}


def _fill(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda found: values[found[1]], text)


def _holds(condition: str, values: dict[str, str]) -> bool:
    parts = [part.strip() for part in condition.split("&&")]
    pairs = [part.split(" == ") for part in parts if part != "always()"]
    return all(values[left] == right.strip("'") for left, right in pairs)
