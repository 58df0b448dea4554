"""Oracle, random and majority reach what the worlds and their cards state."""

import json
import re
from pathlib import Path

import pytest

import mmbench
from mmbench import plugins
from mmbench.dataset import Embedded
from mmbench_tasks.worlds.baselines import ROWS, SCALES

CARDS = Path(__file__).parents[3] / "docs/worlds"
FEW = 20
CARD_OF = {
    "caption:scenes": "scenes",
    "caption:inventory": "scenes",
    "vqa:scenes": "scenes",
    "qa:stories": "stories",
    "summarization:stories": "stories",
    "sentiment:reviews": "reviews",
    "speech:sounds": "sounds",
    "translation:phrases": "phrases",
    "translation:pictured": "phrases",
}


def scores(model, tasks, limit, out):
    """Return the results of a run: "task:dataset", metric -> result."""
    run = mmbench.evaluate(model, ",".join(tasks), limit=limit, out=out, cache="off", probe=False)
    results = json.loads((run.path / "results.json").read_text())["results"]
    return {(f"{one['task']}:{one['dataset']}", one["metric"]): one for one in results if not one["slice"]}


def test_every_embedded_dataset_has_a_scale():
    found = set()
    for name in plugins.names("tasks"):
        for key, dataset in plugins.load("tasks", name)().datasets.items():
            if isinstance(dataset.source, Embedded):
                found.add(f"{name}:{key}")
    assert set(SCALES) == set(CARD_OF) == found - {"lm:sentences"}


@pytest.mark.parametrize("task", SCALES)
def test_the_oracle_is_at_the_ceiling(task, tmp_path):
    scale = SCALES[task]
    best = scores("oracle", [task], FEW, tmp_path)[task, scale.metric]
    assert best["value"] == pytest.approx(scale.ceiling, abs=1e-9)


@pytest.mark.parametrize("model", ["random", "majority"])
def test_chance_on_few_rows(model, tmp_path):
    """Open answers are drawn from the rows under test, so few rows make more of them right; labels are three."""
    found = scores(model, ["sentiment:reviews"], 300, tmp_path)["sentiment:reviews", "accuracy"]
    assert found["interval"]["low"] <= 1 / 3 <= found["interval"]["high"]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["oracle", "random", "majority"])
def test_a_thousand_rows_give_the_figures_that_are_stated(model, tmp_path):
    found = scores(model, list(SCALES), ROWS, tmp_path)
    for task, scale in SCALES.items():
        stated = {"oracle": scale.ceiling, "random": scale.random, "majority": scale.majority}[model]
        result = found[task, scale.metric]
        digits = 1 if result["range"] == [0.0, 100.0] else 3
        assert round(result["value"], digits) == stated, task
        interval = result["interval"]  # none where all rows are scored alike
        assert interval is None or interval["low"] <= stated <= interval["high"], task


@pytest.mark.parametrize("task", SCALES)
def test_the_card_shows_what_the_code_states(task):
    card = (CARDS / f"{CARD_OF[task]}.md").read_text()
    (line,) = re.findall(rf"^\| `{task}` \|.*$", card, re.MULTILINE)
    metric, *shown = (cell.strip() for cell in line.split("|")[2:-1])
    assert (metric, [float(cell) for cell in shown]) == (SCALES[task].metric, list(SCALES[task][1:]))
