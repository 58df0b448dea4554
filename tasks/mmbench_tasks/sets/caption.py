"""Datasets of the task ``caption``."""

from typing import Any

from mmbench.dataset import Dataset, Embedded, Hub
from mmbench.metrics.facts import FactF1, FactPrecision, FactRecall, HallucinationRate
from mmbench_tasks.scoring import CAPTION
from mmbench_tasks.sets.vqa_closed import COCO_PHOTOS


def _stated(text: str) -> set[str]:
    from mmbench_tasks.worlds.scenes import extract_facts

    return set(extract_facts(text))


def _five_captions(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"references": [row[f"caption_{number}"] for number in range(5)]}


_BLIP2 = "BLIP-2 ViT-g OPT-2.7B, fine-tuned (arXiv 2301.12597)"
_READER = (_stated, "scenes")
_FACTS = (FactF1(*_READER), FactPrecision(*_READER), FactRecall(*_READER), HallucinationRate(*_READER))

DATASETS: dict[str, Dataset] = {
    "scenes": Dataset(
        Embedded("mmbench_tasks.worlds.scenes:caption_rows"),
        metrics=(*_FACTS, *CAPTION),
        defaults={"max_tokens": 128},  # the longest reference has 64 words
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. Five references and the facts of each picture.",
    ),
    "inventory": Dataset(
        Embedded("mmbench_tasks.worlds.scenes:inventory_rows"),
        metrics=_FACTS,
        defaults={
            "prompt": "List all that is in this picture, from left to right, then what hangs on the wall.\nList:",
            "max_tokens": 192,  # the longest list has about 80 words
        },
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. Fuller pictures than scenes has, all told.",
    ),
    "coco2014": Dataset(
        Hub("lmms-lab/COCO-Caption", split="val"),
        columns={"references": "answer"},
        license=f"CC BY 4.0; {COCO_PHOTOS}",
        citation="Chen et al. 2015, Microsoft COCO Captions (arXiv 1504.00325)",
        published=f"CIDEr 145.8, Karpathy test, {_BLIP2}",
        size=40504,
        notes="The whole validation part. Most papers report the 5,000 pictures of the Karpathy test split of it.",
    ),
    "coco2017": Dataset(
        Hub("lmms-lab/COCO-Caption2017", split="val"),
        columns={"references": "answer"},
        license=f"CC BY 4.0; {COCO_PHOTOS}",
        citation="Chen et al. 2015, Microsoft COCO Captions (arXiv 1504.00325)",
        size=5000,
        notes="About five references a picture. Most papers report the Karpathy split of COCO 2014 instead.",
    ),
    "nocaps": Dataset(
        Hub("lmms-lab/NoCaps", split="validation"),
        columns={"id": "image_id", "references": "annotations_captions"},
        license="CC BY 2.0 (captions); photographs of Open Images, CC BY 2.0",
        citation="Agrawal et al. 2019, nocaps (ICCV)",
        published="CIDEr 121.6, BLIP-2 ViT-g FlanT5-XL (arXiv 2301.12597)",
        size=4500,
        notes="Ten references a picture; objects that COCO captions do not name.",
    ),
    "flickr30k": Dataset(
        Hub("lmms-lab/flickr30k"),
        columns={"id": "img_id", "references": "caption"},
        license="photographs: terms of Flickr, research only (non-commercial)",
        citation="Young et al. 2014, From image descriptions to visual denotations (TACL)",
        published="CIDEr 67.2, no examples, Karpathy test, Flamingo 80B (arXiv 2204.14198)",
        size=31783,
        notes="All pictures of the set in one split; papers report 1,000 of them (Karpathy test).",
    ),
    "flickr8k": Dataset(
        Hub("jxie/flickr8k"),
        convert=_five_captions,
        license="photographs: terms of Flickr, research only (non-commercial)",
        citation="Hodosh et al. 2013, Framing Image Description as a Ranking Task (JAIR)",
        size=1000,
        notes="Five references a picture.",
    ),
}
