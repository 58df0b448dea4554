from pathlib import Path

import pytest
import yaml

from mmbench.errors import UsageError
from mmbench_reference_models.training.recipe import RECIPES, find_recipe, load_recipe, shipped
from mmbench_reference_models.training.runs import as_yaml
from tests.support import small_recipe


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small_recipe.write(tmp_path)


@pytest.mark.parametrize("name", [info.name for info in shipped()])
def test_shipped_recipes_load(name: str) -> None:
    recipe = load_recipe(find_recipe(name))
    assert recipe.name == name
    assert recipe.about
    assert all(source.split != "test" for stage in recipe.stages for source in stage.mix)


def test_tiny_is_shipped() -> None:
    assert "tiny" in {info.name for info in shipped()}
    assert (RECIPES / "tiny.yaml").is_file()


def test_a_recipe_reads_back_equal(file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(file, {"optim.lr": 3})
    again = tmp_path / "again.yaml"
    again.write_text(as_yaml(recipe))
    assert load_recipe(again) == recipe
    assert load_recipe(again).digest == recipe.digest


def test_changes_reach_any_depth(file: Path) -> None:
    recipe = load_recipe(
        file, {"model.fusion": "mean", "stages.instruct.steps": 7, "stages.0.mix.1.weight": 5, "seed": 9}
    )
    assert recipe.model["fusion"] == "mean"
    assert [stage.steps for stage in recipe.stages] == [3, 7]
    assert recipe.stages[0].mix[1].weight == 5
    assert recipe.seed == 9
    assert recipe.digest != load_recipe(file).digest


def test_text_that_looks_like_a_number_is_one(file: Path) -> None:
    file.write_text(file.read_text().replace("lr: 0.01", "lr: 1e-3"))
    assert load_recipe(file).optim.lr == 0.001


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("save_every: 100", "save_evry: 100", r"line \d+: unknown key 'save_evry'. Did you mean 'save_every'"),
        ("  warmup: 2", "  warmpu: 2", r"line \d+: unknown key 'optim.warmpu'. Did you mean 'warmup'"),
        ("  steps: 3", "  steps: three", r"line \d+: 'stages.0.steps' must be a whole number, not 'three'"),
        ("  loss: all", "  loss: al", r"line \d+: 'stages.0.loss' is 'al'. Did you mean 'all'"),
        ("seed: 3", "seed: true", r"line 2: 'seed' must be a whole number, not True"),
        ("name: small-test", "nam: [", r"line \d+: no YAML"),
        ("  hidden_size:", "  hiden_size:", r"line 4: unknown key 'model.hiden_size'. Did you mean 'hidden_size'"),
        ("  hidden_size: 16", "  hidden_size: wide", r"line 4: 'model.hidden_size' must be a whole number"),
        ("  hidden_size: 16", "  fusion: sum", r"line 4: model: fusion should be one of concat, .*, not 'sum'"),
        ("- task: vqa", "- task: vqaa", r"line \d+: unknown task 'vqaa'. Did you mean 'vqa'"),
        ("- task: vqa", "- {task: vqa, set: {name: x}}", r"line \d+: source 'vqa': unknown option 'name'"),
        ("- task: vqa", "- {task: vqa, split: test}", r"line \d+: source 'vqa': nothing is learnt from the split"),
        ("  steps: 3", "  steps: -3", r"line \d+: 'stages.0.steps' must be at least 0, not -3"),
        ("  bucket: 4", "  bucket: 0", r"line \d+: 'batch.bucket' must be at least 1, not 0"),
        ("  lr: 0.01", "  lr: -1e-2", r"line \d+: 'optim.lr' must be at least 0, not -0.01"),
    ],
)
def test_a_mistake_is_told_with_its_line(file: Path, old: str, new: str, message: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(UsageError, match=message):
        load_recipe(file)


def test_the_line_is_the_right_one(file: Path) -> None:
    lines = file.read_text().splitlines()
    number = next(place for place, line in enumerate(lines, 1) if "warmup" in line)
    file.write_text(file.read_text().replace("warmup", "warmpu"))
    with pytest.raises(UsageError, match=rf"small-test.yaml, line {number}: "):
        load_recipe(file)


def test_what_a_recipe_must_have(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("about: nothing\nstages: []\n")
    with pytest.raises(UsageError, match="lacks the key 'name'"):
        load_recipe(path)
    path.write_text("name: x\nstages: []\n")
    with pytest.raises(UsageError, match="no stages with steps"):
        load_recipe(path)
    path.write_text("- a\n")
    with pytest.raises(UsageError, match="a recipe is a mapping"):
        load_recipe(path)


def test_unknown_recipes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown recipe 'tinny'. Did you mean 'tiny'"):
        find_recipe("tinny")
    with pytest.raises(UsageError, match="there is no recipe file"):
        find_recipe(str(tmp_path / "none.yaml"))


def test_a_change_of_what_is_not_there(file: Path) -> None:
    with pytest.raises(UsageError, match=r"--set stages.final.steps: there is no 'final'"):
        load_recipe(file, {"stages.final.steps": 1})
    with pytest.raises(UsageError, match=r"unknown key 'optim.rate'"):
        load_recipe(file, {"optim.rate": 1})
    with pytest.raises(UsageError, match="'seed' holds no further keys"):
        load_recipe(file, {"seed.x": 1})


def test_stages_by_step(file: Path) -> None:
    recipe = load_recipe(file)
    assert recipe.steps == 9
    assert [recipe.stage_of(step) for step in (0, 2, 3, 8)] == [(0, 0), (0, 0), (1, 3), (1, 3)]


def test_lines_of_a_yaml_file_are_no_keys(file: Path) -> None:
    assert set(load_recipe(file).model) == set(yaml.safe_load(file.read_text())["model"])
