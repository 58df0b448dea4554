"""The models that write: a causal decoder, and an encoder with a decoder."""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import nn
from transformers import GenerationMixin, PreTrainedModel, initialization
from transformers.cache_utils import Cache, DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput, BaseModelOutputWithPooling, Seq2SeqLMOutput

from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.encoders import PictureEncoder
from mmbench_reference_models.fusion import repeat_media
from mmbench_reference_models.positions import grid
from mmbench_reference_models.stack import Embedding, Stack

IGNORED = -100
"""The label of a token that is not to be learned."""


class ReferencePreTrainedModel(PreTrainedModel):
    """What all of the family share: their config, how weights are drawn, what they can do."""

    config_class = ReferenceConfig
    base_model_prefix = "decoder"
    main_input_name = "input_ids"
    input_modalities = ("image", "audio", "text")
    _supports_sdpa = True
    _no_split_modules: ClassVar[list[str]] = ["Block"]
    backbones: ClassVar[tuple[str, ...]]
    """Those that the class is of."""

    def __init__(self, config: ReferenceConfig) -> None:
        """Take the config; subclasses draw the weights.

        Raises:
            ValueError: the config is of a backbone that this class is not.
        """
        super().__init__(config)
        if config.backbone not in self.backbones:
            raise ValueError(f"a model with backbone '{config.backbone}' is of another class.")

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Draw weights from a normal distribution; what ends in a residual sum is drawn smaller, as in GPT-2."""
        deviation = self.config.initializer_range
        if getattr(module, "ends_in_sum", False):
            deviation *= (2 * self.config.num_hidden_layers) ** -0.5
        if isinstance(module, nn.Conv1d | nn.Conv2d):
            deviation = module.weight[0].numel() ** -0.5
        if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Embedding):
            initialization.normal_(module.weight, std=deviation)
            if getattr(module, "bias", None) is not None:
                initialization.zeros_(module.bias)
        elif isinstance(module, nn.LayerNorm | nn.GroupNorm):
            initialization.ones_(module.weight)
            if module.bias is not None:
                initialization.zeros_(module.bias)
        elif isinstance(module, PictureEncoder):
            initialization.copy_(module.position, grid(module.side, self.config.hidden_size))
        elif isinstance(module, nn.LSTM):
            for weight in module.parameters():
                initialization.uniform_(weight, -(module.hidden_size**-0.5), module.hidden_size**-0.5)


class ReferenceWriter(ReferencePreTrainedModel, GenerationMixin):
    """What the models that write share."""

    embedding: Embedding
    lm_head: nn.Linear

    def get_input_embeddings(self) -> nn.Module:
        """Return the embedding of tokens."""
        return self.embedding.tokens

    def set_input_embeddings(self, value: nn.Embedding) -> None:
        """Exchange the embedding of tokens."""
        self.embedding.tokens = value

    def get_output_embeddings(self) -> nn.Module:
        """Return what turns hidden states to logits."""
        return self.lm_head

    def _expand_inputs_for_generation(
        self, expand_size: int = 1, is_encoder_decoder: bool = False, input_ids: Any = None, **inputs: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Repeat each row's media together with the row; Transformers would take each row to have one medium."""
        media: dict[str, Any] = {}
        if expand_size > 1 and not is_encoder_decoder:  # whose encoder has read them by now
            media = repeat_media(self.config, input_ids, inputs, expand_size)
            inputs = {name: part for name, part in inputs.items() if name not in media}
        ids, inputs = super()._expand_inputs_for_generation(expand_size, is_encoder_decoder, input_ids, **inputs)
        return ids, inputs | media


class ReferenceForConditionalGeneration(ReferenceWriter):
    """Writes text after text, pictures and sounds.

    ``backbone`` decides whether one causal stack reads and writes, or an encoder reads and a decoder writes.
    """

    backbones = ("decoder", "encoder-decoder")

    def __init__(self, config: ReferenceConfig) -> None:
        """Draw the weights; see the base class."""
        super().__init__(config)
        tied = {"lm_head.weight": "decoder.embedding.tokens.weight"}
        self.crosses = config.is_encoder_decoder or config.fusion == "attention"
        self.encoder: Stack | None = None
        if config.is_encoder_decoder:
            self.encoder = Stack(config, causal=False, crosses=config.fusion == "attention")
            tied["encoder.embedding.tokens.weight"] = "decoder.embedding.tokens.weight"
        self.decoder = Stack(config, causal=True, media=self.encoder is None, crosses=self.crosses)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self._tied_weights_keys = tied
        self.post_init()

    def get_encoder(self, modality: str | None = None) -> nn.Module:
        """Return what reads, where that is a part of its own."""
        return self.encoder if self.encoder is not None and modality is None else self

    @property
    def embedding(self) -> Embedding:  # type: ignore[override]
        """The decoder's."""
        return self.decoder.embedding

    def get_image_features(self, pixel_values: torch.Tensor, **_: Any) -> BaseModelOutputWithPooling:
        """Encode pictures; ``pooler_output``: (pictures, picture_tokens, hidden_size)."""
        return (self.encoder or self.decoder).get_image_features(pixel_values)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        input_features_mask: torch.Tensor | None = None,
        mm_encoder_outputs: dict[str, Any] | None = None,
        encoder_outputs: BaseModelOutput | None = None,
        decoder_input_ids: torch.Tensor | None = None,
        decoder_attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        num_items_in_batch: int | torch.Tensor | None = None,
        **_: Any,
    ) -> Seq2SeqLMOutput:
        """Return logits (B, L, vocabulary), and the loss if there are labels.

        Args:
            input_ids: (B, L).
            attention_mask: (B, past + L), 0 at padding; a decoder's on the right needs no mask. Or what each token
                sees, (B, 1, L, past + L).
            position_ids: (B, L); counted from the mask where not given.
            pixel_values: (pictures, 3, image_size, image_size), all rows' in the order of their placeholders.
            input_features: (sounds, n_mels, frames), likewise.
            input_features_mask: (sounds, frames), 0 at padding.
            mm_encoder_outputs: what ``get_image_features`` made, under "image", in place of pixels.
            encoder_outputs: what the encoder made, in place of what it reads.
            decoder_input_ids: (B, T), an encoder-decoder's; from the labels where not given.
            decoder_attention_mask: (B, T).
            labels: (B, L), or (B, T) for an encoder-decoder; -100 where nothing is to be learned. A decoder's are
                its ``input_ids``: the shift is made here. In training only labelled tokens get logits, shape
                (labelled, vocabulary).
            past_key_values: keys and values of earlier tokens.
            use_cache: return them.
            logits_to_keep: of how many last tokens, or of which, logits are wanted; 0 for all.
            num_items_in_batch: divides the summed loss in place of the number of labels (gradient accumulation).
        """
        keep = self.config.use_cache and not self.training if use_cache is None else use_cache
        cache = self._cache(past_key_values) if keep or past_key_values is not None else None
        media = {
            "pixel_values": pixel_values,
            "input_features": input_features,
            "input_features_mask": input_features_mask,
            "mm_encoder_outputs": mm_encoder_outputs,
        }
        if self.encoder is None:
            hidden = self.decoder(
                input_ids, attention_mask, position_ids, past_key_values=cache, **media
            ).last_hidden_state
        else:
            if encoder_outputs is None:
                encoder_outputs = self.encoder(input_ids, attention_mask, position_ids, **media)
            features = encoder_outputs.last_hidden_state
            exists = torch.ones_like(features[..., 0]) if attention_mask is None else attention_mask
            if decoder_input_ids is None:
                decoder_input_ids = self.prepare_decoder_input_ids_from_labels(labels)
            hidden = self.decoder(
                decoder_input_ids,
                decoder_attention_mask,
                memory=(features, exists.bool()),
                past_key_values=cache,
            ).last_hidden_state
        loss, logits = head(
            self.lm_head,
            hidden,
            labels,
            shift=self.encoder is None,
            items=num_items_in_batch,
            keep=logits_to_keep,
            sparse=self.training,
        )
        return Seq2SeqLMOutput(
            loss=loss,
            logits=logits,
            past_key_values=cache,
            encoder_last_hidden_state=encoder_outputs.last_hidden_state if encoder_outputs is not None else None,
        )

    def prepare_decoder_input_ids_from_labels(self, labels: torch.Tensor | None) -> torch.Tensor:
        """Return what the decoder reads to write the labels: its start token, then all but the last of them."""
        if labels is None:
            raise ValueError("an encoder-decoder needs decoder_input_ids or labels.")
        start = torch.full_like(labels[:, :1], self.config.decoder_start_token_id)
        rest = labels[:, :-1].masked_fill(labels[:, :-1] == IGNORED, self.config.pad_token_id)
        return torch.cat([start, rest], 1)

    def _cache(self, cache: Cache | None) -> Cache:
        """Return a cache with room for what cross-attention sees, if there is any."""
        cache = DynamicCache(config=self.config) if cache is None else cache
        if self.crosses and not isinstance(cache, EncoderDecoderCache):
            return EncoderDecoderCache(cache, DynamicCache())
        return cache


def head(
    lm_head: nn.Module,
    hidden: torch.Tensor,
    labels: torch.Tensor | None,
    *,
    shift: bool,
    items: int | torch.Tensor | None,
    keep: int | torch.Tensor,
    sparse: bool,
) -> tuple[torch.Tensor | None, torch.Tensor]:
    """Return the loss (mean negative log-likelihood of the labels, in nats) and the logits.

    hidden: (B, L, D); labels: (B, L). ``shift``: token i is to predict label i + 1; ``sparse``: only for labels.
    """
    if labels is None:
        chosen = slice(-keep, None) if isinstance(keep, int) else keep
        return None, lm_head(hidden[:, chosen])
    target = F.pad(labels[:, 1:], (0, 1), value=IGNORED) if shift else labels
    learned = target != IGNORED
    logits: torch.Tensor = lm_head(hidden[learned] if sparse else hidden)
    scored = logits if sparse else logits[learned]
    total = F.cross_entropy(scored.float(), target[learned], reduction="sum")
    return total / (learned.sum().clamp(min=1) if items is None else items), logits
