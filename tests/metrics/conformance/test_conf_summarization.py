"""ROUGE against rouge-score: frozen vectors, own and adversarial text, DialogSum and SciTLDR."""

import csv
from itertools import pairwise

import ref_text
from conformance_table import compares, hub, run_all
from own_sentences import pairs, texts
from own_text import ADVERSARIAL
from score_text import corpus_value, frozen

from mmbench.metrics.summarization import Rouge

MEASURES = ("fmeasure", "precision", "recall")
ROUGE = "rouge-score 0.1.2"
LONG = 4000  # characters: rouge-score's table for two 10,000-word texts has 10^8 cells


def variants(kind):
    return [(stemmer, measure) for stemmer in (False, True) for measure in MEASURES]


def from_vectors(kind):
    for case in frozen("summarization"):
        for stemmer, measure in variants(kind):
            official = case["values"][f"rouge{kind}" + "-stem" * stemmer][MEASURES.index(measure)]
            yield corpus_value(Rouge(kind, stemmer, measure), [(case["said"], case["wanted"])]), official


def against(kind, cases, measures=MEASURES, stemmers=(False, True)):
    for said, wanted in cases:
        for stemmer in stemmers:
            official = ref_text.rouge_scores(said, wanted, stemmer)[kind]
            for measure in measures:
                ours = corpus_value(Rouge(kind, stemmer, measure), [(said, wanted)])
                yield ours, official[MEASURES.index(measure)]


def odd():
    short = [text[:LONG] for text in ADVERSARIAL]
    for text, other in zip(short, [*short[1:], short[0]], strict=True):
        yield text, [text]
        yield text, [other, text, text]
        yield other, [text, other]
        yield text, [f"{text}\n{other}\n{text}"]


def real():
    """Real summaries; the "system" is the first sentences of the source, or another person's summary."""
    import pyarrow.parquet as parquet

    with (hub() / "knkarthick/dialogsum/test.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:60]
    yield from ((row["dialogue"][:300], [row["summary"]]) for row in rows)
    yield from ((row["summary"], [other["summary"]]) for row, other in pairwise(rows))
    for row in parquet.read_table(next((hub() / "allenai/scitldr").rglob("test*.parquet"))).to_pylist()[:60]:
        yield "\n".join(row["source"][:2]), ["\n".join(row["source"][1:]), *row["target"]]


def register(kind, definition, pitfalls):
    """Register the comparisons of one kind of ROUGE."""
    common = {"definition": definition, "source": "Lin 2004", "reference": ROUGE, "pitfalls": pitfalls}

    @compares(f"rouge{kind}", **common)
    def vectors():
        yield from from_vectors(kind)

    @compares(f"rouge{kind}")
    def live():
        yield from against(kind, [*texts(201, 40), *pairs(202, 60), *odd()])

    @compares(f"rouge{kind}")
    def whole_texts():
        for text, other in zip(ADVERSARIAL, [*ADVERSARIAL[1:], ADVERSARIAL[0]], strict=True):
            said, wanted = (text, other) if kind in ("1", "2") else (text[:LONG], other[:LONG])
            for references in ([said], [wanted, wanted]):
                official = ref_text.rouge_scores(said, references, False, (kind,))[kind]
                yield corpus_value(Rouge(kind), [(said, references)]), official[0]

    @compares(f"rouge{kind}", data=True)
    def hub_rows():
        yield from against(kind, real(), ("fmeasure",))


ASCII_ONLY = "tokens are runs of a-z and 0-9: text in other scripts scores 0 against itself, café is caf"
STEMMER = "the Porter stemmer touches words of more than three letters only, and is NLTK's extended variant"
register("1", "F-measure of unigram overlap, mean over samples", (ASCII_ONLY, STEMMER))
register("2", "F-measure of bigram overlap, mean over samples", (ASCII_ONLY,))
register(
    "L",
    "F-measure of the longest common subsequence of the whole texts, mean over samples",
    ("not Lsum: newlines count for nothing", "COCO's ROUGE-L is another measure"),
)
register(
    "Lsum",
    "F-measure of the union of common subsequences of lines, mean over samples",
    ("replacing newlines by spaces turns Lsum into L", "splits at newlines only; there is no sentence splitter"),
)

test_comparisons = run_all(__name__)
