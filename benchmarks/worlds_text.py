"""The text worlds measured: splits, words alone on reviews, and small learners from level to level.

The learners are as simple as can be, so that what falls from level to level is the worth of shallow cues:

* phrases: the translation of the most similar training sentence (by its words), scored by chrF;
* stories, qa: for questions with an answer, the sentence most similar to the question, scored by whether it holds
  the answer;
* stories, summarization: the sentences whose words weigh most (by their number in the document and their rarity
  elsewhere), as long as the reference, scored by ROUGE-L;
* reviews: logistic regression on a bag of words;
* lm: an interpolated trigram model of words, scored by its excess bits a word over the true information content.

    python benchmarks/worlds_text.py [splits] [words] [levels] [--count 20000]
"""

import argparse
import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import text_learners as learners

from mmbench_tasks.worlds.lm import lm_rows
from mmbench_tasks.worlds.phrases import translation_rows
from mmbench_tasks.worlds.reviews import sentiment_rows
from mmbench_tasks.worlds.stories import qa_rows, summarization_rows

Rows = Callable[..., Iterator[dict[str, Any]]]
WORLDS: dict[str, tuple[Rows, str, dict[str, Any]]] = {
    "phrases en-de": (translation_rows, "source", {}),
    "phrases de-en": (translation_rows, "source", {"src": "de", "tgt": "en"}),
    "phrases en-fr": (translation_rows, "source", {"tgt": "fr"}),
    "phrases fr-en": (translation_rows, "source", {"src": "fr", "tgt": "en"}),
    "phrases en-zh": (translation_rows, "source", {"tgt": "zh"}),
    "phrases zh-en": (translation_rows, "source", {"src": "zh", "tgt": "en"}),
    "stories summarization": (summarization_rows, "document", {}),
    "stories qa": (qa_rows, "context", {}),
    "reviews": (sentiment_rows, "text", {}),
    "lm": (lm_rows, "text", {}),
}
OUT = Path(__file__).parents[1] / "docs/worlds"


def splits(count: int) -> None:
    """Print how many texts of ``count`` samples a split are in two splits."""
    for name, (rows, column, options) in WORLDS.items():
        found = [
            {hashlib.sha256(row[column].encode()).digest() for row in islice(rows(split, **options), count)}
            for split in ("train", "validation", "test")
        ]
        shared = sum(map(len, found)) - len(set.union(*found))
        distinct = ", ".join(f"{len(one):,}" for one in found)
        print(f"splits  {name}: {shared} shared; distinct texts {distinct} of {count:,}", flush=True)


def words(count: int) -> None:
    """Print what a bag of words, and of pairs of words, gets right on reviews."""
    train = list(islice(sentiment_rows("train"), count))
    test = list(islice(sentiment_rows("test", holdout="never"), count))
    for pairs in (False, True):
        right = learners.bag_of_words(train, test, pairs)
        print(f"words  {'words and pairs' if pairs else 'words'}: {100 * sum(right) / len(right):.1f} of 100")
        for column in ("type", "label"):
            print("      ", learners.by(column, right, test), flush=True)


def levels(count: int) -> None:
    """Print and draw the score of a small learner on each level."""
    for name, measure in learners.LEARNERS.items():
        scores = [measure(level, count) for level in range(1, 6)]
        print(f"levels  {name}: {', '.join(f'{score:.2f}' for score in scores)}", flush=True)
        learners.draw(name, scores, OUT / f"{name.split()[0]}-difficulty.png")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["splits", "words", "levels"])
    parser.add_argument("--count", type=int, default=20_000)
    options = parser.parse_args()
    for part in options.parts:
        {"splits": splits, "words": words, "levels": levels}[part](options.count)


if __name__ == "__main__":
    main()
