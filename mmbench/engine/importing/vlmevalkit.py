"""VLMEvalKit: a table a model and dataset, ``MODEL/MODEL_DATASET….xlsx`` (or tsv, csv, json), a row a question."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmbench.engine.importing.found import ForeignRun, ForeignSample, ForeignTask, decoded, text_of
from mmbench.errors import DataError, UsageError

TABLES = (".xlsx", ".tsv", ".csv", ".json")
_SCORES = ("hit", "score", "acc", "correct", "match")
_SLICES = ("category", "l2-category", "split", "type")
_END = re.compile(r"(?:_(?:openai|exact_matching|chatgpt[^_]*|gpt-[^_]*))?(?:_(?:result|score|judge))?$")


def read(path: Path, model: str, task: str) -> ForeignRun:
    """Read a table with a score a row.

    Raises:
        DataError: it cannot be read, or has no score a row.
        UsageError: model and dataset cannot be told from the file's name.
    """
    rows = _rows(path)
    columns = set().union(*rows) if rows else set()
    score = next((name for name in _SCORES if name in columns and _all_numbers(rows, name)), None)
    if not {"index", "prediction"} <= columns:
        raise DataError(f"{path.name} has no columns 'index' and 'prediction': it is no table of VLMEvalKit.")
    if score is None:
        raise DataError(
            f"{path.name} has no score a row ({', '.join(_SCORES)}). Import the table that VLMEvalKit wrote after "
            "judging, which ends in _result."
        )
    named = _named(path, model, task)
    found = ForeignTask(named[1], "", [_sample(row, score) for row in rows])
    return ForeignRun("vlmevalkit", named[0], [found])


def _named(path: Path, model: str, task: str) -> tuple[str, str]:
    """Tell model and dataset from options, or from the file's name, which begins with that of its folder."""
    stem = _END.sub("", path.stem)
    for folder in (model, path.parent.name, path.parent.parent.name):
        if folder and stem.startswith(f"{folder}_"):
            return model or folder, task or stem.removeprefix(f"{folder}_")
    if model and task:
        return model, task
    raise UsageError(f"cannot tell model and dataset from {path.name}; say them with --model and --task.")


def _rows(path: Path) -> list[dict[str, Any]]:
    import pandas as pd

    try:
        if path.suffix == ".json":
            content = decoded(path.read_bytes(), path.name)
            rows = (
                content
                if isinstance(content, list)
                else content.get("data")
                if isinstance(content, dict)
                else None
            )
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise DataError(f"{path.name} is no list of rows.")
            return rows
        frame = pd.read_excel(path) if path.suffix == ".xlsx" else pd.read_csv(path, sep=_separator(path))
    except ImportError as error:
        raise UsageError("reading .xlsx needs openpyxl: pip install 'mmbench[excel]'.") from error
    except (OSError, ValueError, KeyError) as error:  # damaged files raise all of these
        raise DataError(f"cannot read {path.name}: {str(error).splitlines()[0]}") from error
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _separator(path: Path) -> str:
    return "\t" if path.suffix == ".tsv" else ","


def _all_numbers(rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    return all(isinstance(row.get(name), int | float) and math.isfinite(row[name]) for row in rows)


def _text(value: Any) -> str:
    """Return a cell's text; an empty cell is NaN."""
    return "" if isinstance(value, float) and math.isnan(value) else text_of(value)


def _sample(row: Mapping[str, Any], score: str) -> ForeignSample:
    options = [f"{letter}. {_text(row[letter])}" for letter in "ABCDEFGH" if _text(row.get(letter, ""))]
    return ForeignSample(
        id=_text(row["index"]),
        prompt="\n".join([_text(row.get("question")), *options]),
        target=_text(row.get("answer")),
        prediction=_text(row["prediction"]),
        scores={score: float(row[score])},
        slices={name: text for name in _SLICES if (text := _text(row.get(name)))},
    )
