"""``mmbench new-task``: what it writes is tested, typed and runs as it is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A new task, by the command."""
    folder = tmp_path_factory.mktemp("new")
    command = [sys.executable, "-m", "mmbench", "new-task", "road-signs", "--to", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "mmbench run --model oracle --tasks road-signs" in done.stdout
    return folder / "road-signs"


def tool(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], capture_output=True, text=True, cwd=cwd, timeout=250, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_test_passes_as_written(written):
    tool("pytest", "-q", "-p", "no:cacheprovider", ".", cwd=written)


def test_ruff_accepts_it(written):
    tool("ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), "src", cwd=written)
    tool("ruff", "format", "--no-cache", "--check", "--config", str(ROOT / "pyproject.toml"), ".", cwd=written)


def test_mypy_accepts_it(written, tmp_path):
    tool("mypy", "--strict", "--cache-dir", str(tmp_path), "--follow-imports=silent", "src", "tests", cwd=written)


def test_it_is_found_once_it_is_installed(cli, written, tmp_path):
    build = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(tmp_path / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *build, str(written)], check=True, timeout=120)
    done = cli("run", "-m", "oracle", "-t", "road-signs", "--json", "--no-report", path=tmp_path / "site")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert [(entry["slice"], entry["value"]) for entry in results] == [
        ("", 1.0),
        ("type=sums", 1.0),
        ("type=world", 1.0),
    ]
    listed = cli("list", "tasks", path=tmp_path / "site").stdout
    assert "Questions with a closed set of answers" in " ".join(listed.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Road Signs"], "'Road Signs' is no name for a task: use lower-case letters"),
        (["vqa"], "there is a task 'vqa' already. Choose another name."),
        (["core"], "there is a task 'core' already."),
        (["taken"], "taken is there already. Choose another name, or another place with --to."),
        (["mine", "--to", "file"], "cannot write file/mine: Not a directory."),
    ],
)
def test_mistakes_get_one_clear_line_and_exit_code_2(cli, tmp_path, arguments, message):
    (tmp_path / "taken").mkdir()
    (tmp_path / "file").touch()
    done = cli("new-task", *arguments)
    assert message in " ".join(done.stderr.split())
    assert done.returncode == 2
