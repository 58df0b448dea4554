import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file

from mmbench.errors import MMBenchError, StoreError, UsageError
from mmbench.training import Outcome
from mmbench_reference_models.training import RECIPE, Trainer
from mmbench_reference_models.training.card import ship
from mmbench_reference_models.training.recipe import find_recipe, load_recipe
from tests.support import small_recipe

STAGES = [{"name": "on", "steps": 2, "mix": [{"task": "sentiment"}, {"task": "vqa"}]}]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("first")
    return Trainer().train(str(small_recipe.write(folder)), changes={}, out=folder / "run", resume=None)


def write(folder: Path, model: dict[str, Any], **changes: Any) -> Path:
    """Write a recipe that begins with weights."""
    content = small_recipe.content(model=model, stages=STAGES, **changes)
    content.pop("tokenizer")
    folder.mkdir(exist_ok=True)
    path = folder / "further.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def train(recipe: Path, out: Path, **changes: Any) -> Outcome:
    return Trainer().train(str(recipe), changes=changes, out=out, resume=None)


def weights(model: Path | None) -> dict[str, torch.Tensor]:
    assert model is not None
    return load_file(model / "model.safetensors")


@pytest.mark.parametrize("place", ["run", "run/model"])
def test_training_begins_with_the_weights_that_are_named(first: Outcome, tmp_path: Path, place: str) -> None:
    recipe = write(tmp_path, {"from": str(first.folder.parent / place), "dropout": 0.2})
    still = train(recipe, tmp_path / "still", **{"optim.lr": 0, "optim.decay": 0})
    before, after = weights(first.model), weights(still.model)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert still.model is not None
    assert first.model is not None
    assert (still.model / "tokenizer.json").read_bytes() == (first.model / "tokenizer.json").read_bytes()
    assert json.loads((still.model / "config.json").read_text())["dropout"] == 0.2

    learnt = weights(train(recipe, tmp_path / "learnt").model)
    assert not all(torch.equal(before[name], learnt[name]) for name in before)


def test_the_run_knows_its_weights(first: Outcome, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(first.folder, source)
    run = train(write(tmp_path, {"from": str(source)}), tmp_path / "run").folder
    digest = load_recipe(run / RECIPE).model["sha256"]
    assert len(digest) == 64
    ship(run, tmp_path / "further", limits={"plain": 2, "held out": 2})
    assert f"| began with | `{source}`, SHA-256 `{digest[:16]}` |" in (tmp_path / "further/README.md").read_text()

    assert Trainer().train("", changes={}, out=None, resume=run).step == 2
    shutil.copyfile(run / "model/model.safetensors", source / "model/model.safetensors")
    with pytest.raises(
        UsageError, match=r"line \d+: the weights in '.*' are not those that this recipe began with"
    ):
        load_recipe(run / RECIPE)


def test_shipped_weights_are_named_as_models_are(tmp_path: Path) -> None:
    assert load_recipe(write(tmp_path, {"from": "reference:tiny"})).model == {"from": "reference:tiny"}
    with pytest.raises(UsageError, match=r"line 4: unknown reference model 'tinny'. Did you mean 'tiny'"):
        load_recipe(write(tmp_path, {"from": "reference:tinny"}))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"from": "nowhere"}, r"line 4: there are no weights in 'nowhere'. Name reference:NAME, a training run"),
        ({"from": 3}, r"line 4: 'model.from' must be text, not 3"),
        ({"from": "reference:tiny", "hidden_size": 64}, r"line 5: 'model.hidden_size' cannot be chosen beside"),
        ({"from": "reference:tiny", "sha": "0"}, r"line 5: unknown key 'model.sha'. Did you mean 'sha256'"),
        ({"form": "reference:tiny"}, r"line 4: unknown key 'model.form'. Did you mean 'from'"),
        ({"from": "reference:tiny", "dropout": "much"}, r"line 5: 'model.dropout' must be a number"),
    ],
)
def test_a_beginning_that_cannot_be(tmp_path: Path, model: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_recipe(write(tmp_path, model))


def test_the_tokenizer_comes_with_the_weights(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'tokenizer' cannot be chosen beside 'model.from'"):
        load_recipe(write(tmp_path, {"from": "reference:tiny"}), {"tokenizer.kind": "unigram"})
    with pytest.raises(UsageError, match=r"line \d+: 'model.hidden_size' cannot be chosen beside"):
        load_recipe(find_recipe("tiny"), {"model.from": "reference:tiny"})


def test_what_a_backbone_cannot_learn_by_is_known_from_its_weights(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'stages.0.loss' is 'masked', for a model that reads both ways"):
        load_recipe(write(tmp_path, {"from": "reference:tiny"}), {"stages.on.loss": "masked"})


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        ('{"model_type": "llama"}', UsageError, "is a model of type 'llama'; only reference models"),
        ("{", StoreError, "cannot be read"),
    ],
)
def test_foreign_and_broken_weights(tmp_path: Path, config: str, kind: type[MMBenchError], message: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text(config)
    (other / "model.safetensors").write_bytes(b"")
    with pytest.raises(kind, match=message):
        load_recipe(write(tmp_path / "recipe", {"from": str(other)}))
