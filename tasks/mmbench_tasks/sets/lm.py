"""Datasets of the task ``lm``."""

import re
from collections.abc import Iterator
from typing import Any

from mmbench.dataset import Dataset, Embedded, Hub
from mmbench.metrics.classification import Accuracy
from mmbench.metrics.perplexity import NLL, BitsPerByte, ExcessBits, Perplexity

_HEADING = re.compile(r" = [^=].*[^=] = \n")


def articles(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Join WikiText's lines to articles; all articles in a row are the original file, byte for byte.

    An article starts at a heading of the first level between two blank lines, the blank line before it included.
    (Formulas may look like headings, but stand between other lines.) Blank lines, which the Hub stores as empty
    strings, get their space and newline back.
    """
    lines = [row["text"] or " \n" for row in rows]
    starts = [
        number - 1
        for number in range(1, len(lines) - 1)
        if _HEADING.fullmatch(lines[number]) and lines[number - 1] == lines[number + 1] == " \n"
    ]
    if not starts or starts[0] != 0:
        starts.insert(0, 0)
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True)):
        yield {"id": f"article-{number}", "text": "".join(lines[start:end])}


def _last_word(row: dict[str, Any]) -> dict[str, Any]:
    begun, _, word = row["text"].rstrip().rpartition(" ")
    return row | {"text": begun, "ending": word}


DATASETS: dict[str, Dataset] = {
    "sentences": Dataset(
        Embedded("mmbench_tasks.worlds.lm:lm_rows"),
        metrics=(ExcessBits(), Perplexity("word"), Perplexity("token"), Perplexity("byte"), BitsPerByte()),
        license="Apache-2.0",
        notes="Made from a seed: no model can have seen it. The true bits of every text are known.",
    ),
    "wikitext2": Dataset(
        Hub("Salesforce/wikitext", "wikitext-2-raw-v1"),
        gather=articles,
        license="CC BY-SA 3.0 and GFDL",
        citation="Merity et al. 2017, Pointer Sentinel Mixture Models (ICLR)",
        published="perplexity 29.41, GPT-2 117M (Radford et al. 2019)",
        size=60,
        notes="Scored article by article, so that no context crosses articles; words are counted on the raw text.",
    ),
    "tiny_shakespeare": Dataset(
        Hub("karpathy/tiny_shakespeare"),
        license="public domain",
        citation="Karpathy 2015, The Unreasonable Effectiveness of Recurrent Neural Networks",
        size=1,
        notes="The test part (the last 5 %) as one text, so there is no interval.",
    ),
    "wikitext103": Dataset(
        Hub("Salesforce/wikitext", "wikitext-103-raw-v1"),
        gather=articles,
        license="CC BY-SA 3.0 and GFDL",
        citation="Merity et al. 2017, Pointer Sentinel Mixture Models (ICLR)",
        published="perplexity 37.50, GPT-2 117M (Radford et al. 2019)",
        size=60,
        notes="The test articles are those of WikiText-2; only the training part is larger.",
    ),
    "lambada": Dataset(
        Hub("EleutherAI/lambada_openai", "en"),
        convert=_last_word,
        metrics=(Accuracy(), Perplexity("token"), NLL()),
        license="CC BY 4.0",
        citation="Paperno et al. 2016, The LAMBADA dataset (ACL); OpenAI's version of the text",
        published="accuracy 45.99, perplexity 35.13, GPT-2 117M (Radford et al. 2019)",
        size=5153,
        notes="The last word of a passage, asked for and scored; perplexity is over that word's tokens.",
    ),
}
