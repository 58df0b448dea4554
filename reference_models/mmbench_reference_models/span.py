"""A model that marks: BERT-style extractive question answering, with pictures and sounds."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from transformers.modeling_outputs import QuestionAnsweringModelOutput

from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.modeling import ReferencePreTrainedModel
from mmbench_reference_models.stack import Stack


class ReferenceForQuestionAnswering(ReferencePreTrainedModel):
    """Finds where in a text the answer to a question begins and ends.

    Reads ``<bos> question <sep> text <eos>``, as the tokenizer makes of a pair; placeholders of media may stand in
    the question. An answer at token 0 says that there is none.
    """

    base_model_prefix = "encoder"
    backbones = ("span",)

    def __init__(self, config: ReferenceConfig) -> None:
        """Draw the weights; see the base class."""
        super().__init__(config)
        self.encoder = Stack(config, causal=False, crosses=config.fusion == "attention", segments=True)
        self.ends = nn.Linear(config.hidden_size, 2, bias=False)  # the same everywhere, a bias decides nothing
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        """Return the embedding of tokens."""
        return self.encoder.embedding.tokens

    def set_input_embeddings(self, value: nn.Embedding) -> None:
        """Exchange the embedding of tokens."""
        self.encoder.embedding.tokens = value

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        input_features_mask: torch.Tensor | None = None,
        start_positions: torch.Tensor | None = None,
        end_positions: torch.Tensor | None = None,
        **_: Any,
    ) -> QuestionAnsweringModelOutput:
        """Return start and end logits, (B, L); padding gets the least there is.

        Args:
            input_ids: (B, L).
            attention_mask: (B, L), 0 at padding.
            pixel_values: (pictures, 3, image_size, image_size), all rows' in the order of their placeholders.
            input_features: (sounds, n_mels, frames), likewise.
            input_features_mask: (sounds, frames), 0 at padding.
            start_positions: (B,), the answer's first token.
            end_positions: (B,), its last; both together give the loss, the mean of their negative log-likelihoods.
        """
        hidden = self.encoder(
            input_ids,
            attention_mask,
            pixel_values=pixel_values,
            input_features=input_features,
            input_features_mask=input_features_mask,
        ).last_hidden_state
        logits = self.ends(hidden).float()  # (B, L, 2)
        if attention_mask is not None:
            logits = logits.masked_fill(attention_mask[..., None] == 0, torch.finfo(torch.float32).min)
        start, end = logits.unbind(-1)
        loss = None
        if start_positions is not None and end_positions is not None:
            loss = (F.cross_entropy(start, start_positions) + F.cross_entropy(end, end_positions)) / 2
        return QuestionAnsweringModelOutput(loss=loss, start_logits=start, end_logits=end)

    def fill(self, at: torch.Tensor, input_ids: torch.Tensor, **inputs: torch.Tensor) -> torch.Tensor:
        """Return logits of what stands where ``at``, (B, L), is true: (true, vocabulary); else as ``forward``.

        For masked language modelling. The token embedding tells tokens apart here too, so that pre-training leaves
        no weight behind that answering has no use for.
        """
        hidden = self.encoder(input_ids, **inputs).last_hidden_state
        return F.linear(hidden[at], self.encoder.embedding.tokens.weight)
