"""Language modelling against the definitions written out, and windows against the harness's own order of work."""

import math
import random

import ref_numbers as ref
from conformance_table import compares, hub, run_all
from own_text import ADVERSARIAL

from mmbench.metrics.perplexity import NLL, BitsPerByte, ExcessBits, Perplexity
from mmbench.metrics.windows import rolling_windows
from mmbench.schema import Prediction, Sample

HARNESS = "lm-evaluation-harness wikitext, get_rolling_token_windows"
PLAIN = "written out from the definition (tests/metrics/conformance/ref_numbers.py)"


def corpora():
    """Several corpora: lists of (text, log-probability, tokens, bits)."""
    chance = random.Random(7)
    texts = [text for text in ADVERSARIAL if text]
    for size in (1, 2, 5, len(texts)):
        for _ in range(8):
            picked = chance.sample(texts, size)
            yield [
                (text, -chance.uniform(0.1, 4) * len(text), chance.randint(1, 2 + len(text)), 1.3 * len(text))
                for text in picked
            ]


def value(metric, corpus):
    return float(
        metric.aggregate(
            sum(
                metric.statistics(
                    Prediction(logprob=logprob, tokens=tokens),
                    Sample(id="x", messages=(), target=text, answer="", info={"bits": bits}),
                )
                for text, logprob, tokens, bits in corpus
            )
        )
    )


def size(corpus, unit):
    if unit == "token":
        return sum(tokens for _, _, tokens, _ in corpus)
    count = ref.words_as_the_harness_counts_them if unit == "word" else (lambda text: len(bytes(text, "utf8")))
    return sum(count(text) for text, *_ in corpus)


def _perplexity(unit):
    @compares(
        f"{unit}-perplexity",
        definition=f"exp(negative log-probability / {unit}s), pooled over all texts",
        source=HARNESS,
        reference=PLAIN,
        pitfalls=(
            "the mean of texts' perplexities is another, larger number",
            "by token it does not compare across tokenizers",
            "a leading or trailing space adds an empty word",
        ),
    )
    def perplexity():
        for corpus in corpora():
            per_unit = -sum(logprob for _, logprob, _, _ in corpus) / size(corpus, unit)
            yield value(Perplexity(unit), corpus), (math.exp(per_unit) if per_unit < 700 else math.inf)

    return perplexity


for _unit in ("token", "word", "byte"):
    _perplexity(_unit)


@compares("bits-per-byte", definition="negative log2-probability / UTF-8 bytes", source=HARNESS, reference=PLAIN)
def bits_per_byte():
    for corpus in corpora():
        bits = -sum(logprob for _, logprob, _, _ in corpus) / math.log(2)
        yield value(BitsPerByte(), corpus), bits / size(corpus, "byte")


@compares("nll", definition="negative log-probability / tokens, nats", source="cross-entropy", reference=PLAIN)
def nll():
    for corpus in corpora():
        yield value(NLL(), corpus), -sum(logprob for _, logprob, _, _ in corpus) / size(corpus, "token")


@compares(
    "excess-bits-per-word",
    definition='(bits the model needs - the text\'s true bits, Sample.info["bits"]) / words',
    source="Kullback-Leibler divergence of the model from the source",
    reference=PLAIN,
    pitfalls=("one text is not the average: below 0 on few texts",),
)
def excess_bits():
    for corpus in corpora():
        needed = -sum(logprob for _, logprob, _, _ in corpus) / math.log(2)
        there = sum(bits for *_, bits in corpus)
        yield value(ExcessBits("word"), corpus), (needed - there) / size(corpus, "word")


@compares("word-perplexity", data=True)
def words_of_wikitext():
    import re

    import pyarrow.parquet as parquet

    path = hub() / "Salesforce/wikitext/wikitext-2-raw-v1/test-00000-of-00001.parquet"
    for text in parquet.read_table(path)["text"].to_pylist()[:2000]:
        corpus = [(text, -1.0, 1, 0.0)] if text else []
        for _, logprob, _, _ in corpus:
            yield value(Perplexity("word"), corpus), math.exp(-logprob / len(re.split(r"\s+", text)))


@compares(
    "rolling-windows",
    definition="windows that score every token once, with the context that fits",
    source=HARNESS,
    reference=PLAIN,
    pitfalls=("a shorter stride gives more context and a lower perplexity: state it",),
)
def windows():
    for count in range(40):
        for most in range(1, 12):
            tokens = list(range(1, count + 1))
            text = [0, *tokens]
            ours = [
                (text[one.start : one.stop], text[one.stop - one.scored + 1 : one.stop + 1])
                for one in rolling_windows(count, most)
            ]
            yield float(ours == ref.windows(tokens, 0, most)), 1.0


test_comparisons = run_all(__name__)
