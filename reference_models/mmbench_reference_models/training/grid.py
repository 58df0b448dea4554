"""The ablation grid: one model a variant of a recipe, all scored on the same rows and compared pair by pair.

    python -m mmbench_reference_models.training.grid tiny-grid --out runs/grid          # full budget
    python -m mmbench_reference_models.training.grid tiny-grid --out runs/grid --short  # minutes a model

What is done already is not done again, so the same command goes on after a stop.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmbench.errors import UsageError, did_you_mean
from mmbench_reference_models.training import MODEL, Trainer
from mmbench_reference_models.training.checkpoint import checkpoints
from mmbench_reference_models.training.recipe import find_recipe, plain, read_yaml

_NEEDED = ("base", "short", "tasks", "limit", "variants")
_KEYS = (*_NEEDED, "options")


@dataclass(frozen=True)
class Grid:
    """A grid file.

    Attributes:
        base: the recipe that all variants change.
        short: changes that cut the budget.
        tasks: what the models are compared on.
        limit: rows of each task.
        variants: name -> changes of the recipe; the first is what the others are compared with.
        options: of the tasks, such as their difficulty.
    """

    base: str
    short: Mapping[str, Any]
    tasks: Sequence[str]
    limit: int
    variants: Mapping[str, Mapping[str, Any]]
    options: Mapping[str, str] = field(default_factory=dict)


def load_grid(name: str) -> Grid:
    """Read a grid by name or from a file.

    Raises:
        UsageError: there is none of that name, or it has other keys.
    """
    path = find_recipe(name)
    found = plain(read_yaml(path)).get("grid")
    if not isinstance(found, dict):
        raise UsageError(f"{path} is no grid: it has no key 'grid'.")
    for key in found:
        if key not in _KEYS:
            raise UsageError(f"{path}: unknown key 'grid.{key}'.{did_you_mean(str(key), _KEYS)}")
    if missing := [key for key in _NEEDED if key not in found]:
        raise UsageError(f"{path}: 'grid' lacks the key '{missing[0]}'.")
    return Grid(**found)


@dataclass(frozen=True)
class Choice:
    """What variants have in common: a setting, its value in the base recipe, and the variant of each other."""

    name: str
    base: str
    variants: Mapping[str, str]


def choices(grid: Grid) -> list[Choice]:
    """Return the settings that the grid changes; a variant belongs to the first that it names.

    Raises:
        UsageError: the base recipe does not say what it chose.
    """
    base = plain(read_yaml(find_recipe(grid.base)))
    found: dict[str, dict[str, str]] = {}
    for name, changes in grid.variants.items():
        if changes:
            setting, value = next(iter(changes.items()))
            found.setdefault(setting, {})[str(value)] = name
    return [Choice(_name(setting), _value(base, setting), variants) for setting, variants in found.items()]


def _name(setting: str) -> str:
    *_, part, last = setting.split(".")
    return part if last == "kind" else last


def _value(recipe: Mapping[str, Any], setting: str) -> str:
    found: Any = recipe
    for part in setting.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if found is None:
        raise UsageError(f"the grid changes '{setting}', which its base recipe leaves open. Write it there.")
    return str(found)


def train_all(grid: Grid, out: Path, *, short: bool) -> Iterator[tuple[str, Path]]:
    """Train the variants that are not trained yet; yield each one's name and model.

    Raises:
        UsageError, StoreError: as :meth:`mmbench.training.Trainer.train`.
    """
    for name, changes in grid.variants.items():
        run = out / name
        if not (run / MODEL / "config.json").is_file():
            trainer, every = Trainer(), {**(grid.short if short else {}), **changes}
            begun = bool(checkpoints(run))
            trainer.train(
                "" if begun else grid.base,
                changes={} if begun else {**every, "name": name},
                out=None if begun else run,
                resume=run if begun else None,
            )
        yield name, run / MODEL


def compare_all(grid: Grid, models: Sequence[tuple[str, Path]], out: Path) -> str:
    """Evaluate all models on the same rows and return the comparison as Markdown, paired intervals included.

    A variant that cannot answer a task is left out of it.
    """
    import mmbench
    from mmbench import plugins

    runs = [
        mmbench.evaluate(
            str(model), list(grid.tasks), options=grid.options, limit=grid.limit, out=out / "scores" / name
        )
        for name, model in models
    ]
    page = out / "comparison.md"
    plugins.load("renderers", "markdown")(runs, page)
    return page.read_text(encoding="utf-8")


def main() -> None:
    """Train and compare."""
    parser = argparse.ArgumentParser(prog="grid", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("grid")
    parser.add_argument("--out", type=Path, default=Path("runs/grid"))
    parser.add_argument("--short", action="store_true", help="the grid's short budget")
    chosen = parser.parse_args()
    grid = load_grid(chosen.grid)
    compare_all(grid, list(train_all(grid, chosen.out, short=chosen.short)), chosen.out)


if __name__ == "__main__":
    main()
