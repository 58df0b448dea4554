from pathlib import Path

import pytest

from mmbench.training import Outcome
from mmbench_reference_models import WEIGHTS, load
from mmbench_reference_models.training import Trainer
from mmbench_reference_models.training.card import ship, write_card
from mmbench_reference_models.training.evaluation import read_scores
from tests.support import small_recipe


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("card")
    recipe = small_recipe.write(folder, validation={"every": 4, "batches": 1})
    return Trainer().train(str(recipe), changes={}, out=folder / "run", resume=None)


def test_a_shipped_model_has_weights_scores_and_a_card(run: Outcome, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    ship(run.folder, folder, limits={"plain": 3, "held out": 2})
    scores = read_scores(folder)
    assert {score.part for score in scores} == {"plain", "held out"}
    assert {score.task for score in scores} >= {"sentiment", "vqa", "vqa, no picture", "speech", "lm"}
    assert {score.n for score in scores if score.part == "plain" and score.task == "sentiment"} == {3}
    text = (folder / "README.md").read_text()
    assert (folder / "model.safetensors").is_file()
    for expected in ("reference:mine", "| seed | 3 |", "| steps | 9 (done) |", "| sentiment | accuracy | plain |"):
        assert expected in text
    assert (
        "mmbench_tasks.worlds.reviews:sentiment_rows` version" not in text
    )  # the version is inside the code mark
    assert "mmbench_tasks.worlds.reviews:sentiment_rows version" in text
    (folder / "README.md").unlink()
    write_card(folder)
    assert (folder / "README.md").read_text() == text


def test_a_span_models_card_has_what_it_was_taught(tmp_path: Path) -> None:
    mix = [{"task": "qa"}, {"task": "vqa", "set": {"form": "choice"}}]
    model = {**small_recipe.content()["model"], "backbone": "span", "max_position_embeddings": 512}
    recipe = small_recipe.write(tmp_path, model=model, stages=[{"name": "mark", "steps": 2, "mix": mix}])
    run = Trainer().train(str(recipe), changes={}, out=tmp_path / "run", resume=None)
    ship(run.folder, tmp_path / "mine", limits={"plain": 3, "held out": 2})
    assert {score.task for score in read_scores(tmp_path / "mine")} == {"qa", "vqa", "vqa, no picture"}
    text = (tmp_path / "mine" / "README.md").read_text()
    assert "transformers.AutoModelForQuestionAnswering" in text
    assert "--tasks qa,vqa --set vqa.form=choice" in text


def test_shipped_cards_are_what_their_records_say(tmp_path: Path) -> None:
    cards = list(WEIGHTS.glob("*/run.json"))
    assert cards
    for record in cards:
        folder = tmp_path / record.parent.name
        folder.mkdir()
        for name in ("run.json", "log.csv", "recipe.yaml", "evaluation.json", "config.json"):
            (folder / name).write_bytes((record.parent / name).read_bytes())
        write_card(folder)
        assert (folder / "README.md").read_text() == (record.parent / "README.md").read_text()


def test_the_best_one_loads() -> None:
    model = load("")
    assert model.name
    assert {"image", "audio", "text"} <= set(model.capabilities.modalities)
