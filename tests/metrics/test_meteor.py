"""METEOR over exact and stem matches: alignment and score by hand, the stemmer, properties of any corpus."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.snowball import SnowballStemmer

from mmbench.errors import MetricError
from mmbench.metrics.meteor import MeteorExactStem, align
from mmbench.metrics.snowball import stem
from mmbench.schema import Prediction, Sample

CAPTION = st.lists(st.sampled_from("a the dog dogs cat run runs running on red".split()), max_size=9).map(" ".join)
CORPUS = st.lists(st.tuples(CAPTION, st.lists(CAPTION, min_size=1, max_size=3)), min_size=1, max_size=5)
METRIC = MeteorExactStem()


def vectors(corpus):
    return np.array(
        [
            METRIC.statistics(Prediction(said), Sample(f"s{place}", (), list(wanted), ""))
            for place, (said, wanted) in enumerate(corpus)
        ]
    )


def value(*corpus):
    return float(METRIC.aggregate(vectors(corpus).sum(0)))


def test_the_score_by_hand():
    # content: dog (exact), runs-running (stem); function: a (exact); "the" is unmatched; three chunks
    precision = recall = (0.75 * (1 + 0.6) + 0.25 * 1) / (0.75 * 2 + 0.25 * 2)
    mean = precision * recall / (0.85 * precision + 0.15 * recall)
    assert value(("a dog runs the", ["a running dog by"])) == pytest.approx((1 - 0.6 * (3 / 3) ** 0.2) * mean)


def test_alignments_prefer_weight_then_few_chunks_then_nearness():
    assert align(("dogs",), ("dog", "dogs")) == ([(0, 1)], 1)
    assert align(("the", "dog"), ("the", "cat", "the", "dog")) == ([(0, 2), (1, 3)], 1)
    assert align(("x", "the"), ("the", "y", "z", "q", "the")) == ([(1, 0)], 1)


def test_a_perfect_segment_is_not_fragmented_however_many_there_are():
    assert value(("a dog", ["a dog"]), ("the cat", ["a cat", "the cat"])) == 1.0


def test_the_corpus_score_is_not_the_mean_of_segments():
    corpus = [("a dog", ["a dog"]), ("the red cat runs", ["a bird"])]
    assert value(*corpus) != pytest.approx(np.mean([value(pair) for pair in corpus]), abs=0.01)


def test_nothing_in_common_scores_nothing():
    assert value(("dog", ["cat"])) == value(("", ["cat"])) == value(("dog", [""])) == value(("", [""])) == 0.0


def test_its_name_and_signature_do_not_claim_to_be_meteor():
    assert METRIC.name == "meteor-exact-stem"
    assert METRIC.signature.startswith(
        "meteor-exact-stem|nrefs:var|case:lc|tok:ptb-3.4.1|modules:exact-1,stem-0.6|"
    )


def test_no_reference_at_all_is_an_error():
    with pytest.raises(MetricError, match=r"meteor-exact-stem: sample 's0': target must be .*at least one"):
        vectors([("a", [])])


def test_one_word_very_often_is_no_trouble():
    assert value(("dog " * 1_000, ["dog " * 1_000])) > 0.99


@given(CORPUS, st.randoms(use_true_random=False))
def test_order_and_grouping_do_not_matter(corpus, chance):
    whole = METRIC.aggregate(vectors(corpus).sum(0))
    chance.shuffle(corpus)
    table = vectors(corpus)
    cut = chance.randint(0, len(corpus))
    np.testing.assert_allclose(METRIC.aggregate(table[:cut].sum(0) + table[cut:].sum(0)), whole, rtol=1e-9)


@given(CORPUS)
def test_values_are_in_range_for_any_leading_axes(corpus):
    table = vectors(corpus)
    values = METRIC.aggregate(np.random.default_rng(0).poisson(1.0, (2, 3, len(table))) @ table)
    assert values.shape == (2, 3)
    assert ((values >= 0) & (values <= 1 + 1e-12)).all()


@given(CAPTION.filter(str.strip))
def test_a_perfect_caption_gets_one(caption):
    assert value((caption, ["x", caption])) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "word", ["skies", "dying", "early", "generously", "communism", "earring", "bias", "'tis", "", "y"]
)
def test_words_that_the_stemmer_treats_apart(word):
    assert stem(word) == SnowballStemmer("english").stem(word)


def test_words_are_stemmed_as_nltk_does():
    # -izer, -ization and -ational after a vowel are left out: there NLTK departs from the published algorithm
    chance, nltk = random.Random(0), SnowballStemmer("english")
    endings = (
        "tional enci anci abli entli alism aliti alli fulness ousli ousness iveness iviti biliti bli fulli lessli"
    )
    endings += (
        " ogi li alize icate iciti ical ful ness ative al ance ence er ic able ible ant ement ment ent ism ate iti"
    )
    endings += " ous ive ize sion tion s es ies sses us ed ied eed eedly edly ing ingly y ying 's"
    for _ in range(15_000):
        word = "".join(chance.choices("bcdlnrstwxz", k=2)) + "".join(
            chance.choices("aeiouybcdlnrst", k=chance.randint(0, 4))
        )
        word += chance.choice(endings.split())
        assert stem(word) == nltk.stem(word), word
