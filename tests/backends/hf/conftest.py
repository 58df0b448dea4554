"""Tiny checkpoints, built once a session, and pictures to show them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny_models
import torch
import transformers
from hf_oracle import picture

from mmbench.backends.hf import load
from mmbench.model import Model
from mmbench.schema import Image

PICTURES = ("image-text-to-text", "image-text-chat")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny models lose more than they win by threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a tiny checkpoint by name; nobody may change what is in it."""
    root = tmp_path_factory.mktemp("checkpoints")

    def build(name: str) -> Path:
        folder = root / name
        return folder if folder.exists() else tiny_models.BUILDERS[name](folder)

    return build


@pytest.fixture(scope="session")
def loaded(checkpoint: Callable[[str], Path]) -> Callable[[str], Model]:
    """Return a tiny checkpoint as ``hf:`` loads it in float32 on the CPU."""
    models: dict[str, Model] = {}

    def get(name: str) -> Model:
        if name not in models:
            models[name] = load(str(checkpoint(name)), device="cpu", dtype="float32")
        return models[name]

    return get


@pytest.fixture(scope="session")
def direct(checkpoint: Callable[[str], Path]) -> Callable[[str], tuple[Any, Any]]:
    """Return (model, tokenizer or processor) as plain Transformers loads them: the independent side of a test."""
    parts: dict[str, tuple[Any, Any]] = {}

    def get(name: str) -> tuple[Any, Any]:
        if name not in parts:
            folder = checkpoint(name)
            seq2seq = (
                transformers.AutoModelForSeq2SeqLM if name == "seq2seq" else transformers.AutoModelForCausalLM
            )
            kind = transformers.AutoModelForImageTextToText if name in PICTURES else seq2seq
            reader = transformers.AutoProcessor if name in PICTURES else transformers.AutoTokenizer
            parts[name] = (kind.from_pretrained(folder).eval(), reader.from_pretrained(folder))
        return parts[name]

    return get


@pytest.fixture(scope="session")
def pictures() -> list[Image]:
    """Pictures of several shapes."""
    return [picture(1), picture(2, 64, 30), picture(3, 31, 77)]
