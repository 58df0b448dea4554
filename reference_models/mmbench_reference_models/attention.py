"""Attention, and the block that is used everywhere: text, pictures and sounds.

Shapes: B rows, L tokens, S tokens that are attended to, D width, H heads, W = D / H width of a head.
"""

import torch
import torch.nn.functional as F
from torch import nn
from transformers.cache_utils import Cache, EncoderDecoderCache

from mmbench_reference_models.positions import rotate

Mask = torch.Tensor | None
"""True where a query may look, shape (B or 1, 1, L or 1, S); None: at everything, or at the past if causal."""
Memory = tuple[torch.Tensor, torch.Tensor]
"""Features that are attended to, (B, S, D), and which of them exist, (B, S)."""


def last_linear(inner: int, width: int) -> nn.Linear:
    """Return a linear map whose output is added to a residual sum, marked to be drawn smaller."""
    linear = nn.Linear(inner, width, bias=False)
    linear.ends_in_sum = True  # type: ignore[assignment]
    return linear


class Attention(nn.Module):
    """Heads of scaled dot products."""

    def __init__(self, width: int, heads: int, dropout: float, layer: int) -> None:
        """``layer``: its place in a cache."""
        super().__init__()
        self.heads, self.dropout, self.layer = heads, dropout, layer
        self.query = nn.Linear(width, width, bias=False)
        self.keys_values = nn.Linear(width, 2 * width, bias=False)
        self.out = last_linear(width, width)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """(B, L, D) to (B, H, L, W)."""
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def attend(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: Mask, causal: bool) -> torch.Tensor:
        """(B, H, L, W) to (B, L, D)."""
        dropout = self.dropout if self.training else 0.0
        if q.device.type == "cpu":  # whose kernels for bf16 take several times as long as those for float32
            q, k, v = (part.to(self.out.weight.dtype) for part in (q, k, v))
        with torch.autocast("cpu", enabled=False):  # other devices go on as they were told
            x = F.scaled_dot_product_attention(q, k, v, mask, dropout, is_causal=causal)
        mixed: torch.Tensor = self.out(x.transpose(1, 2).flatten(2))
        return mixed


class SelfAttention(Attention):
    """Tokens look at tokens of their own sequence."""

    def forward(
        self, x: torch.Tensor, mask: Mask, causal: bool, turn: torch.Tensor | None, cache: Cache | None
    ) -> torch.Tensor:
        """x: (B, L, D); with a cache, earlier tokens are looked at too."""
        q = self.split(self.query(x))
        k, v = map(self.split, self.keys_values(x).chunk(2, -1))
        if turn is not None:
            q, k = rotate(q, turn), rotate(k, turn)
        if cache is not None:
            k, v = cache.update(k, v, self.layer)
        return self.attend(q, k, v, mask, causal)


class CrossAttention(Attention):
    """Tokens look at a memory: the encoder's text, or features of media."""

    def forward(self, x: torch.Tensor, memory: Memory, cache: EncoderDecoderCache | None) -> torch.Tensor:
        """x: (B, L, D). A row without any memory sees nothing, and gets zeros."""
        features, exists = memory
        if cache is not None and cache.is_updated.get(self.layer):
            known = cache.cross_attention_cache.layers[self.layer]
            k, v = known.keys, known.values
        else:
            k, v = map(self.split, self.keys_values(features).chunk(2, -1))
            if cache is not None:
                k, v = cache.cross_attention_cache.update(k, v, self.layer)
                cache.is_updated[self.layer] = True
        some = exists.any(-1)[:, None]  # (B, 1)
        mask = (exists | ~some)[:, None, None]  # a softmax over nothing would be no number
        return self.attend(self.split(self.query(x)), k, v, mask, False) * some[..., None]


class Block(nn.Module):
    """Pre-norm: x + attention, then x + cross-attention if there is a memory, then x + gated perceptron."""

    def __init__(
        self, width: int, heads: int, inner: int, dropout: float, layer: int = 0, crosses: bool = False
    ) -> None:
        super().__init__()
        self.self_norm, self.mlp_norm = nn.LayerNorm(width, bias=False), nn.LayerNorm(width, bias=False)
        self.self_attention = SelfAttention(width, heads, dropout, layer)
        self.cross_norm = nn.LayerNorm(width, bias=False) if crosses else None
        self.cross_attention = CrossAttention(width, heads, dropout, layer) if crosses else None
        self.up, self.down = nn.Linear(width, 2 * inner, bias=False), last_linear(inner, width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: torch.Tensor,
        mask: Mask = None,
        causal: bool = False,
        turn: torch.Tensor | None = None,
        memory: Memory | None = None,
        cache: Cache | None = None,
    ) -> torch.Tensor:
        """x: (B, L, D)."""
        own = cache.self_attention_cache if isinstance(cache, EncoderDecoderCache) else cache
        x = x + self.dropout(self.self_attention(self.self_norm(x), mask, causal, turn, own))
        if self.cross_attention is not None and self.cross_norm is not None and memory is not None:
            x = x + self.dropout(self.cross_attention(self.cross_norm(x), memory, cache))
        gate, up = self.up(self.mlp_norm(x)).chunk(2, -1)
        out: torch.Tensor = x + self.dropout(self.down(F.silu(gate) * up))
        return out


def causal_mask(exists: torch.Tensor, length: int) -> torch.Tensor:
    """Return (B, 1, L, S): the last L of S tokens see what exists up to themselves; padding sees itself."""
    past = exists.shape[1] - length
    ones = torch.ones(length, exists.shape[1], dtype=torch.bool, device=exists.device)
    seen: torch.Tensor = ones.tril(past) & exists[:, None] | ones.tril(past) & ones.triu(past)
    return seen[:, None]


def full_mask(exists: torch.Tensor) -> torch.Tensor:
    """Return (B, 1, L, L): tokens see all that exist; padding sees itself."""
    itself = torch.eye(exists.shape[1], dtype=torch.bool, device=exists.device)
    seen: torch.Tensor = exists[:, None] | itself
    return seen[:, None]
