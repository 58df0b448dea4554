"""Rules of other scorers, for the divergence table: each is the few lines in which it differs, written by us."""

import re
from collections import Counter

import numpy as np

CAPTIONS = (
    ["A man riding a horse.", "Two dogs, one of them black, run!", "a plate of food", "The red bus is parked."],
    [
        ["A man rides a horse on the beach.", "a man riding a brown horse"],
        ["Two dogs run on grass.", "two dogs, one black and one white, run."],
        ["A plate of food on a table.", "a white plate of food"],
        ["A red bus is parked by the road.", "The bus is red."],
    ],
)
TRANSLATIONS = (
    ['The cat sat on the "old" mat, didn\'t it?', "A quick look at it would've been enough."],
    ['The cat sat on the "old" mat, did it not?', "a quick look at it would have been enough."],
)
SUMMARY = ("the dog slept all day\na cat came home", "a cat came home\nthe dog slept all day")
TRANSCRIPTS = (["one two three four", "hm so", "five six seven"], ["one two three four", "", "five six nine"])


def vqa_true_look_behind(answer: str, people: list[str]) -> float:
    """VQA accuracy, always normalised, where a full stop after a digit stays (VLMEvalKit)."""

    def process(text: str) -> str:
        for mark in ';/[]"{}()=+\\_-><@`,?!':
            loose = f"{mark} " in text or f" {mark}" in text or re.search(r"\d,\d", text)
            text = text.replace(mark, "" if loose else " ")
        text = re.sub(r"(?<!\d)\.(?!\d)", "", text).lower()
        words = ("2" if word == "two" else word for word in text.split())
        return " ".join(word for word in words if word not in ("a", "an", "the"))

    matches, number = sum(process(one) == process(answer) for one in people), len(people)
    left_out = matches * min(1, (matches - 1) / 3) + (number - matches) * min(1, matches / 3)
    return 100 * left_out / number


def set_f1(text: str, reference: str) -> float:
    """F1 over sets of words, 0..100 (DROP, and tools that took it for SQuAD's)."""
    ours, theirs = set(text.split()), set(reference.split())
    return 200 * len(ours & theirs) / (len(ours) + len(theirs))


def squad2_em_without_missing(texts: list[str | None], targets: list[list[str]]) -> float:
    """Exact match over the questions that have a prediction (evaluate-v2.0.py)."""
    rows = [(text, refs) for text, refs in zip(texts, targets, strict=True) if text is not None]
    return 100 * sum(text in refs for text, refs in rows) / len(rows)


def relaxed_with_zero(text: str, reference: str) -> float:
    """Relaxed accuracy where two numbers are compared as numbers even if the reference is 0."""
    return float(abs(float(text) - float(reference)) <= 0.05 * abs(float(reference)))


def coco_raw(metric: str, texts: list[str], targets: list[list[str]]) -> float:
    """pycocoevalcap's scorers on strings that nothing tokenised."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    scorers = {"CocoBLEU": Bleu(4), "CIDErD": Cider(), "CocoRougeL": Rouge()}
    given = dict(enumerate(targets)), {place: [text] for place, text in enumerate(texts)}
    options = {"verbose": 0} if metric == "CocoBLEU" else {}
    score, _ = scorers[metric].compute_score(*given, **options)
    return float(score[3] if isinstance(score, list) else score)


def unigram_f1(text: str, reference: str) -> float:
    """ROUGE-1 over words that white space parts, in any script."""
    ours, theirs = Counter(text.split()), Counter(reference.split())
    return 2 * sum((ours & theirs).values()) / (sum(ours.values()) + sum(theirs.values()))


def binary_f1(answers: list[str], targets: list[str]) -> str:
    """What scikit-learn's default F1 does with three classes."""
    from sklearn.metrics import f1_score

    names = sorted({*answers, *targets})
    try:
        return str(f1_score([names.index(one) for one in targets], [names.index(one) for one in answers]))
    except ValueError as error:
        return f"ValueError: {str(error).split('.')[0]}"


def standard_errors() -> tuple[float, float, float]:
    """Return the standard error of a mean of 400 answers, its bootstrap, and that divided once more."""
    scores = np.repeat([1.0, 0.0], [240, 160])
    means = np.random.default_rng(0).choice(scores, (1000, 400)).mean(axis=1)
    analytic, bootstrap = scores.std(ddof=1) / np.sqrt(400), means.std(ddof=1)
    return float(analytic), float(bootstrap), float(bootstrap / np.sqrt(1000))
