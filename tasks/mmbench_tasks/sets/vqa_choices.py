"""Multiple-choice sets of the task ``vqa``: lettered options; ``--set circular=true`` asks every rotation."""

import ast
from typing import Any

from mmbench.dataset import Dataset, Hub
from mmbench.errors import DataError
from mmbench_tasks.options import letters
from mmbench_tasks.scoring import LETTERED, OPTION_OR_WORDS

_LETTERS = {"style": "letters"}
_LLAVA = "LLaVA-1.5 7B (arXiv 2310.03744)"
_NOTHING = (None, "", "nan")


def _numbered(row: dict[str, Any]) -> dict[str, Any]:
    """The answer is the number of an option, from 0; a hint goes before the question."""
    hint = f"{row['hint']}\n" if row.get("hint") else ""
    number = int(row["answers"])
    return row | {"question": hint + row["question"], "answers": row["choices"][number]}


def _mmbench(row: dict[str, Any]) -> dict[str, Any]:
    """Options stand in columns A, B, ...; what is missing is the word "nan"."""
    named = {letter: row[letter] for letter in "ABCDE" if row.get(letter) not in _NOTHING}
    if row["answer"] not in named:
        raise DataError(f"answer '{row['answer']}' is none of the options; the answers of this split are hidden")
    hint = "" if row.get("hint") in _NOTHING else f"{row['hint']}\n"
    return {
        "id": row["id"],
        "image": row["image"],
        "question": hint + row["question"],
        "choices": list(named.values()),
        "answers": named[row["answer"]],
        "type": row.get("category"),
        "answer_type": row.get("L2-category"),
    }


def _mmmu(row: dict[str, Any]) -> dict[str, Any]:
    """Up to seven pictures; options and some answers are lists written as Python would."""
    choices = ast.literal_eval(row["options"])
    answer = row["answer"]
    if choices:
        answer = choices[letters(choices).index(answer)]
    elif answer.startswith("["):
        answer = ast.literal_eval(answer)
    return {
        "id": row["id"],
        "images": [row[f"image_{number}"] for number in range(1, 8) if row.get(f"image_{number}")],
        "question": row["question"],
        "choices": choices,
        "answers": answer,
        "type": "_".join(row["id"].split("_")[1:-1]),
        "answer_type": row.get("topic_difficulty"),
    }


def _mathvista(row: dict[str, Any]) -> dict[str, Any]:
    """The unit belongs to the question: it decides how the number is written."""
    unit = f" (in {row['unit']})" if row.get("unit") else ""
    changes = {"question": row["question"] + unit, "choices": row.get("choices") or []}
    return row | changes | {"type": row.get("question_type")}


CHOICE_SETS: dict[str, Dataset] = {
    "scienceqa": Dataset(
        Hub("lmms-lab/ScienceQA", "ScienceQA-IMG"),
        columns={"answers": "answer", "type": "subject"},
        convert=_numbered,
        defaults=_LETTERS,
        metrics=LETTERED,
        shots=Hub("lmms-lab/ScienceQA", "ScienceQA-IMG", "train"),
        license="CC BY-NC-SA 4.0 (non-commercial)",
        citation="Lu et al. 2022, Learn to Explain (NeurIPS)",
        published=f"66.8, {_LLAVA}",
        size=2017,
        notes="Questions with a picture; the hint is shown, the lecture is not.",
    ),
    "ai2d": Dataset(
        Hub("lmms-lab/ai2d"),
        columns={"answers": "answer", "choices": "options"},
        convert=_numbered,
        defaults=_LETTERS,
        metrics=LETTERED,
        license="CC BY-SA 4.0",
        citation="Kembhavi et al. 2016, A Diagram is Worth a Dozen Images (ECCV)",
        published="42.1, Pix2Struct large (arXiv 2210.03347)",
        size=3088,
    ),
    "mmmu": Dataset(
        Hub("lmms-lab/MMMU", split="validation"),
        convert=_mmmu,
        defaults=_LETTERS,
        metrics=OPTION_OR_WORDS,
        shots=Hub("lmms-lab/MMMU", split="dev"),
        license="Apache-2.0",
        citation="Yue et al. 2024, MMMU (CVPR)",
        published="56.8, GPT-4V (the paper)",
        size=900,
        notes="Up to seven pictures, before the question, which names them <image 1> and so on. Some are open.",
    ),
    "mmbench": Dataset(
        Hub("lmms-lab/MMBench", "en", "dev"),
        columns={"id": "index"},
        convert=_mmbench,
        defaults={"style": "letters", "circular": True},
        metrics=LETTERED,
        license="Apache-2.0",
        citation="Liu et al. 2023, MMBench (arXiv 2307.06281)",
        published=f"64.3, circular, {_LLAVA}",
        size=4329,
        notes="Right only if right under every rotation of the options. Published scores had GPT-4 read answers.",
    ),
    "mathvista": Dataset(
        Hub("AI4Math/MathVista", split="testmini"),
        columns={"id": "pid", "image": "decoded_image", "answers": "answer"},
        convert=_mathvista,
        defaults=_LETTERS,
        metrics=OPTION_OR_WORDS,
        license="CC BY-SA 4.0",
        citation="Lu et al. 2024, MathVista (ICLR)",
        published="49.9, GPT-4V (the paper)",
        size=1000,
        notes="Lettered and open questions. The published scores had GPT-4 read answers; here fixed rules do.",
    ),
}
