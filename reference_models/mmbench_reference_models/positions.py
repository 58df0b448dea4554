"""Where a token stands: sinusoidal, learned or rotary."""

import torch
from torch import nn
from transformers.utils import torch_compilable_check

BASE = 10_000.0


def angles(positions: torch.Tensor, width: int) -> torch.Tensor:
    """Return position x frequency, shape (..., width / 2), in float32: frequencies fall from 1 to 1 / BASE."""
    frequencies = BASE ** -(torch.arange(0, width, 2, device=positions.device, dtype=torch.float32) / width)
    return positions[..., None].float() * frequencies


def sinusoidal(positions: torch.Tensor, width: int) -> torch.Tensor:
    """Return Vaswani et al.'s table at some positions, shape (..., width)."""
    angle = angles(positions, width)
    return torch.cat([angle.sin(), angle.cos()], -1)


def grid(side: int, width: int) -> torch.Tensor:
    """Return the table of a square's positions, (side * side, width): half for the row, half for the column."""
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    halves = [sinusoidal(place.flatten(), width // 2) for place in (rows, columns)]
    return torch.cat(halves, -1)


def rotary(positions: torch.Tensor, head_width: int) -> torch.Tensor:
    """Return the rotation of each position (Su et al.), (batch, 1, length, head width / 2), as complex numbers."""
    angle = angles(positions, head_width)[:, None]
    return torch.polar(torch.ones_like(angle), angle)


def rotate(x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Rotate neighbouring channels; x: (batch, heads, length, head width).

    A query's product with a key then depends on the distance between the two only.
    """
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))  # type: ignore[no-untyped-call]
    return torch.view_as_real(pairs * turn).flatten(-2).to(x.dtype)


class AbsolutePositions(nn.Module):
    """Adds something to the embeddings, or nothing where attention itself is rotary."""

    def __init__(self, kind: str, most: int, width: int, scale: float = 1.0) -> None:
        """``scale``: of the sinusoids; tokens are drawn as small, and would drown in larger ones."""
        super().__init__()
        self.kind, self.most, self.scale = kind, most, scale
        self.table = nn.Embedding(most, width) if kind == "learned" else None

    def forward(self, x: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """x: (batch, length, width); positions: (batch, length)."""
        if self.table is not None:
            message = f"the sequence is longer than {self.most} tokens (max_position_embeddings)."
            torch_compilable_check(positions.max() < self.most, message)
            x = x + self.table(positions)
        elif self.kind == "sinusoidal":
            x = x + self.scale * sinusoidal(positions, x.shape[-1]).to(x.dtype)
        return x


def token_positions(mask: torch.Tensor, length: int) -> torch.Tensor:
    """Number what is not padding from 0, on whichever side the padding is.

    mask: (batch, past + length), 1 where there is a token. Returns the last ``length`` positions.

    >>> token_positions(torch.tensor([[0, 0, 1, 1, 1]]), 4).tolist()
    [[0, 0, 1, 2]]
    """
    counted: torch.Tensor = (mask.long().cumsum(-1) - 1).clamp(min=0)[:, -length:]
    return counted
