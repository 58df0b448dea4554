"""Datasets of the task ``vqa``."""

from typing import Any

from mmbench.dataset import Dataset, Embedded, Hub
from mmbench_tasks.scoring import CLOSED, OPEN, TEN_PEOPLE, YES_OR_NO

STATEMENT = "{question}\nIs this statement about the picture true or false? Answer with one word.\nAnswer:"
YES_NO = "{question}\nAnswer with yes or no.\nAnswer:"
COCO_PHOTOS = "photographs: various CC licences, part non-commercial"

_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_EASY_TYPES = {
    "shape": ("circle", "rectangle", "triangle"),
    "yes/no": ("yes", "no"),
    "color": ("black", "blue", "brown", "gray", "green", "red", "teal", "yellow"),
}
_EASY_ANSWERS = [answer for answers in _EASY_TYPES.values() for answer in answers]


def _true_false(row: dict[str, Any]) -> dict[str, Any]:
    """Labels 0/1 or "false"/"true" become words."""
    answer = row["answers"]
    word = answer.lower() if isinstance(answer, str) else ("false", "true")[answer]
    return row | {"answers": word, "choices": ["true", "false"]}


def _yes_no(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"answers": row["answers"].lower(), "choices": ["yes", "no"]}


def _rad(row: dict[str, Any]) -> dict[str, Any]:
    """Yes/no questions are closed; the release spells the answers in several ways."""
    row["id"] = row.get("qid") or row["id"]
    row["type"] = row.get("question_type")
    answer = row["answers"].strip()
    if answer.lower() in ("yes", "no"):
        return row | {"answers": answer.lower(), "choices": ["yes", "no"]}
    return row | {"answers": answer}


def _easy(row: dict[str, Any]) -> dict[str, Any]:
    kind = next(name for name, answers in _EASY_TYPES.items() if row["answers"] in answers)
    return row | {"choices": _EASY_ANSWERS, "type": kind}


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
    "vqav2": Dataset(
        Hub(
            "lmms-lab/VQAv2",
            split="validation",
            revision="d138befad7ef091aa8af15243db2f1e2b2932349",
            copies=("HuggingFaceM4/VQAv2",),
        ),
        columns={
            "id": "question_id",
            "answers": "answers.answer",
            "type": "question_type",
            "cluster": "image_id",
        },
        metrics=TEN_PEOPLE,
        license=f"CC BY 4.0; {COCO_PHOTOS}",
        citation="Goyal et al. 2017, Making the V in VQA Matter (CVPR)",
        size=214354,
        notes="Ten answers a question. A mirror may hold rows of the train split only: --set split=train.",
    ),
    "nlvr": Dataset(
        Hub("lil-lab/nlvr"),
        columns={"id": "identifier", "question": "sentence", "answers": "label"},
        convert=_true_false,
        defaults={"closed_prompt": STATEMENT},
        metrics=CLOSED,
        shots=Hub("lil-lab/nlvr", split="validation"),
        license="CC BY 4.0",
        citation="Suhr et al. 2017, A Corpus of Natural Language for Visual Reasoning (ACL)",
        size=990,
        notes="Only from a mirror. Permutation 0 of the 6 box orders; published scores count all 6.",
    ),
    "vqa_rad": Dataset(
        Hub("flaviagiammarino/vqa-rad"),
        columns={"answers": "answer"},
        convert=_rad,
        metrics=OPEN,
        shots=Hub("flaviagiammarino/vqa-rad", split="train"),
        license="CC0 1.0",
        citation="Lau et al. 2018, A dataset of clinically generated visual questions (Scientific Data)",
        size=451,
        notes="Radiology. One reference a question. Not for clinical use.",
    ),
    "pope": Dataset(
        Hub("lmms-lab/POPE"),
        columns={"answers": "answer", "type": "category", "cluster": "image_source"},
        convert=_yes_no,
        defaults={"closed_prompt": YES_NO},
        metrics=YES_OR_NO,
        license=f"MIT; {COCO_PHOTOS}",
        citation="Li et al. 2023, Evaluating Object Hallucination in Large Vision-Language Models (EMNLP)",
        size=9000,
        notes="Is the object there? Random, popular and adversarial objects are slices.",
    ),
    "vsr": Dataset(
        Hub("cambridgeltl/vsr_random"),
        columns={"question": "caption", "answers": "label", "type": "relation"},
        convert=_true_false,
        defaults={"closed_prompt": STATEMENT},
        metrics=CLOSED,
        shots=Hub("cambridgeltl/vsr_random", split="train"),
        license=f"Apache-2.0; {COCO_PHOTOS}",
        citation="Liu et al. 2023, Visual Spatial Reasoning (TACL)",
        size=2195,
        notes="Only from a mirror: the Hub repository holds the names of the pictures, not the pictures.",
    ),
    "easy_vqa": Dataset(
        Hub("vzhou842/easy-vqa"),
        columns={"answers": "answer", "cluster": "image_id"},
        convert=_easy,
        metrics=CLOSED,
        license="MIT",
        citation="Zhou 2019, easy-VQA",
        size=9673,
        notes="Only from a mirror. 64 x 64 shapes, 13 possible answers.",
    ),
}
