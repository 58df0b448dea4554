"""What other public scorers say on the same inputs, and why: prints the table, writes
docs/reference/divergence.md.

    python benchmarks/divergence.py

Every number is computed when this runs. Packages that are installed are called; for tools that are not, the rule
that makes them differ is written out here in a few lines of our own (``benchmarks/other_rules.py``).
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "divergence.md"
sys.path.insert(0, str(ROOT / "benchmarks"))

import other_rules as other

import mmbench.metrics as m
from mmbench.metric import Fitted
from mmbench.schema import Prediction, Sample

HEAD = """# Where scorers differ

Written by `python benchmarks/divergence.py`; do not edit. The same inputs, the value here and what other public
tools or readings of the metric give. "Here" is what the official scorer says, unless it is the other one.

| metric | input | here | other | other says | why |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Line:
    """One disagreement."""

    metric: str
    given: str
    ours: float
    who: str
    theirs: float | str
    why: str


def value(metric: Any, texts: list[str], targets: list[Any], choices: tuple[str, ...] = ()) -> float:
    """Score texts against targets."""
    samples = [
        Sample(id=str(place), messages=(), target=target, answer="", choices=choices)
        for place, target in enumerate(targets)
    ]
    fitted = metric.fit(samples) if isinstance(metric, Fitted) else metric
    rows = [fitted.statistics(Prediction(text=text), one) for text, one in zip(texts, samples, strict=True)]
    return float(fitted.aggregate(np.sum(rows, axis=0)))


def vqa() -> Iterator[Line]:
    """VQA accuracy three ways."""
    cases = (
        (["yes"] * 10, "Yes"),
        (["no"] * 10, "No."),
        (["2"] * 9 + ["3"], "2."),
        (["10:30"] * 8 + ["10 30"] * 2, "10:30."),
        (["2"] * 10, "two"),
    )
    for people, answer in cases:
        given = f"{people.count(people[0])} x {people[0]}, answer {answer}"
        ours = value(m.VQAAccuracy("official"), [answer], [people])
        always = value(m.VQAAccuracy("evalai"), [answer], [people])
        why = "it always normalises; the published program only where the ten answers differ"
        yield Line("vqa-accuracy", given, ours, "EvalAI processor (here vqa-accuracy-evalai)", always, why)
        why = "it always normalises, and a full stop after a digit stays: 2. is not 2"
        yield Line(
            "vqa-accuracy", given, ours, "VLMEvalKit's rule", other.vqa_true_look_behind(answer, people), why
        )


def question_answering() -> Iterator[Line]:
    """SQuAD and ANLS."""
    ours = value(m.TokenF1(), ["red red bus"], [["red bus stop"]])
    yield Line(
        "token-f1",
        "red red bus / red bus stop",
        ours,
        "F1 over sets (DROP-like)",
        other.set_f1("red red bus", "red bus stop"),
        "a set forgets that red was said twice",
    )
    texts, targets = ["Denver", None], [["Denver"], ["Paris"]]
    ours = value(m.SquadV2("em"), ["Denver", ""], targets)
    yield Line(
        "squad2-em",
        "two questions, one without prediction",
        ours,
        "evaluate-v2.0.py",
        other.squad2_em_without_missing(texts, targets),
        "it leaves missing predictions out of the count",
    )
    ours = value(m.TokenF1(), [""], [["the"]])
    yield Line(
        "token-f1",
        "empty answer / the",
        ours,
        "SQuAD 2.0 (here squad2-f1)",
        value(m.SquadV2("f1"), [""], [["the"]]),
        "in 2.0 two texts without tokens agree, in 1.1 they do not",
    )
    for text, reference in (("cat      ", "car"), ("ab", "ax")):
        ours = value(m.ANLS(), [text], [[reference]])
        why = "the program divides by raw lengths and keeps exactly 0.5; the paper does neither"
        yield Line(
            "anls",
            f"'{text}' / {reference}",
            ours,
            "the paper's equation (here anls-paper)",
            value(m.ANLS(variant="paper"), [text], [[reference]]),
            why,
        )
    yield Line(
        "relaxed-accuracy",
        "0.0 / 0",
        value(m.RelaxedAccuracy(), ["0.0"], ["0"]),
        "comparing numbers first",
        other.relaxed_with_zero("0.0", "0"),
        "a reference of 0 is compared as text by the published scorer",
    )


def captions() -> Iterator[Line]:
    """COCO tokenisation, CIDEr's dependence on the set."""
    texts, targets = other.CAPTIONS
    why = "case and punctuation stay in the words unless the PTB tokeniser takes them out"
    for metric in (m.CocoBLEU(order=4), m.CIDErD(), m.CocoRougeL()):
        raw = other.coco_raw(type(metric).__name__, texts, targets)
        yield Line(
            metric.name, "four captions", value(metric, texts, targets), "pycocoevalcap on raw strings", raw, why
        )
    halves = [value(m.CIDErD(), texts[part::2], targets[part::2]) for part in (0, 1)]
    why = "document frequencies come from the images at hand, so a shard is another metric"
    yield Line(
        m.CIDErD().name,
        "four captions",
        value(m.CIDErD(), texts, targets),
        "mean of two shards",
        float(np.mean(halves)),
        why,
    )


def translation() -> Iterator[Line]:
    """BLEU's tokenizers, averages and shards."""
    texts, targets = other.TRANSLATIONS
    ours = value(m.BLEU(), texts, targets)
    for tokenize in ("intl", "none"):
        theirs = value(m.BLEU(tokenize=tokenize), texts, targets)
        yield Line(
            "bleu", "two sentences", ours, f"tok:{tokenize}", theirs, "another tokenizer; the signature tells"
        )
    yield Line(
        "bleu",
        "two sentences",
        ours,
        "lower-cased",
        value(m.BLEU(lowercase=True), texts, targets),
        "case; the signature tells",
    )
    yield Line(
        "bleu",
        "two sentences",
        ours,
        "mean of sentence BLEU",
        value(m.SentenceBLEU(), texts, targets),
        "the mean of sentence scores is not the corpus score",
    )
    shards = [value(m.BLEU(), [text], [target]) for text, target in zip(texts, targets, strict=True)]
    yield Line(
        "bleu",
        "two sentences",
        ours,
        "mean of two shards",
        float(np.mean(shards)),
        "shards must merge counts, not scores",
    )


def summaries() -> Iterator[Line]:
    """ROUGE."""
    text, reference = other.SUMMARY
    ours = value(m.Rouge("Lsum"), [text], [reference])
    yield Line(
        "rougeLsum",
        "two sentences in another order",
        ours,
        "rougeL",
        value(m.Rouge("L"), [text], [reference]),
        "Lsum takes the union over lines, L one subsequence of all",
    )
    joined = value(m.Rouge("Lsum"), [text.replace("\n", " ")], [reference.replace("\n", " ")])
    yield Line(
        "rougeLsum",
        "two sentences in another order",
        ours,
        "rougeLsum without newlines",
        joined,
        "replacing newlines by spaces turns Lsum into L",
    )
    text = "你好 世界"
    yield Line(
        "rouge1",
        f"{text} against itself",
        value(m.Rouge("1"), [text], [text]),
        "ROUGE on white-space words",
        other.unigram_f1(text, text),
        "the tokenizer keeps a-z and 0-9 only",
    )


def speech() -> Iterator[Line]:
    """WER."""
    texts, targets = other.TRANSCRIPTS
    ours = value(m.WER(), texts, targets)
    each = [value(m.WER(), [text], [target]) for text, target in zip(texts, targets, strict=True)]
    yield Line(
        "wer",
        "three clips, one silent",
        ours,
        "mean over clips",
        float(np.mean(each)),
        "one silent clip with words in the answer dominates a mean",
    )
    text, target = "hello world", "Hello, World"
    yield Line(
        "wer",
        f"{text} / {target}",
        value(m.WER(), [text], [target]),
        "with Whisper's basic normaliser",
        value(m.WER(normalizer="whisper-basic"), [text], [target]),
        "jiwer folds neither case nor marks",
    )


def language() -> Iterator[Line]:
    """Perplexity."""
    rows = [("an easy text", -2.0), ("a hard one", -14.0)]
    metric = m.Perplexity("word")
    parts = [
        metric.statistics(Prediction(logprob=nll, tokens=4), Sample(id="x", messages=(), target=text, answer=""))
        for text, nll in rows
    ]
    ours = float(metric.aggregate(np.sum(parts, axis=0)))
    each = float(np.mean([metric.aggregate(part) for part in parts]))
    yield Line(
        "word-perplexity",
        "an easy and a hard text",
        ours,
        "mean of texts' perplexities",
        each,
        "exp of a mean is below the mean of exps",
    )


def labels() -> Iterator[Line]:
    """F1, parsers, error bars."""
    answers, targets = ["a", "b", "a", "a"], ["a", "b", "c", "a"]
    ours = value(m.F1(), answers, targets)
    yield Line(
        "macro-f1",
        "three classes",
        ours,
        "binary F1 (lm-eval's f1)",
        other.binary_f1(answers, targets),
        "it knows two classes",
    )
    batches = [value(m.F1(("a", "b", "c")), answers[part], targets[part]) for part in (slice(0, 2), slice(2, 4))]
    yield Line(
        "macro-f1",
        "three classes",
        ours,
        "mean of two batches",
        float(np.mean(batches)),
        "F1 of batches does not average",
    )
    answers, targets = ["", "purple", "no", "yes"], ["yes", "no", "no", "yes"]
    yield Line(
        "yes-rate",
        "empty, purple, no, yes",
        value(m.YesRate(), answers, targets),
        "POPE's parser",
        value(m.YesRate(m.PopeParser()), answers, targets),
        "all that is not a no is a yes there",
    )
    right, official, found = other.standard_errors()
    yield Line(
        "accuracy",
        "standard error of 400 answers, 60 % right",
        right,
        "lighteval's bootstrap_stderr",
        found,
        f"it divides the bootstrap's deviation ({official:.4f}) by the root of the number of replicates",
    )


PARTS = (vqa, question_answering, captions, translation, summaries, speech, language, labels)


def cell(shown: float | str) -> str:
    """Return a table cell: four digits for numbers, no bars or newlines."""
    text = shown if isinstance(shown, str) else f"{shown:.4g}"
    return text.replace("|", "\\|").replace("\n", " ")


def page() -> str:
    """Return the page."""
    lines = [line for part in PARTS for line in part()]
    rows = [
        f"| `{line.metric}` | {cell(line.given)} | {cell(line.ours)} | {cell(line.who)} | {cell(line.theirs)}"
        f" | {cell(line.why)} |"
        for line in lines
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    text = page()
    print(text)
    PAGE.write_text(text, encoding="utf-8")
