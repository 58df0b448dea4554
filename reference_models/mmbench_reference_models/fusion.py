"""How pictures and sounds meet the text.

Placeholder tokens in the text say where media stand: P for each with ``concat``, else one. Media of a batch come
flat, in the order of their placeholders.

Shapes: B rows, L tokens, M media of a kind in the batch, P features of each, D width.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.utils import torch_compilable_check

from mmbench_reference_models.attention import Memory
from mmbench_reference_models.configuration import ReferenceConfig, sound_tokens


@dataclass(frozen=True)
class Media:
    """All pictures, or all sounds, of a batch: features (M, P, D), which exist (M, P), their placeholder."""

    features: torch.Tensor
    exists: torch.Tensor
    token: int


class Fusion(nn.Module):
    """Puts features of media into embedded text; what attention is to see besides comes back as a memory.

    ``concat`` puts a medium's features in the places of its placeholders; ``mean`` puts their mean there, and
    ``weighted`` their mean under learned weights, scaled by a learned gate between 0 and 1. ``attention`` leaves
    the placeholders as they are.
    """

    def __init__(self, config: ReferenceConfig) -> None:
        super().__init__()
        self.kind, self.most = config.fusion, config.max_images
        self.order = nn.Embedding(config.max_images, config.hidden_size)
        weighs = self.kind == "weighted"
        self.weight = nn.Linear(config.hidden_size, 1, bias=False) if weighs else None
        self.gate = nn.Linear(config.hidden_size, 1) if weighs else None

    def forward(
        self, x: torch.Tensor, ids: torch.Tensor, media: list[Media]
    ) -> tuple[torch.Tensor, Memory | None]:
        """x: embedded text, (B, L, D); ids: (B, L)."""
        memories = []
        for kind in media:
            features, exists = kind.features, kind.exists
            if self.kind in ("mean", "weighted"):
                features, exists = self._pool(features, exists), exists[:, :1]
            rows, places = self._assign(ids == kind.token, exists)
            features = features + self.order(places)[:, None]
            if self.kind == "attention":
                memories.append(_by_row(features, exists, rows, places, len(x)))
            else:
                x = x.masked_scatter((ids == kind.token)[..., None], features[exists].to(x.dtype))
        if not memories:
            return x, None
        features, exists = (torch.cat(parts, 1) for parts in zip(*memories, strict=True))
        return x, (features, exists)

    def _pool(self, features: torch.Tensor, exists: torch.Tensor) -> torch.Tensor:
        """Average each medium's features, (M, P, D), to (M, 1, D)."""
        score = torch.zeros_like(features[..., :1]) if self.weight is None else self.weight(features)
        share = score.masked_fill(~exists[..., None], -torch.inf).softmax(1)
        pooled = (share * features).sum(1, keepdim=True)
        return pooled if self.gate is None else pooled * self.gate(pooled).sigmoid()

    def _assign(self, marks: torch.Tensor, exists: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Find each medium's row, and its place among the media of that row: two tensors (M,).

        marks: (B, L), where placeholders are; exists: (M, P).

        Raises:
            ValueError: there are more or fewer placeholders than the media need, or too many media in a row.
        """
        wanted = exists.sum(1) if self.kind == "concat" else exists[:, 0].long()  # placeholders of each medium
        rows = owners(marks, wanted)
        places = torch.arange(len(rows), device=rows.device) - torch.searchsorted(rows, rows)
        torch_compilable_check(
            places.max() < self.most, f"a prompt has over {self.most} pictures or sounds (max_images)."
        )
        return rows, places


def owners(marks: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Find each medium's row, (M,), from where placeholders are, (B, L), and how many each medium has, (M,).

    Raises:
        ValueError: there are more or fewer placeholders than the media need.
    """
    ends, begins = marks.sum(1).cumsum(0), wanted.cumsum(0) - wanted
    torch_compilable_check(
        ends[-1] == wanted.sum(),
        "the prompt's placeholders are not as many as its pictures or sounds need: use the processor.",
    )
    return torch.searchsorted(ends, begins, right=True)


def _by_row(
    features: torch.Tensor, exists: torch.Tensor, rows: torch.Tensor, places: torch.Tensor, size: int
) -> Memory:
    """Lay out each row's media one after the other: features (B, S, D), and which exist (B, S)."""
    most = int(places.max()) + 1
    laid = features.new_zeros(size, most, *features.shape[1:])
    known = exists.new_zeros(size, most, exists.shape[1])
    laid[rows, places], known[rows, places] = features, exists
    return laid.flatten(1, 2), known.flatten(1, 2)


def repeat_media(config: ReferenceConfig, ids: torch.Tensor, inputs: dict[str, Any], times: int) -> dict[str, Any]:
    """Return the media of a batch each of whose rows is repeated ``times`` times, one after the other."""

    def order(token: int, wanted: torch.Tensor) -> torch.Tensor:
        rows = owners(ids == token, wanted if config.fusion == "concat" else torch.ones_like(wanted))
        return torch.cat([(rows == row).nonzero()[:, 0].repeat(times) for row in range(len(ids))])

    repeated: dict[str, Any] = {}
    encoded = (inputs.get("mm_encoder_outputs") or {}).get("image")
    pixels = inputs.get("pixel_values") if encoded is None else encoded.pooler_output
    if pixels is not None:
        each = torch.full((len(pixels),), config.picture_tokens, device=ids.device)
        shown = pixels[order(config.image_token_id, each)]
        repeated["pixel_values"] = shown
        if encoded is not None:
            repeated = {"mm_encoder_outputs": {"image": BaseModelOutputWithPooling(pooler_output=shown)}}
    if (mask := inputs.get("input_features_mask")) is not None:
        heard = order(config.audio_token_id, sound_tokens(mask.sum(1)))
        repeated |= {"input_features": inputs["input_features"][heard], "input_features_mask": mask[heard]}
    return repeated
