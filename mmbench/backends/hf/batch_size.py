"""How many requests a model takes at a time, from the memory that its weights leave free.

An estimate only: batches that do not fit are halved, and long requests come in batches of their own. Sizes are
powers of two, so that a run that is started again on the same machine forms the same batches.
"""

from typing import Any

import torch

TOKENS = 1024
"""How long a sequence is taken to be."""
SHARE = 0.5
"""Of the free memory; the rest is for what the estimate leaves out."""
MOST = {"cuda": 128}
MOST_ELSEWHERE = 32
"""A processor gains nothing from larger batches."""
_LIVE = 16
"""Activations of a token that are alive at once, in hidden sizes: a layer's inputs, projections and gates."""


def auto_batch_size(model: Any) -> int:
    """Choose a batch size for a model that is loaded: a power of two, from 1 to ``MOST``."""
    most = MOST.get(model.device.type, MOST_ELSEWHERE)
    fitting = int(SHARE * free_bytes(model.device) / row_bytes(model.config, model.dtype))
    return min(most, 1 << max(0, fitting.bit_length() - 1))


def row_bytes(config: Any, dtype: torch.dtype) -> int:
    """Estimate the bytes of a sequence of ``TOKENS`` tokens: keys, values, activations, logits of a position."""
    text = config.get_text_config()
    hidden = int(getattr(text, "hidden_size", 0) or getattr(text, "d_model", 0) or 1024)
    layers = int(getattr(text, "num_hidden_layers", 0) or 12)
    heads = int(getattr(text, "num_attention_heads", 0) or 1)
    width = int(getattr(text, "head_dim", 0) or hidden // heads)
    kept = 2 * layers * width * int(getattr(text, "num_key_value_heads", 0) or heads)
    logits = 3 * 4 * int(getattr(text, "vocab_size", 0) or 0)
    return TOKENS * (kept + _LIVE * hidden) * dtype.itemsize + logits


def free_bytes(device: torch.device) -> int:
    """Return the memory that is free on a device; elsewhere than on CUDA, this machine's available memory."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)
