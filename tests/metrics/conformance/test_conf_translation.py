"""BLEU, chrF and TER against sacreBLEU: frozen vectors, own and adversarial text, and Multi30k."""

from pathlib import Path

import ref_text
from conformance_table import compares, hub, run_all
from own_sentences import corpora, pairs
from own_text import ADVERSARIAL
from score_text import corpus_value, frozen, read_jsonl

from mmbench.metrics.translation import BLEU, TER, ChrF, SentenceBLEU, SentenceChrF, SentenceTER

RENAMED = {"smooth_method": "smooth", "max_ngram_order": "max_order"}
OURS = {
    **{
        name: BLEU(**{RENAMED.get(key, key): value for key, value in options.items()})
        for name, options in ref_text.BLEU_OPTIONS.items()
    },
    **{name: ChrF(**options) for name, options in ref_text.CHRF_OPTIONS.items()},
    **{name: TER(**options) for name, options in ref_text.TER_OPTIONS.items()},
}
BLEU_NAMES, CHRF_NAMES, TER_NAMES = (
    tuple(options) for options in (ref_text.BLEU_OPTIONS, ref_text.CHRF_OPTIONS, ref_text.TER_OPTIONS)
)
SACREBLEU = "sacrebleu 2.6.0"
SHORT = 500  # TER tries every shift of every word: a 10,000-word text would take sacreBLEU itself minutes
WHOLE = 10**9


def from_vectors(names):
    for case in frozen("translation"):
        for name in names:
            yield corpus_value(OURS[name], case["corpus"]), case["values"][name]


def odd_corpora(longest):
    """Every adversarial text with itself, with the next one, with several and with doubled references."""
    short = [text[:longest] for text in ADVERSARIAL]
    following = [*short[1:], short[0]]
    for text, other in zip(short, following, strict=True):
        yield [(text, [text])]
        yield [(text, [other, text, text])]
        yield [(other, [text]), (text, [other, other])]
    yield [(text, [text, other]) for text, other in zip(short, following, strict=True)]


def live(names, longest):
    for corpus in [*corpora(101, 25), *odd_corpora(SHORT)]:
        for name in names:
            yield corpus_value(OURS[name], corpus), ref_text.translation_score(name, corpus)
    for corpus in odd_corpora(longest):
        yield corpus_value(OURS[names[0]], corpus), ref_text.translation_score(names[0], corpus)


def multi30k(limit):
    """Real German references; the "system" is the next caption, or the reference without its middle word."""
    for config in ("test_2016_flickr", "test_2018_flickr"):
        rows = read_jsonl(next(Path(hub() / "bentrevett/multi30k").rglob(f"{config}*.jsonl")))[:limit]
        for language in ("de", "fr", "cs", "en"):
            texts = [row[language] for row in rows]
            cut = [" ".join(text.split()[:3] + text.split()[4:]) for text in texts]
            yield [(said, [text]) for said, text in zip(cut, texts, strict=True)]
            yield [
                (said, [text, other])
                for said, text, other in zip([*texts[1:], texts[0]], texts, [*texts[2:], *texts[:2]], strict=True)
            ]


def real(names, limit):
    for corpus in multi30k(limit):
        for name in names:
            yield corpus_value(OURS[name], corpus), ref_text.translation_score(name, corpus)


@compares(
    "bleu",
    definition="geometric mean of clipped n-gram precisions of order 1 to 4, times a brevity penalty",
    source="Papineni et al. 2002; Post 2018",
    reference=SACREBLEU,
    pitfalls=(
        "the mean of sentence BLEU is not corpus BLEU",
        "shards must add counts, not scores",
        "case, tokeniser and smoothing change the value: compare equal signatures only",
        "references are given sentence by sentence, and may differ in number",
        "Chinese, Japanese and Korean need zh, ja-mecab, ko-mecab or a sentencepiece tokeniser",
    ),
)
def bleu_vectors():
    yield from from_vectors(BLEU_NAMES)


@compares("bleu")
def bleu_live():
    yield from live(BLEU_NAMES, WHOLE)


@compares("bleu", data=True)
def bleu_multi30k():
    yield from real(("bleu", "bleu-intl", "bleu-zh"), limit=500)


@compares(
    "chrf",
    definition="F-beta of character (and word) n-gram precision and recall, averaged over orders, over the corpus",
    source="Popović 2015, 2017",
    reference=SACREBLEU,
    pitfalls=(
        "chrF++ is chrF with word n-grams up to order 2",
        "sacreBLEU averages precision and recall over orders that both texts have; chrF++.py averages F-scores",
        "of several references the one of the best segment score counts",
    ),
)
def chrf_vectors():
    yield from from_vectors(CHRF_NAMES)


@compares("chrf")
def chrf_live():
    yield from live(CHRF_NAMES, WHOLE)


@compares("chrf", data=True)
def chrf_multi30k():
    yield from real(("chrf", "chrf++"), limit=300)


@compares(
    "ter",
    definition="100 x edits (insertions, deletions, substitutions, shifts) over mean reference length",
    source="Snover et al. 2006; Tercom",
    reference=SACREBLEU,
    pitfalls=("lower-cases by default, unlike BLEU", "an empty reference set counts as 100 for any output"),
)
def ter_vectors():
    yield from from_vectors(TER_NAMES)


@compares("ter")
def ter_live():
    yield from live(TER_NAMES, SHORT)


@compares("ter", data=True)
def ter_multi30k():
    yield from real(("ter",), limit=60)


def sentence_means(metric, name, longest=SHORT):
    """Compare the mean of sentence scores, and single sentences."""
    official = ref_text.translation(name)
    sample = [*pairs(111, 120), *((text[:longest], [text[:longest], "a cat"]) for text in ADVERSARIAL)]
    scores = [official.sentence_score(said, wanted).score for said, wanted in sample]
    yield corpus_value(metric, sample), sum(scores) / len(scores)
    for pair, score in zip(sample, scores, strict=True):
        yield corpus_value(metric, [pair]), score


@compares(
    "sentence-bleu",
    definition="mean of sentence BLEU with effective order",
    source="Post 2018",
    reference=SACREBLEU,
    pitfalls=("without the effective order short sentences get next to nothing",),
)
def sentence_bleu():
    yield from sentence_means(SentenceBLEU(), "bleu-effective")


@compares("sentence-chrf", definition="mean of sentence chrF", source="Popović 2015", reference=SACREBLEU)
def sentence_chrf():
    yield from sentence_means(SentenceChrF(), "chrf")
    yield from sentence_means(SentenceChrF(word_order=2), "chrf++")


@compares("sentence-ter", definition="mean of sentence TER", source="Snover et al. 2006", reference=SACREBLEU)
def sentence_ter():
    yield from sentence_means(SentenceTER(), "ter")


test_comparisons = run_all(__name__)
