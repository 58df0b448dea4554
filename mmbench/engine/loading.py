"""Where a model runs: in this process, or as copies in the workers of a Ray cluster."""

from collections.abc import Mapping
from typing import Any

from mmbench.backends import load_model
from mmbench.engine.replicas import RayModel, RaySettings
from mmbench.errors import UsageError, did_you_mean
from mmbench.model import Baseline, Model

Engine = RaySettings | None
"""None: this process."""
_NAMES = {"local": None, "ray": RaySettings()}


def engine_of(engine: str | RaySettings) -> Engine:
    """Read an engine's name.

    Raises:
        UsageError: there is no such engine.
    """
    if isinstance(engine, RaySettings):
        return engine
    if engine not in _NAMES:
        raise UsageError(f"unknown engine '{engine}'.{did_you_mean(engine, _NAMES)}")
    return _NAMES[engine]


def open_model(
    model: str | Model | Baseline, seed: int, options: Mapping[str, Any], engine: Engine
) -> Model | Baseline:
    """Load what a string names, here or in workers; a model object is used as it is.

    Raises:
        UsageError: no such model or option, or an object is to run in workers.
        ModelError: the model cannot be loaded.
    """
    if engine is not None:
        if not isinstance(model, str):
            raise UsageError("engine 'ray' loads the model in its workers: name it by a string.")
        return RayModel(model, {"seed": seed, **options}, engine)
    return load_model(model, seed=seed, **options) if isinstance(model, str) else model
