"""What is minimised: the negative log-likelihood of what is to be learnt, in nats, summed with weights."""

from typing import Any

import torch
import torch.nn.functional as F

from mmbench_reference_models.training.encoding import IGNORED

Batch = dict[str, torch.Tensor]


class Objective:
    """The loss of a backbone, and what it counts.

    ``decoder`` and ``lstm`` predict the next token, ``encoder-decoder`` the reply's tokens, ``span`` where the
    answer begins and ends, or with ``loss`` "masked" the tokens that are hidden.
    """

    def __init__(self, backbone: str, loss: str = "answer", balance: float = 0.0, *, apart: bool = False) -> None:
        """``balance``: a token of an example that learns n tokens weighs n to the power of minus this.

        ``apart``: a thought and the answer after it are two examples to ``balance``.
        """
        self._backbone, self._balance, self._apart = backbone, balance, apart
        self._masked = loss == "masked"
        self._marks = backbone == "span" and not self._masked

    def learnt(self, batch: Batch) -> float:
        """Return the summed weight of what is learnt: tokens, or answers for ``span``."""
        if self._marks:
            return float(len(batch["labels"]))
        targets = self._targets(batch)
        return float(self._weights(targets, batch)[targets != IGNORED].sum())

    def __call__(self, model: Any, batch: Batch) -> torch.Tensor:
        """Return the weighted sum over what is learnt, a scalar."""
        if self._masked:
            return self._weighted(model.fill(batch["labels"] != IGNORED, **_without(batch, "labels")), batch)
        if self._marks:
            start, end = batch["labels"].unbind(-1)
            rest = _without(batch, "labels")
            marked: torch.Tensor = model(**rest, start_positions=start, end_positions=end).loss * len(start)
            return marked
        inputs = _without(batch, "answers") if self._backbone == "encoder-decoder" else causal_inputs(batch)
        outputs = model(**inputs, num_items_in_batch=1, use_cache=False)
        if not self._balance:
            summed: torch.Tensor = outputs.loss
            return summed
        return self._weighted(outputs.logits, batch)

    def _weighted(self, logits: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Take logits of what is learnt, (learnt, vocabulary), as in training, or of all, (B, L, vocabulary)."""
        targets = self._targets(batch)
        learnt = targets != IGNORED
        if logits.ndim == 3:
            logits = logits[:, : targets.shape[1]][learnt]
        losses = F.cross_entropy(logits.float(), targets[learnt], reduction="none")
        return (losses * self._weights(targets, batch)[learnt].to(losses.dtype)).sum()

    def _weights(self, targets: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the weight of each token, (B, L), float64: its example's number of learnt tokens to -balance."""
        parts = batch.get("branches", torch.zeros_like(batch["labels"]))
        if self._apart and "answers" in batch:
            parts = 2 * parts + batch["answers"]
        parts = parts[:, -targets.shape[1] :]
        learnt = (targets != IGNORED).double()
        sizes = learnt.new_zeros(len(targets), int(parts.max()) + 1).scatter_add_(1, parts, learnt)
        return sizes.gather(1, parts).clamp(min=1).pow(-self._balance)

    def _targets(self, batch: Batch) -> torch.Tensor:
        """Return the labels that have something to be predicted from."""
        return batch["labels"] if self._backbone in ("encoder-decoder", "span") else batch["labels"][:, 1:]


def causal_inputs(batch: Batch) -> Batch:
    """Return what a causal model takes of a batch: what each token sees, and where it stands, where rows branch.

    Else no mask: padding on the right of a causal model hides itself.
    """
    inputs = _without(batch, "attention_mask", "branches", "answers")
    if "branches" in batch:
        seen = branch_mask(batch["branches"])
        inputs |= {"attention_mask": seen[:, None], "position_ids": seen.sum(-1) - 1}
    return inputs


def _without(batch: Batch, *names: str) -> Batch:
    return {name: value for name, value in batch.items() if name not in names}


def branch_mask(branches: torch.Tensor) -> torch.Tensor:
    """Return what each token sees, (B, L, L): of what precedes it the common beginning, 0, and its own branch.

    >>> branch_mask(torch.tensor([[0, 1, 2]]))[0].int().tolist()
    [[1, 0, 0], [1, 1, 0], [1, 0, 1]]
    """
    same = branches[:, :, None] == branches[:, None]
    seen: torch.Tensor = (same | (branches == 0)[:, None]).tril()
    return seen
