"""Rolling perplexity: every token once, each window as a plain forward pass scores it."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hf_oracle
import pytest
import torch

from mmbench.backends.hf import load
from mmbench.model import Model
from mmbench.schema import Perplexity

TEXT = "What colour is the ball? The ball is red. Ein Mann steht auf einer Leiter, José! " * 3


@pytest.mark.parametrize("name", ["causal-lm", "causal-lm-chat", "image-text-to-text", "image-text-chat"])
@pytest.mark.parametrize("most", [16, 512])
def test_equals_plain_passes_over_the_windows(
    name: str, most: int, checkpoint: Callable[[str], Path], direct: Callable[[str], tuple[Any, Any]]
) -> None:
    model, reader = direct(name)
    tokenizer = getattr(reader, "tokenizer", reader)
    ids = tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    line = [tokenizer.bos_token_id, *ids]
    want: list[float] = []
    while len(want) < len(ids):
        end = min(len(want) + most, len(ids))
        begin = len(want) if end - len(want) == most else max(0, end - most)
        before = {"input_ids": torch.tensor([line[begin : len(want) + 1]])}
        want += hf_oracle.loglikelihood(model, before, ids[len(want) : end])
    under_test = load(str(checkpoint(name)), device="cpu", max_length=most, batch_size=3)
    long, empty, short = under_test.run([Perplexity(TEXT), Perplexity(""), Perplexity(TEXT[:30])])
    assert long.logprobs == pytest.approx(want, abs=1e-4)
    assert long.tokens == (len(ids),)
    assert (empty.logprobs, empty.tokens, empty.error) == ((), (0,), None)
    assert 0 < len(short.logprobs) < len(ids)


def test_uniform_model_has_the_perplexity_of_its_vocabulary(checkpoint: Callable[[str], Path]) -> None:
    model = load(str(checkpoint("causal-lm")), device="cpu")
    inner = model._adapter._model  # type: ignore[attr-defined]
    with torch.no_grad():
        inner.lm_head.weight.zero_()
    (response,) = model.run([Perplexity(TEXT)])
    mean = math.exp(-sum(response.logprobs) / len(response.logprobs))
    assert mean == pytest.approx(inner.config.vocab_size, rel=1e-5)


def test_encoder_decoders_say_that_they_have_none(loaded: Callable[[str], Model]) -> None:
    assert Perplexity not in loaded("seq2seq").capabilities.kinds
    assert Perplexity in loaded("image-text-chat").capabilities.kinds
