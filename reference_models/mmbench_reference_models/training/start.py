"""What a recipe begins with: weights that another training left, in place of drawn ones.

``model: {from: reference:mini}`` names a shipped model, ``from: runs/tiny`` a training run or a checkpoint.
A run keeps the weights' SHA-256 in its recipe, so that no others are ever taken for them.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmbench.errors import UsageError
from mmbench_reference_models import folder_of
from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.training import MODEL
from mmbench_reference_models.training.checkpoint import told_reading
from mmbench_reference_models.training.recipe import Recipe

FROM, SHA256 = "from", "sha256"
BESIDE = ("dropout",)
"""What of a model can be chosen beside the weights that it begins with."""
_FOLDERS = (".", MODEL)  # of a checkpoint, of a run
_WEIGHTS = "model.safetensors"


def checkpoint_of(recipe: Recipe) -> Path:
    """Return the folder of the weights to begin with.

    Raises:
        UsageError: there are none, they are of another family, or they are not those that the recipe means.
        StoreError: they cannot be read.
    """
    name, meant = str(recipe.model[FROM]), recipe.model.get(SHA256)
    kind, _, which = name.partition(":")
    places = [folder_of(which)] if kind == "reference" else [Path(name, folder) for folder in _FOLDERS]
    found = next((place for place in places if (place / _WEIGHTS).is_file()), None)
    if found is None:
        raise UsageError(f"there are no weights in '{name}'. Name reference:NAME, a training run or a checkpoint.")
    with told_reading(found):
        family = json.loads((found / "config.json").read_text(encoding="utf-8")).get("model_type")
    if family != ReferenceConfig.model_type:
        raise UsageError(f"'{name}' is a model of type '{family}'; only reference models can be trained on.")
    if meant is not None and (digest := _digest(found)) != meant:
        raise UsageError(
            f"the weights in '{name}' are not those that this recipe began with: their SHA-256 is {digest[:16]}…, "
            f"not {str(meant)[:16]}…. Bring those back, or start anew without model.{SHA256}."
        )
    return found


def pinned(recipe: Recipe) -> Recipe:
    """Return the recipe with the SHA-256 of the weights that it begins with, if it does begin with any.

    Raises:
        UsageError, StoreError: as :func:`checkpoint_of`.
    """
    if FROM not in recipe.model:
        return recipe
    return replace(recipe, model={**recipe.model, SHA256: _digest(checkpoint_of(recipe))})


def config_of(recipe: Recipe) -> ReferenceConfig:
    """Return how the model of a recipe is built, but for the size of a vocabulary that is still to be learnt.

    Raises:
        UsageError, StoreError: as :func:`checkpoint_of`.
        ValueError, TypeError: there can be no such model.
    """
    if FROM not in recipe.model:
        return ReferenceConfig(**recipe.model)
    config: ReferenceConfig = ReferenceConfig.from_pretrained(checkpoint_of(recipe), **beside(recipe))
    return config


def beside(recipe: Recipe) -> dict[str, Any]:
    """Return what the recipe changes of the model that it begins with."""
    return {key: value for key, value in recipe.model.items() if key in BESIDE}


def _digest(checkpoint: Path) -> str:
    with (checkpoint / _WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
