"""Runs as folders: begun with a recipe, gone on with from their last checkpoint, recorded at the end."""

import dataclasses
import json
import os
import platform
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml

from mmbench.dataset import Embedded
from mmbench.errors import StoreError, UsageError
from mmbench.training import Outcome, TrainingListener
from mmbench_reference_models.training import RECIPE
from mmbench_reference_models.training.build import build_new, load_built
from mmbench_reference_models.training.checkpoint import checkpoints, latest, read_state, told_errors, told_reading
from mmbench_reference_models.training.examples import Stream
from mmbench_reference_models.training.recipe import Recipe, find_recipe, load_recipe
from mmbench_reference_models.training.start import pinned
from mmbench_reference_models.training.trainer import Training

RECORD = "run.json"
_PACKAGES = ("mmbench", "torch", "transformers", "tokenizers", "accelerate", "numpy")


def begin(recipe: str, changes: Mapping[str, Any], out: Path | None, on_event: TrainingListener) -> Outcome:
    """Train from the beginning.

    Raises:
        UsageError: the recipe is wrong, or the folder already holds a run.
        StoreError: the disk is full.
    """
    chosen = pinned(load_recipe(find_recipe(recipe), changes))
    run = out or Path("runs") / f"train-{chosen.name}-{time.strftime('%Y%m%dT%H%M%S')}"
    if checkpoints(run):
        raise UsageError(
            f"{run} already holds a run. Go on with `mmbench train --resume {run}`, or name another --out."
        )
    model, processor = build_new(chosen)
    training = Training(chosen, run, model, processor, on_event)
    if training.accelerator.is_main_process:
        with told_errors(f"write {run}"):
            run.mkdir(parents=True, exist_ok=True)
            (run / RECIPE).write_text(as_yaml(chosen), encoding="utf-8")
    return _finish(training)


def go_on(run: Path, on_event: TrainingListener) -> Outcome:
    """Train on from the last checkpoint of a run.

    Raises:
        StoreError: there is no checkpoint, or it cannot be used.
    """
    if not (run / RECIPE).is_file():
        raise StoreError(f"{run} is no training run: it has no {RECIPE}. Name the folder that --out named.")
    recipe = load_recipe(run / RECIPE)
    folder = latest(run)
    state = read_state(folder, recipe.digest)
    with told_reading(folder):
        model, processor = load_built(folder)
    training = Training(recipe, run, model, processor, on_event)
    training.resume(folder, state)
    return _finish(training)


def _finish(training: Training) -> Outcome:
    outcome = training.train()
    if training.accelerator.is_main_process:
        with told_errors(f"write {training.run / RECORD}"):
            text = json.dumps(record(training, outcome), indent=2, ensure_ascii=False)
            (training.run / RECORD).write_text(text + "\n", encoding="utf-8")
    return outcome


def record(training: Training, outcome: Outcome) -> dict[str, Any]:
    """Return what a model card must tell of a run."""
    recipe, state = training.recipe, training.state
    return {
        "recipe": recipe.name,
        "digest": recipe.digest,
        "seed": recipe.seed,
        "status": outcome.status,
        "steps": state.step,
        "tokens": state.tokens,
        "seconds": round(state.seconds, 1),
        "parameters": training.parameters,
        "processes": training.accelerator.num_processes,
        "hardware": hardware(),
        "precision": "bfloat16 autocast" if training.accelerator.mixed_precision == "bf16" else "float32",
        "versions": {name: version(name).partition("+")[0] for name in _PACKAGES},
        "data": data_versions(recipe),
    }


def hardware() -> str:
    """Return what computed: the accelerator, or the processor with the threads in use."""
    if torch.cuda.is_available():
        return f"{torch.cuda.device_count()} x {torch.cuda.get_device_name()}"
    return f"{torch.get_num_threads()} of {os.cpu_count()} CPU cores, {platform.machine()}"


def data_versions(recipe: Recipe) -> dict[str, str]:
    """Return each source's generator and its version, or the repository that it is read from."""
    found = {}
    for stage in recipe.stages:
        for source in stage.mix:
            origin = Stream(source, recipe.seed).dataset.source
            if isinstance(origin, Embedded):
                package, _, function = origin.generator.partition(":")
                module = __import__(package, fromlist=[function])
                found[source.task] = f"{origin.generator} version {getattr(module, 'VERSION', '0')}"
            else:
                found[source.task] = getattr(origin, "path", "")
    return found


def as_yaml(recipe: Recipe) -> str:
    """Return a recipe as YAML that reads back equal."""
    text: str = yaml.safe_dump(
        json.loads(json.dumps(dataclasses.asdict(recipe))), sort_keys=False, allow_unicode=True
    )
    return text
