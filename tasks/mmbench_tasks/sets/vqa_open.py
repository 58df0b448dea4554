"""Open questions of the task ``vqa``."""

from typing import Any

from mmbench.dataset import Dataset, Hub, Join
from mmbench_tasks.scoring import CHARTS, DOCUMENTS, OPEN, TEN_PEOPLE
from mmbench_tasks.sets.vqa_closed import COCO_PHOTOS

_LLAVA = "LLaVA-1.5 7B (arXiv 2310.03744)"
_PIX2STRUCT = "Pix2Struct large (arXiv 2210.03347)"
_GQA = "lmms-lab/GQA"
_GQA_REVISION = "78e9ec37481de666feb0180c7b5a773741cb47ca"


def _rad(row: dict[str, Any]) -> dict[str, Any]:
    """Yes/no questions are closed; the release spells the answers in several ways."""
    row["id"] = row.get("qid") or row["id"]
    row["type"] = row.get("question_type")
    answer = row["answers"].strip()
    if answer.lower() in ("yes", "no"):
        return row | {"answers": answer.lower(), "choices": ["yes", "no"]}
    return row | {"answers": answer}


def _gqa(row: dict[str, Any]) -> dict[str, Any]:
    kinds = row.get("types") or {}
    return row | {"type": kinds.get("structural"), "answer_type": kinds.get("semantic")}


OPEN_SETS: dict[str, Dataset] = {
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
        published=f"78.5, {_LLAVA}, test-dev",
        size=214354,
        notes="Ten answers a question. A mirror may hold rows of the train split only: --set split=train.",
    ),
    "gqa": Dataset(
        Hub(_GQA, "testdev_balanced_instructions", "testdev", _GQA_REVISION),
        join=Join(
            Hub(_GQA, "testdev_balanced_images", "testdev", _GQA_REVISION),
            key="imageId",
            other="id",
            columns={"image": "image"},
        ),
        columns={"answers": "answer", "cluster": "imageId"},
        convert=_gqa,
        metrics=OPEN,
        license="CC BY 4.0 (questions); photographs of Visual Genome",
        citation="Hudson and Manning 2019, GQA (CVPR)",
        published=f"exact match 62.0, {_LLAVA}",
        size=12578,
        notes="The balanced test-dev questions, which papers report.",
    ),
    "okvqa": Dataset(
        Hub("lmms-lab/OK-VQA", split="val2014", revision="c9f858961f4095a9aeef615057b0822cce967096"),
        columns={"id": "question_id", "type": "question_type"},
        metrics=TEN_PEOPLE,
        license=f"CC BY 4.0; {COCO_PHOTOS}",
        citation="Marino et al. 2019, OK-VQA (CVPR)",
        published="50.6, no examples, Flamingo 80B (arXiv 2204.14198)",
        size=5046,
        notes="Questions that need knowledge from outside the picture.",
    ),
    "textvqa": Dataset(
        Hub("lmms-lab/textvqa", split="validation"),
        columns={"id": "question_id", "cluster": "image_id"},
        metrics=TEN_PEOPLE,
        shots=Hub("lmms-lab/textvqa", split="train"),
        license="CC BY 4.0",
        citation="Singh et al. 2019, Towards VQA Models That Can Read (CVPR)",
        published=f"58.2, {_LLAVA}; its prompt adds OCR tokens, ours does not",
        size=5000,
    ),
    "vizwiz": Dataset(
        Hub("lmms-lab/VizWiz-VQA", split="val"),
        columns={"id": "question_id"},
        defaults={
            "prompt": "{question}\nIf the picture does not tell, answer unanswerable. "
            "Else answer with one word or a short phrase.\nAnswer:"
        },
        metrics=TEN_PEOPLE,
        license="CC BY 4.0",
        citation="Gurari et al. 2018, VizWiz Grand Challenge (CVPR)",
        published=f"50.0, {_LLAVA}, test-dev",
        size=4319,
        notes="Pictures by blind people; many questions have the answer 'unanswerable'.",
    ),
    "chartqa": Dataset(
        Hub("lmms-lab/ChartQA"),
        columns={"answers": "answer"},
        metrics=CHARTS,
        license="GPL-3.0 (upstream repository)",
        citation="Masry et al. 2022, ChartQA (Findings of ACL)",
        published=f"58.6, {_PIX2STRUCT}",
        size=2500,
        notes="Human and augmented questions are slices; the published score is the mean of all.",
    ),
    "docvqa": Dataset(
        Hub("lmms-lab/DocVQA", "DocVQA", "validation"),
        columns={"id": "questionId", "cluster": "docId"},
        metrics=DOCUMENTS,
        license="none stated; documents of the UCSF Industry Documents Library",
        citation="Mathew et al. 2021, DocVQA (WACV)",
        published=f"ANLS 76.6, test, {_PIX2STRUCT}",
        size=5349,
        notes="Papers report the test server; these are the validation questions.",
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
}
