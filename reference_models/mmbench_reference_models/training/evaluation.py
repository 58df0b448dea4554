"""Scores of a trained model on the embedded tasks, plain rows and held-out compositions apart."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mmbench.schema import Sample, Text
from mmbench.task import Task
from mmbench_reference_models.training.checkpoint import told_errors
from mmbench_reference_models.training.recipe import Recipe
from mmbench_tasks.fields import Row
from mmbench_tasks.vqa import VQA

NAME = "evaluation.json"
PARTS = {"plain": "never", "held out": "only"}
"""What a card calls a part of the test split -> the worlds' option ``holdout``."""
_SHOWN = 3


@dataclass(frozen=True)
class Score:
    """One value on a part of a task's rows, with its 95 % interval (None where a metric has none)."""

    task: str
    part: str
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int


class Blind(VQA):
    """Visual questions whose picture is kept back: what can be guessed from the words alone."""

    def sample(self, row: Row) -> Sample:
        """Build the sample and take its picture away."""
        whole = super().sample(row)
        turns = [
            replace(turn, content=tuple(p for p in turn.content if isinstance(p, Text))) for turn in whole.messages
        ]
        return replace(whole, messages=tuple(turns))


def taught(recipe: Recipe) -> tuple[list[str], dict[str, Any]]:
    """Return the tasks that a recipe's last stage teaches, and the options that all sources of a task share.

    Options are keyed ``TASK.KEY``, as ``mmbench.evaluate`` and ``--set`` take them.
    """
    found: dict[str, dict[str, Any]] = {}
    for source in recipe.stages[-1].mix:
        shared = found.setdefault(source.task, dict(source.set))
        found[source.task] = {key: value for key, value in shared.items() if source.set.get(key) == value}
    options = {f"{task}.{key}": value for task, shared in found.items() for key, value in shared.items()}
    return list(found), options


def evaluate_model(model: Path, limits: Mapping[str, int], recipe: Recipe) -> list[Score]:
    """Run ``mmbench.evaluate`` on what a recipe teaches, so many rows of each part; return their first metrics."""
    tasks, options = taught(recipe)
    found = []
    for part, option in PARTS.items():
        how = {"limit": limits[part], "options": {**options, "holdout": option}}
        found += _scores(model, tasks, part, how)
        if "vqa" in tasks:
            found += [replace(score, task="vqa, no picture") for score in _scores(model, [Blind()], part, how)]
    return found


def evaluate_on_data(model: Path, tasks: Sequence[str]) -> list[Score]:
    """Run ``mmbench.evaluate`` on datasets that are not embedded, all rows; return their first metrics."""
    return _scores(model, tasks, "all", {})


def _scores(model: Path, tasks: Sequence[str | Task], part: str, how: Mapping[str, Any]) -> list[Score]:
    import mmbench

    found: list[Score] = []
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as place:
        run = mmbench.evaluate(str(model), list(tasks), out=place, cache="off", **how)
        for entry in run.entries:
            counts[entry.task] = counts.get(entry.task, 0) + (entry.slice == "")
            if entry.slice or entry.value is None or counts[entry.task] > _SHOWN:
                continue
            low, high = (entry.interval.low, entry.interval.high) if entry.interval else (None, None)
            found.append(Score(entry.task, part, entry.metric, entry.value, low, high, entry.n))
    return found


def write_scores(folder: Path, scores: Sequence[Score]) -> None:
    """Keep scores beside a model.

    Raises:
        StoreError: the folder cannot be written.
    """
    with told_errors(f"write {folder / NAME}"):
        text = json.dumps([asdict(score) for score in scores], indent=1)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read_scores(folder: Path) -> list[Score]:
    """Return the scores that are kept beside a model; none if there are none."""
    path = folder / NAME
    return [Score(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))] if path.is_file() else []
