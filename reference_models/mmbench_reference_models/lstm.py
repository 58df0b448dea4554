"""The baseline from before transformers: a recurrent network over words, pictures and sounds."""

from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from transformers.cache_utils import Cache, DynamicCache
from transformers.modeling_outputs import CausalLMOutputWithPast

from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.modeling import ReferenceWriter, head
from mmbench_reference_models.stack import Embedding


class ReferenceLSTM(ReferenceWriter):
    """Writes as the decoder does; with fusion ``mean`` a picture or sound is one step."""

    base_model_prefix = "lstm"
    backbones = ("lstm",)
    _is_stateful = True  # its state cannot be taken back to an earlier token

    def __init__(self, config: ReferenceConfig) -> None:
        """Draw the weights; see the base class."""
        super().__init__(config)
        width, layers = config.hidden_size, config.num_hidden_layers
        self.embedding = Embedding(config)
        dropout = config.dropout if layers > 1 else 0.0
        self.lstm = nn.LSTM(width, width, layers, dropout=dropout, batch_first=True)
        self.dropout, self.norm = nn.Dropout(config.dropout), nn.LayerNorm(width, bias=False)
        self.lm_head = nn.Linear(width, config.vocab_size, bias=False)
        self._tied_weights_keys = {"lm_head.weight": "embedding.tokens.weight"}
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        input_features_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        past_key_values: Cache | None = None,
        use_cache: bool | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        num_items_in_batch: int | torch.Tensor | None = None,
        **_: Any,
    ) -> CausalLMOutputWithPast:
        """Return logits (B, L, vocabulary), and the loss if there are labels; arguments are the decoder's."""
        x, _ = self.embedding(input_ids, pixel_values, input_features, input_features_mask)
        state = _state(past_key_values)
        if state is not None or attention_mask is None:
            hidden, state = self.lstm(self.dropout(x), state)
        else:
            hidden, state = self._over_padding(self.dropout(x), attention_mask)
        if use_cache:
            past_key_values = DynamicCache() if past_key_values is None else past_key_values
            for layer, pair in enumerate(zip(*state, strict=True)):  # once a token, so that tokens are counted
                h, c = (part[:, None, None].expand(-1, 1, x.shape[1], -1) for part in pair)
                past_key_values.update(h, c, layer)
        loss, logits = head(
            self.lm_head,
            self.norm(hidden),
            labels,
            shift=True,
            items=num_items_in_batch,
            keep=logits_to_keep,
            sparse=self.training,
        )
        return CausalLMOutputWithPast(loss=loss, logits=logits, past_key_values=past_key_values)

    def _over_padding(
        self, x: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Run over what is no padding, on whichever side it is; x: (B, L, D), mask: (B, L)."""
        order = mask.long().argsort(dim=1, descending=True, stable=True)[..., None]  # what exists comes first
        packed = pack_padded_sequence(
            x.take_along_dim(order, 1),
            mask.sum(1).clamp(min=1).cpu().long(),
            batch_first=True,
            enforce_sorted=False,
        )
        hidden, state = self.lstm(packed)
        hidden = pad_packed_sequence(hidden, batch_first=True, total_length=x.shape[1])[0]
        return hidden.take_along_dim(order.argsort(dim=1), 1), state


def _state(cache: Cache | None) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Return the state after the last token, each of shape (layers, B, D)."""
    if cache is None or not cache.get_seq_length():
        return None
    h = torch.stack([layer.keys[:, 0, -1] for layer in cache.layers])
    return h, torch.stack([layer.values[:, 0, -1] for layer in cache.layers])
