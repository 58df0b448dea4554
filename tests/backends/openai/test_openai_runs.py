"""Whole runs against a server: faults, kills and restarts lose nothing and ask nothing twice that was answered."""

import itertools
import os
import random
import subprocess
import sys
import time
from collections import Counter

import pytest
from fault_server import Reply, chat, refusal
from toys import Addition, with_file, write_sums

import mmbench

OPTIONS = {"scoring": "off", "concurrency": 16}
SUMS = 'from pathlib import Path\nfrom toys import with_file\nSums = type(with_file(Path("rows.jsonl")))\n'


def solve(call) -> Reply:
    a, b = call.prompt.rstrip("=").split("+")
    return Reply(body=chat(str(int(a) + int(b))))


def rows(path, count):
    """Write sums whose questions are all distinct."""
    write_sums(path, count)
    lines = [line.replace('"question": "', f'"question": "{number}000') for number, line in enumerate(path.open())]
    path.write_text("".join(lines))
    return path


def test_a_run_through_faults_is_whole(serve, tmp_path):
    """Five per cent errors and two per cent rate limits: every sample is answered, once."""
    rng = random.Random(3)
    limited = {"Retry-After": "0.01"}

    def script(call):
        luck = rng.random()
        if luck < 0.05:
            return Reply(500, refusal("oops"))
        return Reply(429, refusal("slow"), limited) if luck < 0.07 else solve(call)

    server = serve(script)
    task = with_file(rows(tmp_path / "rows.jsonl", 300))
    run = mmbench.evaluate(f"openai:m@{server.url}", task, out=tmp_path, model_options=OPTIONS)
    assert run.manifest.status == "done"
    assert (run.entries[0].n, run.entries[0].errors) == (300, 0)
    assert max(Counter(call.prompt for call in server.answered).values()) == 1
    assert len(server.asked) > 300
    assert run.manifest.tasks[0].efficiency.input_tokens == 300 * 7


def test_unanswered_requests_are_error_rows_with_their_own_count(serve, tmp_path):
    def script(call):
        return Reply(500, refusal("never")) if "+3" in call.prompt else solve(call)

    server = serve(script)
    run = mmbench.evaluate(
        f"openai:m@{server.url}", Addition(), out=tmp_path, model_options=OPTIONS | {"retries": 1}
    )
    lost = run.samples[run.samples.error.notna()]
    assert 0 < len(lost) == run.manifest.tasks[0].errors == run.entries[0].errors
    assert run.entries[0].n == 40 - len(lost)
    assert run.manifest.status == "partial"
    assert lost.error.iloc[0] == "HTTP 500: never (asked 2 times)"
    assert lost.prediction.isna().all()
    server.script = solve
    asked = len(server.asked)
    again = mmbench.evaluate(f"openai:m@{server.url}", Addition(), out=tmp_path, model_options=OPTIONS)
    assert again.manifest.status == "done"
    assert len(server.asked) - asked == len(lost)


def test_the_manifest_tells_options_but_no_secret(serve, tmp_path, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-abc")
    server = serve(solve)
    options = OPTIONS | {"api_key_env": "MY_KEY"}
    run = mmbench.evaluate(f"openai:m@{server.url}", Addition(), out=tmp_path, model_options=options)
    assert run.manifest.model.options == options
    assert run.manifest.model.name == "m"
    assert "sk-abc" not in (run.path / "manifest.json").read_text()


@pytest.fixture
def workplace(tmp_path):
    (tmp_path / "sums.py").write_text(SUMS)
    info = tmp_path / "sums-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sums\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[mmbench.tasks]\naddition = sums:Sums\n")
    rows(tmp_path / "rows.jsonl", 600)
    return tmp_path


def start(folder, url):
    arguments = ["-m", f"openai:m@{url}", "-t", "addition", "--out", "runs", "--no-report"]
    arguments += itertools.chain(*(("--model-set", f"{name}={value}") for name, value in OPTIONS.items()))
    paths = os.pathsep.join([str(folder), *(path for path in sys.path if path.endswith("support"))])
    return subprocess.Popen(
        [sys.executable, "-m", "mmbench", "run", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
    )


def test_kill_in_the_middle_loses_no_answer_that_was_received(serve, workplace):
    """All 600 requests go out in one window; only what was on its way at the kill is asked again."""
    server = serve(lambda call: Reply(body=solve(call).body, delay=0.01))
    process = start(workplace, server.url)
    deadline = time.monotonic() + 60
    while len(server.answered) < 250 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -9, "the process must be killed in the middle"
    assert len(server.answered) < 600

    assert start(workplace, server.url).wait() == 0
    repeated = sum(count - 1 for count in Counter(call.prompt for call in server.answered).values())
    assert len({call.prompt for call in server.answered}) == 600
    assert repeated <= 2 * OPTIONS["concurrency"]
