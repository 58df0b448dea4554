"""Batches start as large as free memory allows, and a model of pictures is no exception."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from mmbench.backends.hf import batch_size, load

GIB = 2**30
SEVEN_B = transformers.LlamaConfig(
    vocab_size=32000,
    hidden_size=4096,
    intermediate_size=11008,
    num_hidden_layers=32,
    num_attention_heads=32,
    num_key_value_heads=8,
)


class Loaded:
    """What the choice looks at of a model."""

    def __init__(self, device: str, config: Any = SEVEN_B, dtype: torch.dtype = torch.bfloat16) -> None:
        self.device, self.config, self.dtype = torch.device(device), config, dtype


def test_a_row_holds_keys_values_activations_and_logits() -> None:
    keys_and_values = 2 * 32 * 8 * 128 * 1024 * 2  # both, layers, heads, width, tokens, bytes
    activations, logits = 16 * 4096 * 1024 * 2, 3 * 4 * 32000
    assert batch_size.row_bytes(SEVEN_B, torch.bfloat16) == keys_and_values + activations + logits


@pytest.mark.parametrize(
    ("device", "free", "size"),
    [("cuda", 120 * GIB, 128), ("cuda", 9 * GIB, 16), ("cuda", 1 * GIB, 1), ("cpu", 120 * GIB, 32), ("cpu", 0, 1)],
)
def test_the_size_follows_free_memory(device: str, free: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_size, "free_bytes", lambda _: free)
    assert batch_size.auto_batch_size(Loaded(device)) == size


@pytest.mark.parametrize("name", ["causal-lm", "image-text-to-text", "seq2seq"])
def test_models_start_with_it_unless_the_user_says(
    name: str, checkpoint: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(batch_size, "free_bytes", lambda device: asked.append(device.type) or 25 * 2**20)
    assert load(str(checkpoint(name)), device="cpu").batch_size in (1, 2, 4, 8)
    assert asked == ["cpu"]
    assert load(str(checkpoint(name)), device="cpu", batch_size=5).batch_size == 5


def test_free_memory_of_this_machine_is_known() -> None:
    assert batch_size.free_bytes(torch.device("cpu")) > 2**20
