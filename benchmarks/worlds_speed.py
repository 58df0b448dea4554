"""How fast the embedded worlds make rows: one core, processor seconds.

Rows of training (plain ones) and of test, a fifth of which have what training never shows; the best of five
stretches, because others at work slow caches down even by this clock. Aim: 200 scenes and 5,000 texts a second.

    python benchmarks/worlds_speed.py
"""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from mmbench_tasks.worlds.lm import lm_rows
from mmbench_tasks.worlds.phrases import translation_rows
from mmbench_tasks.worlds.reviews import sentiment_rows
from mmbench_tasks.worlds.scenes import caption_rows, vqa_rows
from mmbench_tasks.worlds.sounds import speech_rows
from mmbench_tasks.worlds.stories import qa_rows, summarization_rows

WORLDS: list[tuple[str, str, Callable[..., Iterator[dict[str, Any]]], dict[str, Any], int]] = [
    ("scenes, questions (four a picture)", "rows", vqa_rows, {}, 200),
    ("scenes, captions", "pictures", caption_rows, {}, 60),
    ("sounds", "recordings", speech_rows, {}, 60),
    *(
        (f"phrases, {src} to {tgt}", "texts", translation_rows, {"src": src, "tgt": tgt}, 800)
        for src, tgt in (("en", "de"), ("de", "en"), ("en", "fr"), ("fr", "en"), ("en", "zh"), ("zh", "en"))
    ),
    ("phrases, with pictures", "pictures", translation_rows, {"pictures": "only"}, 100),
    ("stories, summarization", "texts", summarization_rows, {}, 800),
    ("stories, questions (five a text)", "rows", qa_rows, {}, 1500),
    ("reviews", "texts", sentiment_rows, {}, 800),
    ("lm", "texts", lm_rows, {}, 800),
]
WARM_UP = 500
"""Rows before the first is timed, for words and pictures that are read once; a tenth of it with pictures."""


def rate(rows: Iterator[dict[str, Any]], count: int) -> float:
    """Return rows a processor second."""
    for _ in islice(rows, WARM_UP if count >= 800 else WARM_UP // 10):
        pass
    rates = []
    for _ in range(5):
        start = time.process_time()
        for _ in islice(rows, count):
            pass
        rates.append(count / (time.process_time() - start))
    return max(rates)


def main() -> list[str]:
    """Return the table."""
    lines = ["| world | what | a second, training | a second, test |", "|---|---|---:|---:|"]
    for name, unit, rows, options, count in WORLDS:
        train, test = (rate(rows(split, **options), count) for split in ("train", "test"))
        lines.append(f"| {name} | {unit} | {train:,.0f} | {test:,.0f} |")
    return lines


if __name__ == "__main__":
    print("\n".join(main()))
