"""Small learners for the text worlds; see worlds_text.py, which runs them."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from sacrebleu.metrics import CHRF
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from mmbench_tasks.worlds.lm import lm_rows
from mmbench_tasks.worlds.phrases import translation_rows
from mmbench_tasks.worlds.reviews import sentiment_rows
from mmbench_tasks.worlds.stories import qa_rows, summarization_rows

TESTED = 2000
"""Rows of each level that are tested."""

Row = dict[str, Any]


def by(column: str, right: list[bool], rows: list[Row]) -> dict[str, float]:
    """Return the share of right answers for each value of a column, in percent."""
    found: dict[str, list[bool]] = defaultdict(list)
    for one, row in zip(right, rows, strict=True):
        found[row[column]].append(one)
    return {name: round(100 * sum(ones) / len(ones), 1) for name, ones in sorted(found.items())}


def bag_of_words(train: list[Row], test: list[Row], pairs: bool = False) -> list[bool]:
    """Return which labels of ``test`` a logistic regression on words gets right."""
    vectors = CountVectorizer(ngram_range=(1, 2) if pairs else (1, 1), min_df=2)
    learner = LogisticRegression(max_iter=400, C=0.5)
    learner.fit(vectors.fit_transform([row["text"] for row in train]), [row["label"] for row in train])
    guesses = learner.predict(vectors.transform([row["text"] for row in test]))
    return [bool(guess == row["label"]) for guess, row in zip(guesses, test, strict=True)]


@cache
def _reviews(count: int) -> tuple[CountVectorizer, LogisticRegression]:
    train = list(islice(sentiment_rows("train"), count))
    vectors = CountVectorizer(min_df=2)
    learner = LogisticRegression(max_iter=400, C=0.5)
    learner.fit(vectors.fit_transform([row["text"] for row in train]), [row["label"] for row in train])
    return vectors, learner


def reviews(level: int, count: int) -> float:
    """Accuracy, in percent, of a bag of words that learnt from all levels."""
    vectors, learner = _reviews(count)
    test = list(islice(sentiment_rows("test", difficulty=level, holdout="never"), 3 * TESTED))
    guesses = learner.predict(vectors.transform([row["text"] for row in test]))
    return 100 * float(np.mean([guess == row["label"] for guess, row in zip(guesses, test, strict=True)]))


@cache
def _phrases(count: int) -> tuple[TfidfVectorizer, Any, list[str]]:
    train = list(islice(translation_rows("train"), count))
    vectors = TfidfVectorizer(token_pattern=r"\w+")
    return (
        vectors,
        vectors.fit_transform([row["source"] for row in train]),
        [row["references"][0] for row in train],
    )


def phrases(level: int, count: int) -> float:
    """chrF of the translation of the most similar training sentence."""
    vectors, known, answers = _phrases(count)
    test = list(islice(translation_rows("test", difficulty=level, holdout="never"), TESTED))
    near = (vectors.transform([row["source"] for row in test]) @ known.T).tocsr()
    guesses = [answers[near[i].argmax()] for i in range(len(test))]
    most = max(len(row["references"]) for row in test)
    references = [[(row["references"] * most)[i] for row in test] for i in range(most)]
    return float(CHRF().corpus_score(guesses, references).score)


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+|\n+", text) if part]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def questions(level: int, _: int) -> float:
    """Share of answers, in percent, that the sentence most similar to the question holds."""
    rows = islice(qa_rows("test", difficulty=level, holdout="never"), 6 * TESTED)
    right = []
    for row in rows:
        if row["answers"]:
            asked = _words(row["question"])
            best = max(_sentences(row["context"]), key=lambda sentence: len(asked & _words(sentence)))
            right.append(any(re.search(rf"\b{re.escape(one)}\b", best, re.IGNORECASE) for one in row["answers"]))
    return 100 * sum(right) / len(right)


def _common(one: list[str], other: list[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for i, there in enumerate(other, 1):
            before, row[i] = row[i], before + 1 if word == there else max(row[i], row[i - 1])
    return row[-1]


@cache
def _rarity() -> Callable[[str], float]:
    """Return the weight of a word: the logarithm of how many training documents there are for one that has it."""
    counts: Counter[str] = Counter()
    documents = 3000
    for row in islice(summarization_rows("train"), documents):
        counts.update(_words(row["document"]))
    return lambda word: math.log(documents / (1 + counts[word]))


def _central(document: str, length: int) -> str:
    """Return the sentences whose words weigh most in the document, about ``length`` words of them, in order."""
    rarity, sentences = _rarity(), _sentences(document)
    often = Counter(re.findall(r"\w+", document.lower()))
    weights = [sum(often[word] * rarity(word) for word in _words(sentence)) for sentence in sentences]
    chosen, left = [], 1.15 * length
    for i in sorted(range(len(sentences)), key=lambda i: -weights[i]):
        size = len(re.findall(r"\w+", sentences[i]))
        if size <= left:
            chosen.append(i)
            left -= size
    return " ".join(sentences[i] for i in sorted(chosen))


def summaries(level: int, _: int) -> float:
    """ROUGE-L (F) of the document's weightiest sentences against the long reference, as long as it."""
    rows = islice(summarization_rows("test", difficulty=level, holdout="never"), TESTED // 2)
    scores = []
    for row in rows:
        reference = re.findall(r"\w+", row["references"][1].lower())
        said = re.findall(r"\w+", _central(row["document"], len(reference)).lower())
        scores.append(200 * _common(reference, said) / (len(reference) + len(said)))
    return sum(scores) / len(scores)


class Trigram:
    """A word trigram model with Witten-Bell interpolation down to a uniform distribution."""

    def __init__(self, texts: list[list[str]]) -> None:
        self.counts: list[dict[tuple[str, ...], Counter[str]]] = [defaultdict(Counter) for _ in range(3)]
        self.size = len({word for text in texts for word in text}) + 1
        for text in texts:
            for i, word in enumerate(text):
                for order in range(3):
                    if i >= order:
                        self.counts[order][tuple(text[i - order : i])][word] += 1

    def probability(self, word: str, before: tuple[str, ...]) -> float:
        """Return P(word | up to two words before)."""
        share = 1 / self.size
        for order in range(len(before) + 1):
            seen = self.counts[order].get(before[len(before) - order :])
            if seen is None:
                break
            total, kinds = sum(seen.values()), len(seen)
            share = (seen[word] + kinds * share) / (total + kinds)
        return share

    def bits(self, text: list[str]) -> float:
        """Return the bits that the model pays for a text."""
        return -sum(
            math.log2(self.probability(word, tuple(text[max(0, i - 2) : i]))) for i, word in enumerate(text)
        )


def lm(level: int, count: int) -> float:
    """Excess bits a word of a trigram model that learnt from texts of the level."""
    model = Trigram([["<s>", *row["text"].split()] for row in islice(lm_rows("train", difficulty=level), count)])
    test = list(islice(lm_rows("test", difficulty=level, holdout="never"), TESTED))
    paid = sum(model.bits(["<s>", *row["text"].split()]) for row in test)
    return (paid - sum(row["bits"] for row in test)) / sum(row["words"] for row in test)


LEARNERS = {
    "phrases (chrF of the nearest sentence)": phrases,
    "stories-qa (answer in the nearest sentence, %)": questions,
    "stories-summarization (ROUGE-L of the weightiest sentences)": summaries,
    "reviews (accuracy of a bag of words, %)": reviews,
    "lm (excess bits a word of a trigram)": lm,
}


def draw(name: str, scores: list[float], out: Path) -> None:
    """Draw the figure of a card."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(5.2, 3.0), dpi=110)
    axis.plot(range(1, 6), scores, "o-", color="#1f5fa8", linewidth=2.2)
    for level, score in enumerate(scores, 1):
        axis.annotate(f"{score:.1f}" if max(scores) > 5 else f"{score:.2f}", (level, score), (0, 7), "data",
                      "offset points", ha="center", fontsize=8)  # fmt: skip
    axis.set(xlabel="difficulty", ylabel=name.split("(")[1].rstrip(")"), xticks=range(1, 6))
    axis.set_ylim(0, max(scores) * 1.18)
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(out)
    pyplot.close(figure)
