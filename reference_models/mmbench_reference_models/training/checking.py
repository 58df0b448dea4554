"""Whether what a recipe names can be: its model, its losses, its sources; mistakes are told with their line."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from mmbench.errors import UsageError, did_you_mean
from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.training.examples import Stream
from mmbench_reference_models.training.recipe import SCALARS, Recipe, TokenizerPlan, line_of, scalar
from mmbench_reference_models.training.start import BESIDE, FROM, SHA256, config_of


def check(recipe: Recipe, content: Mapping[str, Any], where: str) -> None:
    """Check a recipe that was made of ``content``, which :func:`.recipe.read_yaml` read.

    Raises:
        UsageError: a model cannot be like that, or learn so; a source does not exist.
    """
    backbone = _model(recipe, content, where).backbone
    for number, stage in enumerate(recipe.stages):
        read = content["stages"][number]
        if (reason := _no_loss(stage.loss, backbone)) is not None:
            raise UsageError(f"{line_of(read, 'loss', where)}: 'stages.{number}.loss' is '{stage.loss}', {reason}")
        for source, mapping in zip(stage.mix, read["mix"], strict=True):
            try:
                stream = Stream(source, recipe.seed)
                if source.think:
                    if backbone == "span":
                        raise UsageError(
                            f"source '{source.task}': a span model writes no thoughts. Leave out think."
                        )
                    stream.read(0, 1)
            except UsageError as error:
                raise UsageError(f"{line_of(mapping, 'task', where)}: {error}") from error


def _no_loss(loss: str, backbone: str) -> str | None:
    """Return why a backbone cannot learn by a loss, and what to do; None where it can."""
    if loss == "masked" and backbone != "span":
        return f"for a model that reads both ways. Set model.backbone to span, not {backbone}, or this to all."
    if loss == "all" and backbone in ("span", "encoder-decoder"):
        or_hide = ", or to masked to learn from whole texts" if backbone == "span" else ""
        return f"for a model that writes what it reads, as {backbone} does not. Set it to answer{or_hide}."
    return None


def _model(recipe: Recipe, content: Mapping[str, Any], where: str) -> ReferenceConfig:
    """Return the config of the model, whose keys are all known and which can be built."""
    read = content.get("model", {})
    kinds, known = ReferenceConfig.__annotations__, {entry.name for entry in dataclasses.fields(ReferenceConfig)}
    if FROM in recipe.model:
        _as_it_is(recipe, content, where)
        kinds, known = {**kinds, FROM: str, SHA256: str}, {FROM, SHA256, *BESIDE}
    for name, value in recipe.model.items():
        place = line_of(read, name, where)
        if name not in known:
            raise UsageError(f"{place}: unknown key 'model.{name}'.{did_you_mean(str(name), {*known, FROM})}")
        if kinds.get(name) in SCALARS:
            scalar(kinds[name], value, place, f"model.{name}")
    try:
        return config_of(recipe)
    except UsageError as error:
        raise UsageError(f"{line_of(read, FROM, where)}: {error}") from error
    except (ValueError, TypeError) as error:
        named = str(error).partition(" ")[0]
        raise UsageError(f"{line_of(read, named, where)}: model: {error}") from error


def _as_it_is(recipe: Recipe, content: Mapping[str, Any], where: str) -> None:
    """Refuse to change what comes with the weights to begin with: the model's build and its tokenizer."""
    read = content.get("model", {})
    for field in dataclasses.fields(ReferenceConfig):
        if field.name in recipe.model and field.name not in BESIDE:
            raise UsageError(
                f"{line_of(read, field.name, where)}: 'model.{field.name}' cannot be chosen beside "
                f"'model.{FROM}': a model that is trained on stays as it was built. Leave it out."
            )
    if recipe.tokenizer != TokenizerPlan():
        raise UsageError(
            f"{line_of(content, 'tokenizer', where)}: 'tokenizer' cannot be chosen beside 'model.{FROM}': "
            "the weights' own is taken. Leave it out."
        )
