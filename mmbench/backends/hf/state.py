"""What a decoder carries from step to step, row by row: caches, masks, positions.

The names are the keyword arguments that Transformers keeps between the steps of ``generate``.
"""

from typing import Any

import torch

CACHES = ("past_key_values", "cache_params")
_MASKS = (
    "attention_mask", "decoder_attention_mask", "cross_attention_mask", "token_type_ids", "mm_token_type_ids",
)  # fmt: skip
_POSITIONS = ("position_ids", "decoder_position_ids")


def select_rows(state: dict[str, Any], rows: torch.Tensor) -> dict[str, Any]:
    """Return the state of the chosen rows, in this order and possibly repeated; caches are changed in place."""
    chosen = dict(state)
    for name in _MASKS:
        if isinstance(value := state.get(name), torch.Tensor):
            chosen[name] = value.index_select(0, rows)
    for name in _POSITIONS:
        if isinstance(value := state.get(name), torch.Tensor):
            chosen[name] = _select_positions(value, rows)
    for name in CACHES:
        if (cache := state.get(name)) is not None:
            cache.reorder_cache(rows)
    if (encoded := state.get("encoder_outputs")) is not None:
        tensors = {name: part for name, part in encoded.items() if isinstance(part, torch.Tensor)}
        chosen["encoder_outputs"] = type(encoded)(**{name: t.index_select(0, rows) for name, t in tensors.items()})
    return chosen


def _select_positions(positions: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Positions are (rows, tokens), or (axes, rows, tokens) where pictures have two; one row may serve all."""
    dimension = positions.ndim - 2
    return positions if positions.shape[dimension] == 1 else positions.index_select(dimension, rows)
