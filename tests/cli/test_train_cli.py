from pathlib import Path

import pytest
from typer.testing import CliRunner

from mmbench.cli import app
from tests.support import small_recipe

runner = CliRunner()


def test_recipes_are_listed() -> None:
    found = runner.invoke(app, ["list", "recipes"])
    assert found.exit_code == 0
    assert "tiny" in found.stdout
    assert "sst2" in found.stdout


def test_train_tells_where_the_model_is(tmp_path: Path) -> None:
    stage = {"name": "instruct", "steps": 2, "mix": [{"task": "sentiment"}]}
    recipe = small_recipe.write(tmp_path, stages=[stage], validation={"every": 1, "batches": 1})
    run = str(tmp_path / "run")
    found = runner.invoke(app, ["train", "--recipe", str(recipe), "--out", run, "--set", "seed=5"])
    assert found.exit_code == 0, found.output
    assert f"model: {tmp_path / 'run' / 'model'}" in found.stdout
    assert "step 2/2  instruct  loss " in found.stderr
    assert "tokens/s" in found.stderr
    assert "step 1: validation loss " in found.stderr
    assert "seed: 5" in (tmp_path / "run" / "recipe.yaml").read_text()


def test_ctrl_c_before_the_first_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient:
        def train(self, *_: object, **__: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr("mmbench.plugins.load", lambda *_: Impatient)
    found = runner.invoke(app, ["train", "--recipe", "tiny"])
    assert found.exit_code == 130
    assert found.stderr.strip() == "interrupted at once: only what was saved before is kept."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "tinny"], "unknown recipe 'tinny'. Did you mean 'tiny'?"),
        (["--recipe", "tiny", "--set", "optim.lrr=1"], "unknown key 'optim.lrr'. Did you mean 'lr'?"),
        (["--recipe", "tiny", "--set", "optim"], "write it as key=value"),
        (["--recipe", "tiny", "--trainer", "mine"], "unknown trainer 'mine'"),
        ([], "name a recipe: --recipe NAME"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], message: str) -> None:
    found = runner.invoke(app, ["train", *arguments])
    assert found.exit_code == 1
    assert message in str(found.exception)
    assert "\n" not in str(found.exception)
