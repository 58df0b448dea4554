"""`mmbench train` against a bare loop over ready tensors of the same shapes, recipe `tiny` on one thread.

Both make the same 32 steps with the same model: forward and backward in bfloat16, clipping, Muon. The bare loop
has its batches in memory, masks included; the trainer makes them in a worker process, counts, logs every step and
saves once. Processor seconds of the main process, which decide where a core is left for the worker, and of all
processes, which decide where none is.
"""

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from mmbench_reference_models.training.batches import Buckets, batches
from mmbench_reference_models.training.build import build_new
from mmbench_reference_models.training.objective import Batch, causal_inputs
from mmbench_reference_models.training.optim import build_optimizer
from mmbench_reference_models.training.recipe import Recipe, find_recipe, load_recipe
from mmbench_reference_models.training.trainer import Training

STEPS, ROUNDS = 32, 5


def recipe() -> Recipe:
    """Return the first steps of `tiny`."""
    alone = {"batch.examples": 48, "batch.accumulate": 1}
    whole = load_recipe(find_recipe("tiny"), {"tokenizer.examples": 500, "validation.every": 0, **alone})
    return replace(whole, stages=(replace(whole.stages[0], steps=STEPS),), save_every=STEPS)


def bare(model: Any, ready: list[Batch], chosen: Recipe) -> None:
    """Learn from tensors in memory."""
    optimizer = build_optimizer(model, chosen.optim)
    for batch in ready:
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(**batch, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


def trained(model: Any, processor: Any, chosen: Recipe) -> None:
    """Learn as the command does."""
    with tempfile.TemporaryDirectory() as place:
        Training(chosen, Path(place), model, processor, lambda _: None).train()


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return processor seconds of this process, and of its children too."""
    own, children = time.process_time(), _children()
    work()
    own = time.process_time() - own
    return own, own + _children() - children


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Alternate both, and print the table."""
    chosen = recipe()
    model, processor = build_new(chosen)
    alone = replace(chosen, batch=replace(chosen.batch, workers=0))
    ready = [batch for (batch,) in batches(alone, processor, 0, 0, backbone="decoder", lanes=[0])]
    inputs = [causal_inputs(batch) for batch in ready]
    start = {name: value.clone() for name, value in model.state_dict().items()}
    tokens = sum(int(batch["attention_mask"].sum()) for batch in ready)
    times: dict[str, list[tuple[float, float]]] = {"bare loop": [], "mmbench train": []}
    for _ in range(ROUNDS):
        model.load_state_dict(start)
        times["bare loop"].append(seconds(lambda: bare(model.train(), inputs, chosen)))
        model.load_state_dict(start)
        times["mmbench train"].append(seconds(lambda: trained(model, processor, chosen)))
    buckets = Buckets(chosen.stages[0], chosen.batch, processor, 1, "decoder")
    made = statistics.median(seconds(partial(buckets.__getitem__, number))[0] for number in range(ROUNDS))
    print("| | main process, s | tokens/s | against bare | all processes, s | against bare |")
    print("|---|---:|---:|---:|---:|---:|")
    base = [statistics.median(column) for column in zip(*times["bare loop"], strict=True)]
    for name, found in times.items():
        own, every = (statistics.median(column) for column in zip(*found, strict=True))
        first = f"{own:.2f} | {tokens / own:,.0f} | {own / base[0]:.2f}x"
        print(f"| {name} | {first} | {every:.2f} | {every / base[1]:.2f}x |")
    examples = chosen.batch.examples * chosen.batch.bucket
    print(f"\nOne worker makes {examples / made:,.0f} examples a processor second, tokens and media included.")


if __name__ == "__main__":
    main()
