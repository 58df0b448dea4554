"""AdamW with its two groups of weights, Muon, and the learning rate of each step."""

import math
from typing import Any

import torch
from torch import nn

from mmbench_reference_models.attention import Block
from mmbench_reference_models.training.recipe import OptimPlan


class Both:
    """Two optimizers as one: one step of each, their states together."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        """Take optimizers that share no weight."""
        self._parts = parts

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of all."""
        return [group for part in self._parts for group in part.param_groups]

    def step(self) -> None:
        """Move all weights."""
        for part in self._parts:
            part.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget gradients."""
        for part in self._parts:
            part.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Return the states, by number."""
        return {str(number): part.state_dict() for number, part in enumerate(self._parts)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take states back."""
        for number, part in enumerate(self._parts):
            part.load_state_dict(state[str(number)])


Optimizer = torch.optim.Optimizer | Both


def build_optimizer(model: nn.Module, plan: OptimPlan) -> Optimizer:
    """Make AdamW: matrices decay, vectors (norms, biases, gates) do not; or Muon for the matrices of blocks.

    Muon (Jordan et al. 2024) makes the steps of a matrix orthogonal. Its rate is scaled so that steps are as large
    as AdamW's (Liu et al. 2025, arXiv 2502.16982), so that both take the recipe's one rate. It does not move
    embeddings, the head that is tied to them, nor convolutions.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    linear = {
        id(module.weight)
        for block in model.modules()
        if plan.kind == "muon" and isinstance(block, Block)
        for module in block.modules()
        if isinstance(module, nn.Linear)
    }
    rest = [weight for weight in weights if id(weight) not in linear]
    groups = [
        {"params": [weight for weight in rest if weight.ndim >= 2], "weight_decay": plan.decay},
        {"params": [weight for weight in rest if weight.ndim < 2], "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(groups, lr=plan.lr, betas=(plan.beta1, plan.beta2), fused=True)
    if not linear:
        return adamw
    matrices = [weight for weight in weights if id(weight) in linear]
    return Both(
        torch.optim.Muon(matrices, lr=plan.lr, weight_decay=plan.decay, adjust_lr_fn="match_rms_adamw"), adamw
    )


def learning_rate(step: int, steps: int, plan: OptimPlan) -> float:
    """Return the rate of step ``step`` (from 0): linear warm-up, then a cosine down to ``final`` times the peak.

    >>> plan = OptimPlan(lr=1.0, warmup=2, final=0.1)
    >>> [round(learning_rate(step, 6, plan), 3) for step in (0, 1, 2, 4, 6)]
    [0.5, 1.0, 1.0, 0.55, 0.1]
    """
    if step < plan.warmup:
        return plan.lr * (step + 1) / plan.warmup
    done = (step - plan.warmup) / max(1, steps - plan.warmup)
    return plan.lr * (plan.final + (1 - plan.final) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
