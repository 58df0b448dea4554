"""Datasets of the task ``summarization``."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from mmbench.dataset import Dataset, Embedded, Hub


def _one_dialogue(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Join the rows of one dialogue, which differ in their summary, into one with several references."""
    for _, group in groupby(rows, key=lambda row: row["dialogue"]):
        together = list(group)
        name = together[0]["id"]
        yield {
            "id": name.removesuffix("_1") if len(together) > 1 else name,
            "dialogue": together[0]["dialogue"],
            "references": [row["summary"] for row in together],
        }


def _abstract(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"document": " ".join(row["document"])}


DATASETS: dict[str, Dataset] = {
    "stories": Dataset(
        Embedded("mmbench_tasks.worlds.stories:summarization_rows"),
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it.",
    ),
    "dialogsum": Dataset(
        Hub("knkarthick/dialogsum"),
        columns={"document": "dialogue"},
        gather=_one_dialogue,
        shots=Hub("knkarthick/dialogsum", split="validation"),
        license="CC BY-NC-SA 4.0 (non-commercial)",
        citation="Chen et al. 2021, DialogSum (Findings of ACL)",
        size=500,
        notes="Three references a dialogue, the best of which counts.",
    ),
    "scitldr": Dataset(
        Hub("allenai/scitldr", "Abstract"),
        columns={"id": "paper_id", "document": "source", "references": "target"},
        convert=_abstract,
        defaults={"length": "one sentence"},
        shots=Hub("allenai/scitldr", "Abstract", "validation"),
        license="Apache-2.0",
        citation="Cachola et al. 2020, TLDR: Extreme Summarization of Scientific Documents (Findings of EMNLP)",
        size=618,
        notes="From the abstract alone; one or more references a paper.",
    ),
    "cnn_dailymail": Dataset(
        Hub("abisee/cnn_dailymail", "3.0.0"),
        columns={"document": "article", "references": "highlights"},
        defaults={"length": "three or four sentences, one a line", "max_tokens": 160},
        shots=Hub("abisee/cnn_dailymail", "3.0.0", "validation"),
        license="none stated; news texts of CNN and the Daily Mail",
        citation="See et al. 2017, Get To The Point (ACL); Hermann et al. 2015",
        published="ROUGE-1/2/L 44.16/21.28/40.90, BART (arXiv 1910.13461)",
        size=11490,
        notes="Highlights are one a line: ROUGE-Lsum is the score that papers report.",
    ),
    "xsum": Dataset(
        Hub("EdinburghNLP/xsum"),
        columns={"references": "summary"},
        defaults={"length": "one sentence"},
        shots=Hub("EdinburghNLP/xsum", split="validation"),
        license="none stated; news texts of the BBC",
        citation="Narayan et al. 2018, Don't Give Me the Details, Just the Summary! (EMNLP)",
        published="ROUGE-1/2/L 45.14/22.27/37.25, BART (arXiv 1910.13461)",
        size=11334,
    ),
    "samsum": Dataset(
        Hub("knkarthick/samsum"),
        columns={"document": "dialogue", "references": "summary"},
        shots=Hub("knkarthick/samsum", split="validation"),
        license="CC BY-NC-ND 4.0 (non-commercial)",
        citation="Gliwa et al. 2019, SAMSum Corpus (NewSum workshop)",
        size=819,
    ),
}
