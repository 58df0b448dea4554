"""The log of a run: ``log.csv``, and TensorBoard's format where it is installed."""

import csv
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmbench_reference_models.training.checkpoint import told_errors

NAME = "log.csv"
COLUMNS = ("step", "stage", "loss", "lr", "gradient", "tokens", "seconds", "validation_loss", "scores")


class Log:
    """Appends a line a step; lines after ``step`` (of a run that was cut off) are dropped."""

    def __init__(self, run: Path, step: int) -> None:
        """Open the log of a run that goes on after ``step``."""
        self._path = run / NAME
        with told_errors(f"write {self._path}"):
            kept = [row for row in read(run) if int(row["step"]) <= step]
            with self._path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, COLUMNS)
                writer.writeheader()
                writer.writerows(kept)
            self._file = self._path.open("a", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._file, COLUMNS)
        self._board = _board(run)

    def write(self, **values: Any) -> None:
        """Append a line; ``scores`` is a mapping."""
        scores: Mapping[str, float] = values.get("scores") or {}
        shown = {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in values.items()}
        shown["scores"] = " ".join(f"{key}={value:.4g}" for key, value in scores.items())
        with told_errors(f"write {self._path}"):
            self._writer.writerow(shown)
            self._file.flush()
        if self._board is not None:
            numbers = {key: value for key, value in values.items() if isinstance(value, int | float)}
            for key, value in {**numbers, **scores}.items():
                self._board.add_scalar(key, value, values["step"])

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        if self._board is not None:
            self._board.close()


def read(run: Path) -> list[dict[str, str]]:
    """Return the lines of a run's log; none if there is no log yet."""
    path = run / NAME
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["step"]]


def _board(run: Path) -> Any:
    if importlib.util.find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(run / "tensorboard"))
