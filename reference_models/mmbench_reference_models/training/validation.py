"""How good the model is while it learns: its loss on validation examples, and the tasks' own metrics."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from mmbench_reference_models.training.checkpoint import save_model
from mmbench_reference_models.training.objective import Batch, Objective
from mmbench_reference_models.training.recipe import ValidationPlan


@torch.no_grad()
def mean_loss(model: Any, objective: Objective, batches: Sequence[Batch]) -> float:
    """Return the mean negative log-likelihood of what is learnt, in nats."""
    return sum(float(objective(model, batch)) for batch in batches) / sum(map(objective.learnt, batches))


def scores(model: Any, processor: Any, plan: ValidationPlan) -> dict[str, float]:
    """Return the first metric of each task on the validation split of its embedded world.

    The model goes through its checkpoint and ``mmbench.evaluate``, as any other would.
    """
    import mmbench

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        save_model(folder, model, processor)
        run = mmbench.evaluate(
            str(folder),
            list(plan.tasks),
            limit=plan.limit,
            out=place,
            cache="off",
            options={"split": "validation"},
        )
        first: dict[str, tuple[str, float]] = {}
        for entry in run.entries:
            if not entry.slice and entry.value is not None:
                first.setdefault(entry.task, (entry.metric, entry.value))
    return {f"{task}.{metric}": value for task, (metric, value) in first.items()}
