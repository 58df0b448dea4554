from pathlib import Path

import pytest
import yaml

from mmbench.errors import UsageError
from mmbench_reference_models.training.grid import Choice, Grid, choices, compare_all, load_grid, train_all
from mmbench_reference_models.training.recipe import Recipe, find_recipe, load_recipe, plain, read_yaml
from tests.support import small_recipe


def read(recipe: Recipe) -> int:
    """Examples that training reads."""
    return recipe.steps * recipe.batch.examples * recipe.batch.accumulate


def test_the_shipped_grid_changes_what_the_recipe_has() -> None:
    grid = load_grid("tiny-grid")
    base = find_recipe(grid.base)
    recipes = {name: load_recipe(base, {**grid.short, **changes}) for name, changes in grid.variants.items()}
    axes = [("fusion", 4, "model"), ("positions", 3, "model"), ("backbone", 4, "model")]
    for key, count, _ in axes:
        assert len({recipe.model[key] for recipe in recipes.values()}) == count
    assert len({recipe.tokenizer.kind for recipe in recipes.values()}) == 3
    assert len({recipe.digest for recipe in recipes.values()}) == len(recipes)
    assert read(recipes["fusion-mean"]) < read(load_recipe(base)) / 5


def test_variants_belong_to_the_setting_they_change() -> None:
    found = choices(load_grid("tiny-grid"))
    assert [(one.name, one.base) for one in found] == [
        ("fusion", "concat"),
        ("positions", "rotary"),
        ("tokenizer", "bpe"),
        ("backbone", "decoder"),
    ]
    assert found[2] == Choice(
        "tokenizer", "bpe", {"wordpiece": "tokenizer-wordpiece", "unigram": "tokenizer-unigram"}
    )
    silent = Grid("tiny", {}, ["sentiment"], 4, {"base": {}, "odd": {"model.nothing": "x"}})
    with pytest.raises(UsageError, match="leaves open"):
        choices(silent)


def test_mistakes_in_a_grid(tmp_path: Path) -> None:
    content = plain(read_yaml(find_recipe("tiny-grid")))
    path = tmp_path / "grid.yaml"
    path.write_text(yaml.safe_dump({"grid": content["grid"] | {"limits": 3}}))
    with pytest.raises(UsageError, match=r"unknown key 'grid\.limits'. Did you mean 'limit'"):
        load_grid(str(path))
    path.write_text(yaml.safe_dump({"grid": {"base": "tiny"}}))
    with pytest.raises(UsageError, match="lacks the key 'short'"):
        load_grid(str(path))
    with pytest.raises(UsageError, match="is no grid"):
        load_grid("tiny")


def test_variants_are_trained_once_and_compared(tmp_path: Path) -> None:
    stage = {"name": "instruct", "steps": 9, "mix": [{"task": "sentiment"}]}
    recipe = small_recipe.write(tmp_path, stages=[stage])
    short = {"stages.instruct.steps": 1}
    variants = {"concat": {}, "mean": {"model.fusion": "mean"}}
    grid = Grid(str(recipe), short, ["sentiment"], 4, variants, {"difficulty": "1"})
    models = list(train_all(grid, tmp_path / "grid", short=True))
    assert [name for name, _ in models] == ["concat", "mean"]
    assert load_recipe(tmp_path / "grid" / "mean" / "recipe.yaml").steps == 1
    written = (models[0][1] / "model.safetensors").stat().st_mtime_ns
    assert list(train_all(grid, tmp_path / "grid", short=True)) == models
    assert (models[0][1] / "model.safetensors").stat().st_mtime_ns == written
    page = compare_all(grid, models, tmp_path / "grid")
    assert "accuracy" in page
    assert (tmp_path / "grid" / "comparison.md").read_text() == page
