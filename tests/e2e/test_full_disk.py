"""A disk that fills up while a run is going: one line, exit code 2, and nothing answered is lost."""

import json
import subprocess
from pathlib import Path

import pytest

MODEL = """
from mmbench.model import Capabilities
from mmbench.schema import Generate, Response

class Wordy:
    name = fingerprint = "wordy"
    batch_size = 16
    capabilities = Capabilities(frozenset({"text"}), frozenset({Generate}))

    def run(self, requests):
        with open("asked.txt", "a") as log:
            log.write(f"{len(requests)}\\n")
        return [Response(text=(r.messages[-1].text + " ") * 400) for r in requests]

    def size(self, request):
        return 1

    def close(self):
        pass
"""


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 2 MiB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def _run(command, folder: Path, out: Path, cache: Path):
    program, env = command
    arguments = [
        "run",
        "-m",
        "python:wordy:Wordy",
        "-t",
        "qa:rows.jsonl",
        "--out",
        out,
        "--cache",
        cache,
        "--no-report",
    ]
    return subprocess.run([*program, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_a_full_disk_ends_in_one_line_and_loses_nothing(command, tmp_path, small_disk):
    (tmp_path / "wordy.py").write_text(MODEL)
    with (tmp_path / "rows.jsonl").open("w") as file:
        for number in range(1200):
            row = {"id": number, "context": "sums", "question": f"{number}+1?", "answers": [str(number + 1)]}
            file.write(json.dumps(row) + "\n")

    full = _run(command, tmp_path, small_disk / "out", small_disk / "r.sqlite")
    assert full.returncode == 2, full.stderr
    errors = [line for line in full.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert "full" in errors[0] or "No space left" in errors[0]
    assert "Traceback" not in full.stderr
    before = sum(map(int, (tmp_path / "asked.txt").read_text().split()))
    assert 0 < before < 1200

    moved = tmp_path / "r.sqlite"
    for suffix in ("", "-wal", "-shm"):
        source = small_disk / f"r.sqlite{suffix}"
        if source.exists():
            moved.with_name(moved.name + suffix).write_bytes(source.read_bytes())
    again = _run(command, tmp_path, tmp_path / "out", moved)
    assert again.returncode == 0, again.stderr
    after = sum(map(int, (tmp_path / "asked.txt").read_text().split())) - before
    assert before + after <= 1200 + 2 * 16, "only the batch that could not be written may be asked again"
