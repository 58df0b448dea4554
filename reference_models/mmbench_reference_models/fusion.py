"""How pictures and sounds meet the text.

Placeholder tokens in the text say where media stand: P for each with ``concat``, else one. Media of a batch come
flat, in the order of their placeholders.

Shapes: B rows, L tokens, M media of a kind in the batch, P features of each, D width.
"""

from dataclasses import dataclass

import torch
from torch import nn
from transformers.utils import torch_compilable_check

from mmbench_reference_models.attention import Memory
from mmbench_reference_models.configuration import ReferenceConfig


@dataclass(frozen=True)
class Media:
    """All pictures, or all sounds, of a batch: features (M, P, D), which exist (M, P), their placeholder."""

    features: torch.Tensor
    exists: torch.Tensor
    token: int


class Fusion(nn.Module):
    """Puts features of media into embedded text; what attention is to see besides comes back as a memory."""

    def __init__(self, config: ReferenceConfig) -> None:
        super().__init__()
        self.kind, self.most = config.fusion, config.max_images
        self.order = nn.Embedding(config.max_images, config.hidden_size)
        self.gate = nn.Linear(config.hidden_size, 1) if config.fusion == "weighted" else None

    def forward(
        self, x: torch.Tensor, ids: torch.Tensor, media: list[Media]
    ) -> tuple[torch.Tensor, Memory | None]:
        """x: embedded text, (B, L, D); ids: (B, L)."""
        if not media:
            return x, None
        placed = [self._place(ids, kind) for kind in media]
        if self.kind == "concat":
            for kind, (features, _) in zip(media, placed, strict=True):
                here = (ids == kind.token)[..., None]
                x = x.masked_scatter(here, features[kind.exists].to(x.dtype))
            return x, None
        memory = _by_row(media, placed, len(x))
        if self.kind == "attention":
            return x, memory
        pooled = self._pool(media, placed, len(x))  # (B, D)
        here = torch.stack([ids == kind.token for kind in media]).any(0)[..., None]
        return x + here * pooled[:, None], None

    def _place(self, ids: torch.Tensor, media: Media) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the features, marked with their medium's place among those of its row, and each one's row."""
        marks = (ids == media.token).sum(-1)  # (B,)
        wanted = media.exists.sum(-1) if self.kind == "concat" else torch.ones_like(media.exists[:, 0]).long()
        torch_compilable_check(
            marks.sum() == wanted.sum(),
            "the prompt's placeholders are not as many as its pictures or sounds need: use the processor.",
        )
        ends = marks.cumsum(0)  # placeholders up to each row's end
        begins = wanted.cumsum(0) - wanted  # placeholders before each medium
        rows = torch.searchsorted(ends, begins, right=True)  # (M,)
        index = torch.arange(len(rows), device=ids.device)
        place = index - torch.searchsorted(rows, rows)
        torch_compilable_check(
            place.max() < self.most, f"a prompt has over {self.most} pictures or sounds (max_images)."
        )
        return media.features + self.order(place)[:, None], rows

    def _pool(
        self, media: list[Media], placed: list[tuple[torch.Tensor, torch.Tensor]], size: int
    ) -> torch.Tensor:
        """Average each row's media, each medium's features averaged first; returns (B, D)."""
        means = [
            (features * kind.exists[..., None]).sum(1) / kind.exists.sum(1)[:, None]
            for kind, (features, _) in zip(media, placed, strict=True)
        ]
        vectors, rows = torch.cat(means), torch.cat([rows for _, rows in placed])  # (M of all kinds, D), (M,)
        score = torch.zeros_like(vectors[:, :1]) if self.gate is None else self.gate(vectors)
        weight = (score.float() - score.detach().float().max()).exp()  # softmax over a row's media
        total = weight.new_zeros(size, 1).index_add(0, rows, weight)
        share = (weight / total[rows]).to(vectors.dtype)
        return vectors.new_zeros(size, vectors.shape[1]).index_add(0, rows, share * vectors)


def _by_row(media: list[Media], placed: list[tuple[torch.Tensor, torch.Tensor]], size: int) -> Memory:
    """Lay out each row's media one after the other: features (B, S, D) and which exist (B, S)."""
    parts = []
    for kind, (features, rows) in zip(media, placed, strict=True):
        place = torch.arange(len(rows), device=rows.device) - torch.searchsorted(rows, rows)
        most = int(place.max()) + 1
        padded = features.new_zeros(size, most, *features.shape[1:])
        exists = kind.exists.new_zeros(size, most, kind.exists.shape[1])
        parts.append(
            (
                padded.index_put((rows, place), features).flatten(1, 2),
                exists.index_put((rows, place), kind.exists).flatten(1, 2),
            )
        )
    return torch.cat([features for features, _ in parts], 1), torch.cat([exists for _, exists in parts], 1)
