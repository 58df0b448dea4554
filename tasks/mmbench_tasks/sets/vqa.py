"""Datasets of the task ``vqa``."""

from typing import Any

from mmbench.dataset import Dataset, Embedded
from mmbench_tasks.sets.vqa_choices import CHOICE_SETS
from mmbench_tasks.sets.vqa_closed import CLOSED_SETS
from mmbench_tasks.sets.vqa_open import OPEN_SETS

_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def _number_words(row: dict[str, Any]) -> dict[str, Any]:
    """A number is right in digits and in words."""
    answer = row["answers"][0]
    word = _NUMBERS[int(answer)] if answer.isdecimal() and int(answer) < len(_NUMBERS) else ""
    return row | {"answers": [answer, word]} if word and not row["choices"] else row


DATASETS: dict[str, Dataset] = {
    "scenes": Dataset(
        Embedded("mmbench_tasks.worlds.scenes:vqa_rows"),
        convert=_number_words,
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it.",
    ),
    **OPEN_SETS,
    **CLOSED_SETS,
    **CHOICE_SETS,
}
