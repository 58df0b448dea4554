"""What is minimised: the summed negative log-likelihood of what is to be learnt, in nats."""

from typing import Any

import torch

from mmbench_reference_models.training.encoding import IGNORED

Batch = dict[str, torch.Tensor]


class Objective:
    """The loss of a backbone, and what it counts.

    ``decoder`` and ``lstm`` predict the next token, ``encoder-decoder`` the reply's tokens, ``span`` where the
    answer begins and ends.
    """

    def __init__(self, backbone: str) -> None:
        self._backbone = backbone

    def learnt(self, batch: Batch) -> int:
        """Return how many tokens of a batch are learnt (answers, for ``span``)."""
        labels = batch["labels"]
        if self._backbone == "span":
            return len(labels)
        return int(((labels if self._backbone == "encoder-decoder" else labels[:, 1:]) != IGNORED).sum())

    def __call__(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the sum over what is learnt, a scalar."""
        loss: torch.Tensor
        if self._backbone == "span":
            start, end = batch["labels"].unbind(-1)
            rest = {name: value for name, value in batch.items() if name != "labels"}
            loss = model(**rest, start_positions=start, end_positions=end).loss * len(start)
        elif self._backbone == "encoder-decoder":
            loss = model(**batch, num_items_in_batch=1, use_cache=False).loss
        else:  # padding on the right of a causal model hides itself
            rest = {name: value for name, value in batch.items() if name != "attention_mask"}
            loss = model(**rest, num_items_in_batch=1, use_cache=False).loss
        return loss
