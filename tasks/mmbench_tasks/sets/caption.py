"""Datasets of the task ``caption``."""

from mmbench.dataset import Dataset, Embedded, Hub
from mmbench.metrics.facts import FactF1, FactPrecision, FactRecall, HallucinationRate
from mmbench_tasks.scoring import CAPTION
from mmbench_tasks.sets.vqa import COCO_PHOTOS


def _stated(text: str) -> set[str]:
    from mmbench_tasks.worlds.scenes import extract_facts

    return set(extract_facts(text))


_READER = (_stated, "scenes")

DATASETS: dict[str, Dataset] = {
    "scenes": Dataset(
        Embedded("mmbench_tasks.worlds.scenes:caption_rows"),
        metrics=(
            FactF1(*_READER),
            FactPrecision(*_READER),
            FactRecall(*_READER),
            HallucinationRate(*_READER),
            *CAPTION,
        ),
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. Five references and the facts of each picture.",
    ),
    "coco2017": Dataset(
        Hub("lmms-lab/COCO-Caption2017", split="val"),
        columns={"references": "answer"},
        license=f"CC BY 4.0; {COCO_PHOTOS}",
        citation="Chen et al. 2015, Microsoft COCO Captions (arXiv 1504.00325)",
        size=5000,
        notes="About five references a picture. Most papers report the Karpathy split of COCO 2014 instead.",
    ),
}
