"""``kill -9`` in the middle: the same command goes on, repeats at most the batch in flight, ends equal."""

import random
import subprocess
import time
from pathlib import Path

import pytest
from toys import write_sums

REQUESTS, BATCH = 2000, 25
MODEL = f'''
import time
from mmbench.model import Capabilities
from mmbench.schema import Generate, Response

class Slow:
    """Adds, 4 ms a batch, and writes down whom it was asked."""
    name = fingerprint = "slow"
    batch_size = {BATCH}
    capabilities = Capabilities(frozenset({{"text"}}), frozenset({{Generate}}))

    def run(self, requests):
        with open("asked.txt", "a") as log:
            log.write(f"{{len(requests)}}\\n")
        time.sleep(0.004)
        return [Response(text=str(eval(r.messages[-1].text.split("=")[0]))) for r in requests]

    def size(self, request):
        return len(request.messages[-1].text)

    def close(self):
        pass
'''
TASK = """
from toys import Addition, with_file
from pathlib import Path
Sums = type(with_file(Path("rows.jsonl")))
"""


@pytest.fixture
def workplace(tmp_path):
    (tmp_path / "slow.py").write_text(MODEL)
    (tmp_path / "sums.py").write_text(TASK)
    info = tmp_path / "sums-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sums\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[mmbench.tasks]\naddition = sums:Sums\n")
    path = tmp_path / "rows.jsonl"
    write_sums(path, REQUESTS)
    # every question distinct, so that requests and samples are equally many
    lines = [line.replace('"question": "', f'"question": "{number}*0+') for number, line in enumerate(path.open())]
    path.write_text("".join(lines))
    return tmp_path


def _start(command, folder: Path, out: str):
    program, env = command
    env = env | {"PYTHONPATH": f"{folder}:{Path(__file__).parents[1] / 'support'}"}
    arguments = ["run", "-m", "python:slow:Slow", "-t", "addition", "--out", out, "--no-report"]
    return subprocess.Popen([*program, *arguments], cwd=folder, env=env, stdout=subprocess.DEVNULL)


def _asked(folder: Path) -> int:
    log = folder / "asked.txt"
    return sum(map(int, log.read_text().split())) if log.exists() else 0


def _results(folder: Path, out: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / out).glob("*/results.json")))


def test_three_kills_cost_at_most_three_batches_and_change_nothing(command, workplace):
    rng = random.Random(7)
    marks = sorted(rng.sample(range(200, REQUESTS - 200), 3))
    for mark in marks:
        process = _start(command, workplace, "killed")
        deadline = time.monotonic() + 60
        while _asked(workplace) < mark and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.002)
        process.kill()
        assert process.wait() == -9, "the process must be killed in the middle"
    assert _asked(workplace) < REQUESTS
    assert _results(workplace, "killed") == b""

    assert _start(command, workplace, "killed").wait() == 0
    assert REQUESTS <= _asked(workplace) <= REQUESTS + len(marks) * BATCH
    assert _start(command, workplace, "whole").wait() == 0
    assert _results(workplace, "killed") == _results(workplace, "whole") != b""
