"""Model cards, made from what a run recorded: nothing in them is typed by hand.

python -m mmbench_reference_models.training.card RUN FOLDER   # evaluate, copy the model, write its card
python -m mmbench_reference_models.training.card FOLDER       # write the card again
"""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from mmbench_reference_models.training import MODEL, RECIPE
from mmbench_reference_models.training.checkpoint import told_errors
from mmbench_reference_models.training.evaluation import (
    Score,
    evaluate_model,
    evaluate_on_data,
    read_scores,
    taught,
    write_scores,
)
from mmbench_reference_models.training.examples import configured
from mmbench_reference_models.training.log import NAME as LOG
from mmbench_reference_models.training.log import read
from mmbench_reference_models.training.recipe import Recipe, load_recipe
from mmbench_reference_models.training.runs import RECORD
from mmbench_reference_models.training.start import FROM, SHA256, config_of

LIMITS = {"plain": 500, "held out": 200}
_CURVE = 12
_LIMITS = """- It knows the data that it was trained on, in its prompts' own words, and nothing else.
- More steps would help where the learning curve still falls at its end.
- It is a yardstick and a smoke test for a harness, not a product."""
_HEAD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: {pipeline}
tags: [mmbench, multimodal, synthetic-data]
---
"""


def ship(run: Path, folder: Path, tasks: Sequence[str] = (), limits: Mapping[str, int] = LIMITS) -> None:
    """Evaluate the model of a run and put it, with its records and its card, into a folder.

    With ``tasks``, which are on real data, the weights stay where they are.

    Raises:
        StoreError: the folder cannot be written.
    """
    with told_errors(f"write {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in (RECIPE, RECORD, LOG):
            shutil.copyfile(run / name, folder / name)
        if not tasks:
            shutil.copytree(run / MODEL, folder, dirs_exist_ok=True)
            _halve(folder / "model.safetensors")
    if tasks:
        scores = evaluate_on_data(run / MODEL, tasks)
    else:
        scores = evaluate_model(folder, limits, load_recipe(folder / RECIPE))
    write_scores(folder, scores)
    write_card(folder)


def _halve(weights: Path) -> None:
    """Round weights to bfloat16 in the file, half its size; the config still says to compute in float32."""
    rounded = {name: weight.to(torch.bfloat16) for name, weight in load_file(weights).items()}
    save_file(rounded, weights, {"format": "pt"})


def write_card(folder: Path) -> None:
    """Write README.md from the records in a model's folder.

    Raises:
        StoreError: the folder cannot be written.
    """
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    recipe = load_recipe(folder / RECIPE)
    shipped = (folder / "config.json").is_file()
    text = card(folder.name, recipe, record, read_scores(folder), read(folder), shipped=shipped)
    with told_errors(f"write {folder / 'README.md'}"):
        (folder / "README.md").write_text(text, encoding="utf-8")


def card(
    name: str,
    recipe: Recipe,
    record: Mapping[str, Any],
    scores: Sequence[Score],
    log: Sequence[Mapping[str, str]],
    *,
    shipped: bool,
) -> str:
    """Return a card.

    Args:
        name: of the model.
        recipe: that it was made by.
        record: what ``run.json`` holds.
        scores: with intervals.
        log: the lines of ``log.csv``.
        shipped: the weights stand beside the card.
    """
    parts = [
        f"{_head(recipe) if shipped else ''}# {name}\n\n{recipe.about}\n\n"
        f"Made by `mmbench train --recipe {record['recipe']}`; "
        "this card is made from `run.json`, `log.csv` and `evaluation.json` beside it.",
        f"## Use\n\n{_use(name, recipe, shipped)}",
        f"## Training\n\n{_facts(recipe, record)}",
        f"## Results\n\nOn rows that training never saw, with 95 % intervals.\n\n{_results(scores)}",
        *_published(recipe),
        f"## Learning curve\n\n{_curve(log)}",
        f"## Limits\n\n{_LIMITS}",
    ]
    return "\n\n".join(parts) + "\n"


def _marks(recipe: Recipe) -> bool:
    """Whether the model marks answers in texts, in place of writing."""
    return config_of(recipe).backbone == "span"


def _head(recipe: Recipe) -> str:
    return _HEAD.format(pipeline="question-answering" if _marks(recipe) else "image-text-to-text")


def _use(name: str, recipe: Recipe, shipped: bool) -> str:
    if not shipped:
        return "The weights are not kept here, as the data is not ours: run the recipe to make them."
    auto, tasks = "AutoModelForImageTextToText", "core"
    if _marks(recipe):
        auto, (names, options) = "AutoModelForQuestionAnswering", taught(recipe)
        tasks = ",".join(names) + "".join(f" --set {key}={value}" for key, value in options.items())
    return (
        "```python\nimport mmbench_reference_models, transformers\n\n"
        "processor = transformers.AutoProcessor.from_pretrained(folder)\n"
        f"model = transformers.{auto}.from_pretrained(folder)\n```\n\n"
        f"or `mmbench run --model reference:{name} --tasks {tasks}`."
    )


def _published(recipe: Recipe) -> list[str]:
    """Return the published figures that the datasets' catalogue knows, if any."""
    found = {source.task: configured(source)[1].published for stage in recipe.stages for source in stage.mix}
    return [f"Published for `{task}`: {figure}." for task, figure in found.items() if figure]


def _facts(recipe: Recipe, record: Mapping[str, Any]) -> str:
    minutes = record["seconds"] / 60
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    data = "\n".join(f"| data: {task} | `{origin}` |" for task, origin in record["data"].items())
    rows = [
        ("recipe", f"{record['recipe']}, SHA-256 `{record['digest'][:16]}`"),
        *_beginning(recipe),
        ("weights", f"{record['parameters']:,}"),
        ("seed", record["seed"]),
        ("steps", f"{record['steps']:,} ({record['status']})"),
        ("tokens", f"{record['tokens']:,}"),
        ("time", f"{minutes:.1f} minutes"),
        ("stored as", "bfloat16, computed in float32"),
        ("hardware", f"{record['hardware']}, {record['processes']} process(es), {record['precision']}"),
        ("versions", versions),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"| what | value |\n|---|---|\n{table}\n{data}"


def _beginning(recipe: Recipe) -> list[tuple[str, str]]:
    """Return the row that tells which weights it began with, if it began with any."""
    if FROM not in recipe.model:
        return []
    return [("began with", f"`{recipe.model[FROM]}`, SHA-256 `{recipe.model[SHA256][:16]}`")]


def _results(scores: Sequence[Score]) -> str:
    lines = ["| task | metric | part | value | 95 % interval | n |", "|---|---|---|---:|---|---:|"]
    for score in sorted(scores, key=lambda one: (one.task, one.metric, one.part != "plain")):
        interval = "" if score.low is None or score.high is None else f"{score.low:.3g} to {score.high:.3g}"
        lines.append(
            f"| {score.task} | {score.metric} | {score.part} | {score.value:.3g} | {interval} | {score.n} |"
        )
    return "\n".join(lines)


def _curve(log: Sequence[Mapping[str, str]]) -> str:
    """Return the mean training loss of equal stretches of the log, and the validation loss where measured."""
    size = max(1, len(log) // _CURVE)
    lines = ["| up to step | stage | mean loss | validation loss |", "|---:|---|---:|---:|"]
    for start in range(0, len(log), size):
        part = log[start : start + size]
        loss = sum(float(line["loss"]) for line in part) / len(part)
        held = next((line["validation_loss"] for line in reversed(part) if line["validation_loss"]), "")
        lines.append(
            f"| {part[-1]['step']} | {part[-1]['stage']} | {loss:.3f} | {held and f'{float(held):.3f}'} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        ship(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
    else:
        write_card(Path(sys.argv[1]))
