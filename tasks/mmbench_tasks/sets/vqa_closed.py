"""Yes/no and true/false sets of the task ``vqa``, and sets with a small fixed set of answers."""

from typing import Any

from mmbench.dataset import Dataset, Hub
from mmbench_tasks.scoring import CLOSED, YES_OR_NO

STATEMENT = "{question}\nIs this statement about the picture true or false? Answer with one word.\nAnswer:"
YES_NO = "{question}\nAnswer with yes or no.\nAnswer:"
COCO_PHOTOS = "photographs: various CC licences, part non-commercial"

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


def _easy(row: dict[str, Any]) -> dict[str, Any]:
    kind = next(name for name, answers in _EASY_TYPES.items() if row["answers"] in answers)
    return row | {"choices": _EASY_ANSWERS, "type": kind}


CLOSED_SETS: dict[str, Dataset] = {
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
    "pope": Dataset(
        Hub("lmms-lab/POPE"),
        columns={"answers": "answer", "type": "category", "cluster": "image_source"},
        convert=_yes_no,
        defaults={"closed_prompt": YES_NO},
        metrics=YES_OR_NO,
        license=f"MIT; {COCO_PHOTOS}",
        citation="Li et al. 2023, Evaluating Object Hallucination in Large Vision-Language Models (EMNLP)",
        published="F1 85.9 over the three kinds of objects, LLaVA-1.5 7B (arXiv 2310.03744)",
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
