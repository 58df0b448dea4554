"""The real ``transformers serve``: the same text as the same checkpoint gives in ``hf:``."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from hf_oracle import picture
from toys import Addition

import mmbench
from mmbench.backends.hf import load as load_hf
from mmbench.backends.openai import load
from mmbench.schema import Generate, assistant, message, user

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("fastapi", "uvicorn")),
    reason="transformers serve needs fastapi and uvicorn",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Start ``transformers serve`` and wait until it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("serve")
    env = os.environ | {"HF_HOME": str(home / "hub"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    program = Path(sys.executable).with_name("transformers")
    command = [
        program,
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--device",
        "cpu",
        "--dtype",
        "float32",
    ]
    with (home / "log.txt").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process, home / "log.txt")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait(address, process, log):
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"transformers serve did not start: {log.read_text()[-2000:]}")


@pytest.fixture
def served(url):
    """Connect to a checkpoint, as ``transformers serve`` serves it."""
    models = []

    def connect(folder, **options):
        models.append(load(f"{folder}@{url}", **options))
        return models[-1]

    yield connect
    for model in models:
        model.close()


def same(served, local):
    assert [answer.error for answer in served] == [None] * len(served)
    assert [answer.text for answer in served] == [answer.text for answer in local]
    assert [answer.input_tokens for answer in served] == [answer.input_tokens for answer in local]
    assert [answer.finish_reason for answer in served] == [answer.finish_reason for answer in local]


def test_conversations_get_the_same_text(served, checkpoint):
    folder = checkpoint("causal-lm-chat")
    talk = (message("system", "Be brief."), user("How many?"), assistant("two"), user("And the cone?"))
    requests = [
        *(Generate((user(text),), max_tokens=12) for text in ("What colour is the ball?", "José, two", "x" * 90)),
        Generate(talk, max_tokens=12),
        Generate((user("Is the cone left?"),), max_tokens=40, stop=("e", "a")),
    ]
    model = served(folder)
    assert model.capabilities.kinds == {Generate}  # it neither echoes nor tells prompt_logprobs
    answers = model.run(requests)
    same(answers, load_hf(str(folder), device="cpu", dtype="float32").run(requests))
    assert all(answer.text for answer in answers[:4])


def test_streamed_answers_are_the_same(served, checkpoint):
    folder = checkpoint("causal-lm-chat")
    requests = [Generate((user(text),), max_tokens=12) for text in ("What colour is the ball?", "José, two")]
    whole, streamed = (served(folder, scoring="off", stream=stream).run(requests) for stream in (False, True))
    assert [answer.text for answer in streamed] == [answer.text for answer in whole]
    assert [(answer.tokens, answer.input_tokens) for answer in streamed] == [
        (answer.tokens, answer.input_tokens) for answer in whole
    ]
    assert all(0 < answer.first_token <= answer.latency for answer in streamed)


def test_plain_text_is_continued_the_same_way(served, checkpoint):
    folder = checkpoint("causal-lm")
    requests = [Generate((user(text),), max_tokens=12) for text in ("Question: what? Answer:", "The ball", "José")]
    answers = served(folder, api="completions").run(requests)
    same(answers, load_hf(str(folder), device="cpu", dtype="float32").run(requests))


def test_pictures_get_the_same_text(served, checkpoint):
    folder = checkpoint("image-text-chat")
    requests = [
        Generate((user(picture(seed, *size), "What colour is the ball?"),), max_tokens=10)
        for seed, size in ((1, ()), (2, (64, 30)), (3, (31, 77)))
    ]
    answers = served(folder, scoring="off").run(requests)
    same(answers, load_hf(str(folder), device="cpu", dtype="float32").run(requests))
    assert len({answer.text for answer in answers}) > 1


def test_a_whole_run_equals_the_local_one(url, checkpoint, tmp_path):
    folder = checkpoint("causal-lm-chat")
    runs = [
        mmbench.evaluate(spec, Addition(), limit=10, out=tmp_path / name, model_options=options)
        for name, spec, options in (
            ("served", f"openai:{folder}@{url}", {"concurrency": 4}),
            ("local", f"hf:{folder}", {"device": "cpu", "dtype": "float32"}),
        )
    ]
    assert [run.manifest.status for run in runs] == ["done", "done"]
    assert (runs[0].samples.prediction == runs[1].samples.prediction).all()
    assert runs[0].manifest.tasks[0].efficiency.input_tokens == runs[1].manifest.tasks[0].efficiency.input_tokens
