"""Facts against sets counted by hand."""

import random

from conformance_table import compares, run_all

from mmbench.metrics.facts import FactF1, FactPrecision, FactRecall, HallucinationRate
from mmbench.schema import Prediction, Sample

FACTS = tuple(f"{colour} {shape}" for colour in ("red", "blue", "green") for shape in ("ball", "cube", "cone"))
PLAIN = "counts of sets in plain Python"


def extract(text):
    return {part for part in text.split("; ") if part}


def captions(seed):
    chance = random.Random(seed)
    rows = []
    for _ in range(20):
        true = set(chance.sample(FACTS, chance.randint(1, 5)))
        said = {fact for fact in true if chance.random() < 0.6} | set(chance.sample(FACTS, chance.randint(0, 2)))
        rows.append((said, true))
    return rows


def value(metric, rows):
    return float(
        metric.aggregate(
            sum(
                metric.statistics(
                    Prediction(text="; ".join(sorted(said))),
                    Sample(id="x", messages=(), target="", answer="", info={"facts": sorted(true)}),
                )
                for said, true in rows
            )
        )
    )


EXPECTED = {
    "fact-precision": lambda rows: sum(len(s & t) for s, t in rows) / sum(len(s) for s, _ in rows),
    "fact-recall": lambda rows: sum(len(s & t) for s, t in rows) / sum(len(t) for _, t in rows),
    "fact-f1": lambda rows: 2 * sum(len(s & t) for s, t in rows) / sum(len(s) + len(t) for s, t in rows),
    "hallucination-rate": lambda rows: sum(len(s - t) for s, t in rows) / sum(len(s) for s, _ in rows),
    "hallucination-rate-text": lambda rows: sum(bool(s - t) for s, t in rows) / len(rows),
}
METRICS = {
    "fact-precision": (FactPrecision(extract, "test"), "share of stated facts that are true, pooled"),
    "fact-recall": (FactRecall(extract, "test"), "share of true facts that are stated, pooled"),
    "fact-f1": (FactF1(extract, "test"), "harmonic mean of fact precision and recall"),
    "hallucination-rate": (HallucinationRate(extract, "test"), "share of stated facts not true (CHAIR_i)"),
    "hallucination-rate-text": (
        HallucinationRate(extract, "test", "text"),
        "share of texts that state any fact that is not true (CHAIR_s)",
    ),
}


def _compare(name):
    metric, definition = METRICS[name]

    @compares(
        name,
        definition=definition,
        source="Rohrbach et al. 2018 (CHAIR), over distinct facts of a known world",
        reference=PLAIN,
        pitfalls=("the extractor's word list decides: its name and version are in the signature",),
    )
    def facts():
        for seed in range(20):
            rows = captions(seed)
            yield value(metric, rows), EXPECTED[name](rows)

    return facts


for _name in METRICS:
    _compare(_name)

test_comparisons = run_all(__name__)
