"""Checkpoints that a package ships are listed with their size, without importing the package."""

from importlib.metadata import EntryPoint

import numpy as np
from safetensors.numpy import save_file

from mmbench import plugins
from mmbench.cli.list import _models, _recipes
from mmbench.cli.shipped import shipped, shipped_recipes
from mmbench.training import RecipeInfo
from mmbench_reference_models.training import Trainer


def test_what_a_package_ships(tmp_path, monkeypatch):
    package = tmp_path / "zoo_of_models"
    for name in ("small", "large"):
        folder = package / "weights" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        save_file({"a": np.zeros((3, 4)), "b": np.zeros(5)}, folder / "model.safetensors", {"format": "pt"})
    save_file({"c": np.zeros(100)}, package / "weights" / "large" / "more.safetensors")
    (package / "weights" / "unfinished").mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    found = list(shipped(EntryPoint("zoo", "zoo_of_models:load", "mmbench.models")))
    assert [(one.name, one.parameters) for one in found] == [("large", 117), ("small", 17)]
    assert found[1].size == (package / "weights" / "small" / "model.safetensors").stat().st_size


def test_a_loader_that_ships_nothing():
    for value in ("mmbench.backends.hf:load", "no_such_package:load"):
        assert list(shipped(EntryPoint("x", value, "mmbench.models"))) == []


def test_recipes_of_a_package(tmp_path, monkeypatch):
    folder = tmp_path / "school_of_models" / "recipes"
    folder.mkdir(parents=True)
    (folder / "long.yaml").write_text("name: long\nabout: An hour.\nsteps: 9\n")
    (folder / "grid.yaml").write_text("grid: {base: long}\n")
    (folder / "list.yaml").write_text("- name\n- about\n")
    (folder.parent / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("school", "school_of_models.training:Trainer", "mmbench.trainers")
    assert shipped_recipes(point) == [RecipeInfo("long", "An hour.")]
    monkeypatch.setattr(plugins, "names", lambda _: {"school": point})
    assert _recipes()[1:] == [["long", "school", "An hour."]]


def test_a_trainer_that_keeps_its_recipes_elsewhere_is_asked(monkeypatch):
    class Elsewhere:
        def recipes(self):
            return [RecipeInfo("made-up", "On the fly.")]

    point = EntryPoint("other", "mmbench.errors:none", "mmbench.trainers")
    monkeypatch.setattr(plugins, "names", lambda _: {"other": point})
    monkeypatch.setattr(plugins, "load", lambda *_: Elsewhere)
    assert _recipes()[1:] == [["made-up", "other", "On the fly."]]


def test_the_reference_recipes_are_those_that_its_trainer_tells():
    (point,) = plugins.names("trainers").values()
    assert shipped_recipes(point) == Trainer().recipes()
    assert {"tiny", "sst2"} <= {recipe.name for recipe in shipped_recipes(point)}


def test_reference_models_are_listed():
    rows = {row[0]: row for row in _models()}
    assert rows.keys() >= set(plugins.names("models"))
    shown = [name for name in rows if name.startswith("reference:")]
    assert shown
    assert all("parameters" in rows[name][-1] for name in shown)
