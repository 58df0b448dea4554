"""Scores of a trained model on the embedded tasks, plain rows and held-out compositions apart."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mmbench_reference_models.training.checkpoint import told_errors

NAME = "evaluation.json"
PARTS = {"plain": "never", "held out": "only"}
"""What a card calls a part of the test split -> the worlds' option ``holdout``."""
TASKS = ("sentiment", "qa", "vqa", "caption", "translation", "summarization", "speech", "lm")
_SHOWN = 3


@dataclass(frozen=True)
class Score:
    """One value with its 95 % interval (None where a metric has none); ``percent``: both are shares of one."""

    task: str
    part: str
    metric: str
    value: float
    low: float | None
    high: float | None
    n: int


def evaluate_model(model: Path, limits: dict[str, int], tasks: Sequence[str] = TASKS) -> list[Score]:
    """Run ``mmbench.evaluate`` on each task and part, so many rows of each part; return its first metrics."""
    import mmbench

    found: list[Score] = []
    with tempfile.TemporaryDirectory() as place:
        for part, option in PARTS.items():
            run = mmbench.evaluate(
                str(model), list(tasks), limit=limits[part], out=place, cache="off", options={"holdout": option}
            )
            counts: dict[str, int] = {}
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
