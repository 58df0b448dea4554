"""A stack of blocks with what it reads: tokens, pictures and sounds in, one vector a token out."""

from typing import Any

import torch
from torch import nn
from transformers.cache_utils import Cache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput, BaseModelOutputWithPooling

from mmbench_reference_models.attention import Block, Mask, Memory, causal_mask, full_mask
from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.encoders import PictureEncoder, SoundEncoder
from mmbench_reference_models.fusion import Fusion, Media
from mmbench_reference_models.positions import AbsolutePositions, rotary, token_positions


class Embedding(nn.Module):
    """Tokens, with pictures and sounds fused in; shapes as in ``fusion``."""

    def __init__(self, config: ReferenceConfig, media: bool = True) -> None:
        """``media``: whether it reads more than tokens."""
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.pictures = PictureEncoder(config) if media and config.vision_layers else None
        self.sounds = SoundEncoder(config) if media and config.audio_layers else None
        self.fusion = Fusion(config) if self.pictures or self.sounds else None

    def forward(
        self,
        input_ids: torch.Tensor,
        pixel_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        input_features_mask: torch.Tensor | None = None,
        picture_features: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, Memory | None]:
        """Return embedded tokens (B, L, D), and what attention is to see besides.

        input_ids: (B, L); pixel_values: (pictures, 3, image_size, image_size), or their features (pictures, P, D);
        input_features: (sounds, n_mels, frames); input_features_mask: (sounds, frames).
        """
        media = []
        if pixel_values is not None:
            picture_features = self.encode_pictures(pixel_values)
        if picture_features is not None:
            exists = torch.ones_like(picture_features[..., 0], dtype=torch.bool)
            media.append(Media(picture_features, exists, self.config.image_token_id))
        if input_features is not None:
            if self.sounds is None:
                raise ValueError("this model hears nothing (audio_layers is 0).")
            if input_features_mask is None:
                input_features_mask = torch.ones_like(input_features[:, 0])
            features, exists = self.sounds(input_features, input_features_mask)
            media.append(Media(features, exists, self.config.audio_token_id))
        x = self.tokens(input_ids)
        if self.fusion is None:
            return x, None
        fused: tuple[torch.Tensor, Memory | None] = self.fusion(x, input_ids, media)
        return fused

    def encode_pictures(self, pixels: torch.Tensor) -> torch.Tensor:
        """(pictures, 3, image_size, image_size) to (pictures, P, D).

        Raises:
            ValueError: the model has no eyes.
        """
        if self.pictures is None:
            raise ValueError("this model sees nothing (vision_layers is 0).")
        features: torch.Tensor = self.pictures(pixels)
        return features


class Stack(nn.Module):
    """Embedding, positions and blocks: a decoder if ``causal``, an encoder if not."""

    main_input_name = "input_ids"

    def __init__(
        self,
        config: ReferenceConfig,
        *,
        causal: bool,
        media: bool = True,
        crosses: bool = False,
        segments: bool = False,
    ) -> None:
        """``media``: it reads more than tokens; ``crosses``: its blocks attend to a memory besides; ``segments``:
        it tells tokens up to the first separator from those behind.
        """
        super().__init__()
        width, heads = config.hidden_size, config.num_attention_heads
        self.config, self.causal, self.head_width = config, causal, width // heads
        self.embedding = Embedding(config, media)
        self.positions = AbsolutePositions(
            config.positions, config.max_position_embeddings, width, config.initializer_range
        )
        self.segments = nn.Embedding(2, width) if segments else None
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            Block(width, heads, config.intermediate_size, config.dropout, layer, crosses)
            for layer in range(config.num_hidden_layers)
        )
        self.norm = nn.LayerNorm(width, bias=False)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        input_features_mask: torch.Tensor | None = None,
        mm_encoder_outputs: dict[str, Any] | None = None,
        memory: Memory | None = None,
        past_key_values: Cache | None = None,
        **_: Any,
    ) -> BaseModelOutput:
        """Return the last hidden state, (B, L, D).

        attention_mask: (B, past + L), 0 where there is padding; none is needed on the right of a decoder. Or
            (B, 1, L, past + L), what each token sees; then with ``position_ids``.
        """
        pictures = mm_encoder_outputs.get("image") if mm_encoder_outputs else None
        x, media = self.embedding(
            input_ids,
            pixel_values,
            input_features,
            input_features_mask,
            None if pictures is None else pictures.pooler_output,
        )
        memory = self._recall(media if memory is None else memory, past_key_values)
        length, past = x.shape[1], past_key_values.get_seq_length() if past_key_values is not None else 0
        if position_ids is None:
            exists = attention_mask if attention_mask is not None else input_ids.new_ones(1, past + length)
            position_ids = token_positions(exists, length)
        if self.segments is not None:
            x = x + self.segments(input_ids.eq(self.config.sep_token_id).cumsum(-1).clamp(max=1))
        x = self.dropout(self.positions(x, position_ids))
        turn = rotary(position_ids, self.head_width) if self.config.positions == "rotary" else None
        mask, causal = self._mask(attention_mask, length, past)
        for block in self.blocks:
            x = block(x, mask, causal, turn, memory, past_key_values)
        return BaseModelOutput(last_hidden_state=self.norm(x))

    def get_image_features(self, pixel_values: torch.Tensor, **_: Any) -> BaseModelOutputWithPooling:
        """Encode pictures once, for several prompts about them; ``pooler_output``: (pictures, P, D)."""
        return BaseModelOutputWithPooling(pooler_output=self.embedding.encode_pictures(pixel_values))

    def _mask(self, exists: torch.Tensor | None, length: int, past: int) -> tuple[Mask, bool]:
        """Return the mask, and whether the kernel is to hide the future by itself."""
        if exists is not None and exists.ndim == 4:  # a mask already
            return exists.bool(), False
        if not self.causal:
            return (None if exists is None else full_mask(exists.bool())), False
        if exists is not None:
            return causal_mask(exists.bool(), length), False
        if past and length > 1:
            ones = torch.ones(1, past + length, dtype=torch.bool, device=self.norm.weight.device)
            return causal_mask(ones, length), False
        return None, length > 1

    def _recall(self, memory: Memory | None, cache: Cache | None) -> Memory | None:
        """Keep, in a cache, which features of a memory exist; or get that back once the memory has gone.

        The cache holds keys and values of layer i at i; this is one more layer behind them.
        """
        if not isinstance(cache, EncoderDecoderCache) or self.config.is_encoder_decoder:
            return memory
        at, kept = len(self.blocks), cache.cross_attention_cache
        if memory is not None:
            features, exists = memory
            cache.is_updated.clear()  # so that each layer takes the features in
            known, _ = kept.update(exists[:, None, :, None], exists[:, None, :, None], at)
            return features, known[:, 0, :, 0]
        if len(kept.layers) > at:
            known = kept.layers[at].keys
            return known.new_empty(0), known[:, 0, :, 0]
        return None
