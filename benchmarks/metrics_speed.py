"""Statistics of 10,000 sentence pairs: ours against the reference packages, on the same pairs in one run.

Ours is ``statistics`` of every sample, document frequencies included; theirs is what the package offers for a
corpus. Captions have five references and are tokenised before; the last row adds tokenisation, Stanford's in Java
and ours in Python. Seconds are processor time.
"""

import contextlib
import gc
import io
import os
import random
import shutil
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import jiwer
import sacrebleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer
from rouge_score.rouge_scorer import RougeScorer

from mmbench.metric import Fitted, Metric
from mmbench.metrics import translation
from mmbench.metrics.captioning import CIDErD
from mmbench.metrics.ptb import ptb_tokenize
from mmbench.metrics.speech import WER
from mmbench.metrics.summarization import Rouge
from mmbench.metrics.translation import BLEU, ChrF
from mmbench.schema import Prediction, Sample

PAIRS, REPEATS, REFERENCES = 10_000, 5, 5
Work = Callable[[], object]


def sentences(seed: int, count: int, length: tuple[int, int]) -> list[str]:
    """Make sentences whose words follow Zipf's law, as those of languages do."""
    chance = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgk"
    words = ["".join(chance.choices(letters, k=chance.randint(1, 9))) for _ in range(20_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return [" ".join(chance.choices(words, weights, k=chance.randint(*length))) + "." for _ in range(count)]


def disturbed(seed: int, texts: Sequence[str]) -> list[str]:
    """Drop, double and replace one word in ten."""
    chance = random.Random(seed)
    made = []
    for text in texts:
        words = []
        for word in text.split():
            luck = chance.random()
            words += [] if luck < 0.04 else [word, word] if luck < 0.06 else ["thing"] if luck < 0.1 else [word]
        made.append(" ".join(words))
    return made


def scoring(metrics: Sequence[Metric], said: Sequence[str], wanted: Sequence[Any]) -> Work:
    """Return the work of computing the statistics of all metrics of all samples."""
    predictions = [Prediction(text) for text in said]
    samples = [Sample(str(place), (), target, "") for place, target in enumerate(wanted)]

    def score() -> None:
        fitted = [metric.fit(samples) if isinstance(metric, Fitted) else metric for metric in metrics]
        for prediction, sample in zip(predictions, samples, strict=True):
            for metric in fitted:
                metric.statistics(prediction, sample)

    return score


def sacrebleu_statistics(said: list[str], wanted: list[str]) -> None:
    """Let sacreBLEU extract its own statistics."""
    for metric in (sacrebleu.metrics.BLEU(), sacrebleu.metrics.CHRF()):
        metric._extract_corpus_statistics(said, [wanted])


def rouge_score(said: list[str], wanted: list[str]) -> None:
    """Score with the package."""
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"])
    for text, reference in zip(said, wanted, strict=True):
        scorer.score(reference, text)


def coco_cider(said: list[str], wanted: list[list[str]]) -> None:
    """Score with pycocoevalcap."""
    Cider().compute_score(dict(enumerate(wanted)), {place: [text] for place, text in enumerate(said)})


def coco_with_java(said: list[str], wanted: list[list[str]]) -> None:
    """Tokenise and score with pycocoevalcap."""
    tokenizer = PTBTokenizer()
    with contextlib.redirect_stderr(io.StringIO()):
        gold = tokenizer.tokenize({p: [{"caption": ref} for ref in refs] for p, refs in enumerate(wanted)})
        system = tokenizer.tokenize({place: [{"caption": text}] for place, text in enumerate(said)})
    Cider().compute_score(gold, system)


def processor_seconds() -> float:
    """Return what this process and the programs that it ran took of the processors."""
    return time.process_time() + sum(os.times()[2:4])


def median_seconds(ours: Work, theirs: Work) -> tuple[float, float]:
    """Time both in turn, ``REPEATS`` times, with empty caches; other work on the machine does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for work, spent in zip((ours, theirs), times, strict=True):
            ptb_tokenize.cache_clear()
            translation._bleu.cache_clear()
            gc.collect()
            started = processor_seconds()
            work()
            spent.append(processor_seconds() - started)
    return statistics.median(times[0]), statistics.median(times[1])


def cases() -> list[tuple[str, str, str, Work, Work]]:
    """Return (metrics, package, aim, our work, their work)."""
    wanted = sentences(0, PAIRS, (10, 35))
    said = disturbed(1, wanted)
    captions = sentences(2, PAIRS * 2, (8, 14))
    spoken = disturbed(3, captions[:PAIRS])
    refs = [[captions[place], *disturbed(4 + place, captions[place : place + 4])] for place in range(PAIRS)]
    tokens = [ptb_tokenize(text) for text in spoken]
    token_refs = [[ptb_tokenize(ref) for ref in five] for five in refs]
    rouge = [Rouge("1"), Rouge("2"), Rouge("L")]
    made = [
        (
            "BLEU + chrF",
            "sacrebleu",
            "at most 1.1 x its time",
            [BLEU(), ChrF()],
            said,
            wanted,
            sacrebleu_statistics,
        ),
        ("ROUGE-1/2/L", "rouge-score", "at least 5 x faster", rouge, said, wanted, rouge_score),
        ("WER", "jiwer", "no slower", [WER()], said, wanted, lambda said, wanted: jiwer.wer(wanted, said)),
        ("CIDEr-D", "pycocoevalcap", "at least 3 x faster", [CIDErD("none")], tokens, token_refs, coco_cider),
    ]
    if shutil.which("java"):
        made.append(("CIDEr-D and tokens", "pycocoevalcap", "", [CIDErD()], spoken, refs, coco_with_java))
    return [
        (name, package, aim, scoring(m, s, w), lambda f=f, s=s, w=w: f(s, w))
        for name, package, aim, m, s, w, f in made
    ]


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    lines = ["| statistics of 10,000 pairs | package | ours, s | theirs, s | theirs / ours | aim |"]
    lines.append("|---|---|---:|---:|---:|---|")
    for name, package, aim, ours, theirs in cases():
        mine, other = median_seconds(ours, theirs)
        lines.append(f"| {name} | {package} | {mine:.2f} | {other:.2f} | {other / mine:.2f} | {aim} |")
    return lines


if __name__ == "__main__":
    print("\n".join(main()))
