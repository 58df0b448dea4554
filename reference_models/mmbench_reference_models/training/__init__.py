"""Training of the reference models: ``mmbench train``.

:mod:`recipe` says what to do; :mod:`examples`, :mod:`encoding` and :mod:`batches` make what is learnt from;
:mod:`trainer` learns; :mod:`checkpoint` and :mod:`log` remember; :mod:`card` tells. This module is the plug-in
and imports nothing heavy before it must.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmbench.errors import UsageError
from mmbench.training import Outcome, RecipeInfo, TrainingListener, ignore

RECIPE = "recipe.yaml"
"""The recipe of a run, all changes made, in the run's folder."""
MODEL = "model"
"""The folder of a run that holds the trained model."""


class Trainer:
    """Trains models of the reference family."""

    def recipes(self) -> Sequence[RecipeInfo]:
        """Return the recipes that are shipped."""
        from mmbench_reference_models.training.recipe import shipped

        return shipped()

    def train(
        self,
        recipe: str,
        *,
        changes: Mapping[str, Any],
        out: Path | None,
        resume: Path | None,
        on_event: TrainingListener = ignore,
    ) -> Outcome:
        """Train a model; see :class:`mmbench.training.Trainer`."""
        from mmbench_reference_models.training.runs import begin, go_on

        if resume is not None:
            if recipe or changes or out is not None:
                raise UsageError(
                    "--resume goes on with the recipe and in the folder of its run: give nothing else."
                )
            return go_on(resume, on_event)
        if not recipe:
            raise UsageError("name a recipe: --recipe NAME. `mmbench list recipes` shows which there are.")
        return begin(recipe, changes, out, on_event)
