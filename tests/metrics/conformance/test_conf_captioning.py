"""COCO caption metrics against pycocoevalcap, and the PTB tokens against Stanford's Java program."""

import random

import pytest
import ref_text
from conformance_table import compares, hub, run_all
from own_sentences import corpora, odd_text, pairs
from own_text import ADVERSARIAL
from score_text import corpus_value, frozen, read_jsonl

from mmbench.metrics.captioning import CIDEr, CIDErD, CocoBLEU, CocoRougeL
from mmbench.metrics.meteor import FUNCTION_WORDS, MeteorExactStem
from mmbench.metrics.ptb import ptb_tokenize

COCO = "pycocoevalcap 1.2"
RAW = {
    **{f"coco-bleu{order}": CocoBLEU("none", order) for order in (1, 2, 3, 4)},
    "coco-rouge-l": CocoRougeL("none"),
    "cider-d": CIDErD("none"),
}
OURS = {
    **{f"coco-bleu{order}": CocoBLEU(order=order) for order in (1, 2, 3, 4)},
    "coco-rouge-l": CocoRougeL(),
    "cider-d": CIDErD(),
}
DEFINITIONS = {
    **{
        f"coco-bleu{order}": (f"corpus BLEU of order {order} with 1e-15 and 1e-9 added, closest reference length",)
        for order in (1, 2, 3, 4)
    },
    "coco-rouge-l": ("F of beta 1.2 from the best precision and the best recall of all references, mean",),
    "cider-d": ("10 x mean clipped tf-idf cosine of n-grams 1..4, with a Gaussian of the length difference",),
}
PITFALLS = {
    "coco-rouge-l": (
        "precision and recall may come from different references",
        "empty text is one empty token: an empty caption scores 1 against an empty reference",
    ),
    "cider-d": (
        "the COCO scorer prints it as CIDEr",
        "document frequencies come from the evaluated references: a subset or a shard is another metric",
        "one sample alone scores 0, for every n-gram is in every document",
    ),
}
SOURCES = {"coco-rouge-l": "Lin 2004; coco-caption", "cider-d": "Vedantam et al. 2015"}


def real_captions():
    """All captions of the mirror: COCO, and Multi30k's English."""
    import pyarrow.parquet as parquet

    found = []
    for path in sorted((hub() / "lmms-lab/COCO-Caption2017/data").glob("*.parquet")):
        found += [
            text for row in parquet.read_table(path, columns=["answer"])["answer"].to_pylist() for text in row
        ]
    for path in sorted((hub() / "bentrevett/multi30k").rglob("*.jsonl")):
        found += [row["en"] for row in read_jsonl(path)]
    return list(dict.fromkeys(found))


def coco_images():
    """Real images; the "system" is the first person's caption, scored against the others'."""
    import pyarrow.parquet as parquet

    path = next((hub() / "lmms-lab/COCO-Caption2017/data").glob("*.parquet"))
    rows = parquet.read_table(path, columns=["answer"])["answer"].to_pylist()
    return [(row[0], row[1:]) for row in rows]


def tokenised(corpus, tokenize):
    flat = list(dict.fromkeys(text for said, wanted in corpus for text in (said, *wanted)))
    tokens = dict(zip(flat, tokenize(flat), strict=True))
    return [(tokens[said], [tokens[text] for text in wanted]) for said, wanted in corpus]


def in_python(texts):
    return [ptb_tokenize(text) for text in texts]


def odd_corpora():
    following = [*ADVERSARIAL[1:], ADVERSARIAL[0]]
    for text, other in zip(ADVERSARIAL, following, strict=True):
        short = text[:4000], other[:4000]  # the reference's table for two 10,000-word texts has 10^8 cells
        yield [(short[0], [short[0]]), (short[1], [short[0], short[1], short[1]])]
    yield [(text[:4000], [text[:4000], other[:4000]]) for text, other in zip(ADVERSARIAL, following, strict=True)]


def register(name):
    """Register the comparisons of one metric."""
    more = {"source": SOURCES.get(name, "Papineni et al. 2002; coco-caption"), "reference": COCO}
    pitfalls = PITFALLS.get(name, ("not sacreBLEU: other tokens, other smoothing", "0..1, not 0..100"))

    @compares(name, definition=DEFINITIONS[name][0], pitfalls=pitfalls, **more)
    def vectors():
        for case in frozen("captioning"):
            yield corpus_value(OURS[name], case["corpus"]), case["values"][name]

    @compares(name)
    def own_and_odd():
        for corpus in [*corpora(401, 40, references=5), *odd_corpora()]:
            yield corpus_value(RAW[name], corpus), ref_text.coco_scores(corpus)[name]

    if name != "coco-rouge-l":

        @compares(name)
        def whole_texts():
            for text, other in zip(ADVERSARIAL, [*ADVERSARIAL[1:], ADVERSARIAL[0]], strict=True):
                corpus = [(text, [text, other]), (other, [text]), ("a dog", ["a dog", "a cat"])]
                yield corpus_value(RAW[name], corpus), ref_text.coco_scores(corpus, rouge=False)[name]

    @compares(name, data=True)
    def hub_rows():
        corpus = coco_images()
        yield corpus_value(OURS[name], corpus), ref_text.coco_scores(tokenised(corpus, in_python))[name]

    @compares(name, data=True, slow=True)
    def hub_rows_with_java():
        corpus = coco_images()
        yield corpus_value(OURS[name], corpus), ref_text.coco_scores(tokenised(corpus, ref_text.java_ptb))[name]


for _name in OURS:
    register(_name)


@compares(
    "cider",
    definition="10 x mean tf-idf cosine of n-grams 1..4",
    source="Vedantam et al. 2015",
    reference="loops over the definition (tests/metrics/conformance/ref_text.py)",
    pitfalls=("the paper's, which the COCO scorer does not print",),
)
def cider_plain():
    for corpus in [*corpora(402, 40, references=4), *odd_corpora()]:
        yield corpus_value(CIDEr("none"), corpus), ref_text.plain_cider(corpus)


@compares(
    "meteor-exact-stem",
    definition="METEOR's weighted F, lowered by fragmentation, over exact and stem matches only",
    source="Denkowski and Lavie 2014",
    reference="METEOR 1.5 (Java) with the modules exact and stem and our list of function words",
    pitfalls=(
        "not METEOR: no synonyms, no paraphrases, other function words; do not put it beside published METEOR",
        "the program leaves words unmatched that share a stem with several others: about one pair in five hundred",
        "the corpus' score comes from summed counts, it is not the mean of segment scores",
    ),
)
def meteor_vectors():
    for case in frozen("meteor"):
        yield corpus_value(MeteorExactStem(), case["corpus"]), case["value"]


@compares("meteor-exact-stem", slow=True)
def meteor_own():
    corpus = tokenised(pairs(404, 350, references=5, english=1.0), in_python)
    whole, each = ref_text.java_meteor(corpus, FUNCTION_WORDS)
    yield corpus_value(MeteorExactStem("none"), corpus), whole
    for pair, value in zip(corpus, each, strict=True):
        yield corpus_value(MeteorExactStem("none"), [pair]), value


@compares("meteor-exact-stem", data=True, slow=True, tolerance=1e-3)
def meteor_coco():
    corpus = tokenised(coco_images(), in_python)
    yield corpus_value(MeteorExactStem("none"), corpus), ref_text.java_meteor(corpus, FUNCTION_WORDS)[0]


@compares(
    "ptb-tokens",
    definition="the tokens the COCO scorer compares: Stanford's, lower case, without 17 punctuation tokens",
    source="Stanford CoreNLP 3.4.1; coco-caption",
    reference="PTBTokenizer of pycocoevalcap 1.2 (Java); a case is 0 if all tokens are equal, else 1",
    pitfalls=(
        "round brackets stay as -lrb- and -rrb-",
        "mixed fractions and telephone numbers hold no-break spaces",
        "the program looks across the line end after B. and No., so its tokens depend on the next caption",
    ),
)
def ptb_vectors():
    for text, tokens in frozen("ptb"):
        yield float(ptb_tokenize(text) != tokens), 0.0


def against_java(texts):
    if not ref_text.has_java():
        pytest.skip("there is no Java here")
    for text, tokens in zip(texts, ref_text.java_ptb(texts), strict=True):
        yield float(ptb_tokenize(text) != tokens), 0.0


@compares("ptb-tokens", slow=True)
def ptb_vectors_again():
    yield from against_java([text for text, _ in frozen("ptb")])


@compares("ptb-tokens", slow=True)
def ptb_odd_texts():
    chance = random.Random(403)
    yield from against_java([odd_text(chance) for _ in range(4000)])


@compares("ptb-tokens", slow=True, data=True)
def ptb_all_captions():
    yield from against_java(real_captions())


test_comparisons = run_all(__name__)
