"""Pictures and sounds to sequences of features, as wide as the text's.

Shapes: N pictures or sounds, P features of each, D width.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from mmbench_reference_models.attention import Block, full_mask
from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.positions import sinusoidal


def _blocks(config: ReferenceConfig, number: int) -> nn.ModuleList:
    sizes = (config.hidden_size, config.num_attention_heads, config.intermediate_size, config.dropout)
    return nn.ModuleList(Block(*sizes) for _ in range(number))


def conv_stem(width: int, patch: int) -> nn.Sequential:
    """Halve a picture until one position is left of each patch, while the channels grow to ``width``.

    Each step is normalised: else contents would be a tenth of the positions that are added, and go unseen.
    """
    halvings = patch.bit_length() - 1
    channels = [3, *(max(width >> (halvings - 1 - step), 8) for step in range(halvings))]
    layers: list[nn.Module] = []
    for before, after in pairwise(channels):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.GroupNorm(1, after), nn.GELU()]
    return nn.Sequential(*layers, nn.Conv2d(channels[-1], width, 1))


class PictureEncoder(nn.Module):
    """A small vision transformer."""

    def __init__(self, config: ReferenceConfig) -> None:
        super().__init__()
        width, patch = config.hidden_size, config.patch_size
        linear = nn.Conv2d(3, width, patch, stride=patch)
        self.stem = linear if config.stem == "patch" else conv_stem(width, patch)
        self.stem_norm = nn.LayerNorm(width, bias=False)
        self.side = config.image_size // patch
        self.position = nn.Parameter(torch.zeros(self.side**2, width))  # drawn as sinusoids of row and column
        self.blocks = _blocks(config, config.vision_layers)
        self.norm = nn.LayerNorm(width, bias=False)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """pixels: (N, 3, image_size, image_size), normalised; returns (N, P, D)."""
        x = self.stem_norm(self.stem(pixels).flatten(2).transpose(1, 2)) + self.position
        for block in self.blocks:
            x = block(x)
        features: torch.Tensor = self.norm(x)
        return features


class SoundEncoder(nn.Module):
    """Two convolutions that halve time, then blocks, as in Whisper."""

    def __init__(self, config: ReferenceConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.first = nn.Conv1d(config.n_mels, width, 3, stride=2, padding=1)
        self.second = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.stem_norm = nn.LayerNorm(width, bias=False)
        self.blocks = _blocks(config, config.audio_layers)
        self.norm = nn.LayerNorm(width, bias=False)

    def forward(self, mels: torch.Tensor, exists: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """mels: (N, n_mels, frames); exists: (N, frames). Returns features (N, P, D) and which exist (N, P).

        What is padded is zero before each convolution, as what lies beyond a sound's end: so a sound's features
        do not depend on the others of its batch.
        """
        exists = exists.bool()
        x = F.gelu(self.first(mels * exists[:, None]))
        exists = exists[:, ::2]
        x = self.stem_norm(F.gelu(self.second(x * exists[:, None])).transpose(1, 2))  # (N, P, D)
        exists = exists[:, ::2]
        x = x + sinusoidal(torch.arange(x.shape[1], device=x.device), x.shape[2]).to(x.dtype)
        mask = full_mask(exists)
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x), exists
