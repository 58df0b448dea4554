"""Ways to reach a model.

A model string is a plug-in's name, ``name:rest``, or a bare folder or Hub id (Transformers).
"""

import inspect
from pathlib import Path
from typing import Any

from mmbench import plugins
from mmbench.errors import UsageError, did_you_mean
from mmbench.model import Baseline, Model

_ALWAYS = {"seed"}  # settings that are offered to every loader but need not be taken


def load_model(spec: str, **options: Any) -> Model | Baseline:
    """Load the model that a string names.

    A loader is a callable ``loader(rest, **options)``; it gets the options that the user set, and refuses others
    by not naming them.

    Raises:
        UsageError: no such model, or the model has no such option.
        ModelError: the model cannot be loaded.
    """
    known = plugins.names("models")
    kind, _, rest = spec.partition(":")
    if kind not in known:
        if not _looks_like_checkpoint(spec):
            raise UsageError(
                f"unknown model '{spec}'.{did_you_mean(spec, known)} A folder or Hub id (org/name) works too."
            )
        kind, rest = "hf", spec
    loader = plugins.load("models", kind)
    parameters = inspect.signature(loader).parameters
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    chosen = {}
    for key, value in options.items():
        if open_ended or key in parameters:
            chosen[key] = value
        elif key not in _ALWAYS:
            names = [name for name in list(parameters)[1:] if name not in _ALWAYS]
            raise UsageError(f"model '{kind}' has no option '{key}'.{did_you_mean(key, names)}")
    model: Model | Baseline = loader(rest, **chosen)
    return model


def _looks_like_checkpoint(spec: str) -> bool:
    return "/" in spec or (spec != "" and Path(spec).exists())
