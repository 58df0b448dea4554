"""AdamW, its two groups of weights, and the learning rate of each step."""

import math

import torch
from torch import nn

from mmbench_reference_models.training.recipe import OptimPlan


def build_optimizer(model: nn.Module, plan: OptimPlan) -> torch.optim.AdamW:
    """Make AdamW: matrices decay, vectors (norms, biases, gates) do not."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    groups = [
        {"params": [weight for weight in weights if weight.ndim >= 2], "weight_decay": plan.decay},
        {"params": [weight for weight in weights if weight.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=plan.lr, betas=(plan.beta1, plan.beta2), fused=True)


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
