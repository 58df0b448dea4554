"""What all prompts of a batch begin with (a system prompt, few-shot examples) goes through the model once.

The rows of such a batch are laid out as [shared beginning | padding | the rest]: positions count what is not
masked, so that padding in the middle is as good as on the left. That holds where every layer attends to all of it;
a sliding window would count the padding.
"""

from collections.abc import Sequence
from typing import Any

import torch

SHORTEST = 32
"""Shared tokens from which on sharing pays for its own pass."""


def can_share(model: Any) -> bool:
    """Say whether a model's prompts may share their beginning: whole attention and a cache in every layer."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    if model.config.is_encoder_decoder or model._is_stateful or not model._supports_default_dynamic_cache():
        return False
    layers = DynamicCache(config=model.config.get_text_config(decoder=True)).layers
    return bool(layers) and all(type(layer) is DynamicLayer for layer in layers)


def shared_length(rows: Sequence[list[int]]) -> int:
    """Return how many tokens all rows begin with, at least one token of each left over; 0 if too few to pay.

    >>> shared_length([[7] * 40 + [1], [7] * 40 + [2, 3]]), shared_length([[7, 8, 1], [7, 8, 2]])
    (40, 0)
    """
    if len(rows) < 2:
        return 0
    first, last = min(rows), max(rows)  # the two that differ soonest
    most = min(map(len, rows)) - 1
    length = next((at for at in range(most) if first[at] != last[at]), most)
    return length if length >= SHORTEST else 0


def with_cache(model: Any, inputs: dict[str, Any], shared: int) -> dict[str, Any]:
    """Run the shared beginning once and add its cache, a row for each prompt."""
    if not shared:
        return inputs
    ids = inputs["input_ids"]
    keep = {"logits_to_keep": 1} if model._supports_logits_to_keep() else {}
    cache = model(input_ids=ids[:1, :shared], use_cache=True, **keep).past_key_values
    cache.reorder_cache(torch.zeros(len(ids), dtype=torch.long, device=ids.device))
    return inputs | {"past_key_values": cache}


def first_inputs(model: Any, input_ids: torch.Tensor, state: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs of the first pass over prompts, less what a cache holds already."""
    cache = state.get("past_key_values")
    known = cache.get_seq_length() if cache is not None and hasattr(cache, "get_seq_length") else 0
    rest = input_ids.shape[1] - known if known else None
    inputs: dict[str, Any] = model.prepare_inputs_for_generation(
        input_ids, next_sequence_length=rest, is_first_iteration=True, **state
    )
    return inputs
