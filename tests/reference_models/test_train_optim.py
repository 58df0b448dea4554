"""Which optimizer moves which weights."""

import copy

import pytest
import tiny_reference
import torch
from torch import nn

from mmbench_reference_models.training.optim import Both, build_optimizer
from mmbench_reference_models.training.recipe import OptimPlan


@pytest.fixture(scope="module")
def model() -> nn.Module:
    return tiny_reference.tiny_model()


def names(model: nn.Module, group: dict[str, list[nn.Parameter]]) -> set[str]:
    moved = {id(weight) for weight in group["params"]}
    return {name for name, weight in model.named_parameters() if id(weight) in moved}


def test_adamw_lets_matrices_decay_and_vectors_not(model: nn.Module) -> None:
    matrices, vectors = build_optimizer(model, OptimPlan(decay=0.1)).param_groups
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (0.1, 0.0)
    assert all(weight.ndim < 2 for weight in vectors["params"])
    assert len(matrices["params"]) + len(vectors["params"]) == len(list(model.parameters()))


def test_muon_takes_the_matrices_of_blocks_and_adamw_the_rest(model: nn.Module) -> None:
    muon, matrices, vectors = build_optimizer(model, OptimPlan(kind="muon")).param_groups
    assert names(model, muon) == {
        name for name, weight in model.named_parameters() if ".blocks." in name and weight.ndim == 2
    }
    groups = [names(model, group) for group in (muon, matrices, vectors)]
    assert sum(map(len, groups)) == len(set.union(*groups)) == len(list(model.parameters()))
    assert any("tokens" in name for name in groups[1])


def test_states_of_both_come_back(model: nn.Module) -> None:
    def stepped(optimizer: Both) -> list[torch.Tensor]:
        for weight in model.parameters():
            weight.grad = torch.ones_like(weight)
        optimizer.step()
        optimizer.zero_grad()
        return [weight.detach().clone() for weight in model.parameters()]

    plan = OptimPlan(kind="muon", lr=0.01)
    first = build_optimizer(model, plan)
    assert isinstance(first, Both)
    start = stepped(first)
    kept = copy.deepcopy(first.state_dict())
    expected = stepped(first)
    with torch.no_grad():
        for weight, old in zip(model.parameters(), start, strict=True):
            weight.copy_(old)
    second = build_optimizer(model, plan)
    second.load_state_dict(kept)
    assert all(torch.equal(a, b) for a, b in zip(expected, stepped(second), strict=True))
