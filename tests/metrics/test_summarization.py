"""ROUGE and what a summary takes from its source: named pitfalls, worked cases, properties of any corpus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.summarization import (
    Compression,
    Coverage,
    Density,
    Repetition,
    Rouge,
    extractive_fragments,
)
from mmbench.schema import Prediction, Sample

KINDS = ("1", "2", "L", "Lsum")
TEXT = st.lists(st.sampled_from("the cats sat running happily é 3 . \n".split(" ")), max_size=12).map(" ".join)
CORPUS = st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3)), min_size=1, max_size=5)


def vectors(metric, corpus):
    return np.array(
        [
            metric.statistics(Prediction(said), Sample(f"s{place}", (), list(wanted), ""))
            for place, (said, wanted) in enumerate(corpus)
        ]
    )


def score(metric, said, *wanted):
    return float(vectors(metric, [(said, wanted)])[0, 0])


def against(metric, summary, document):
    sample = Sample("x", (), "", "", info={"document": document})
    return metric.statistics(Prediction(summary), sample).tolist()


def test_lsum_is_not_l():
    said, wanted = "the dog barks\nthe cat sat", "the cat sat\nthe dog barks"
    assert score(Rouge("Lsum"), said, wanted) == 1.0
    assert score(Rouge("L"), said, wanted) == 0.5


def test_spaces_for_newlines_turn_lsum_into_l():
    said, wanted = "the dog barks\nthe cat sat", "the cat sat\nthe dog barks"
    flat = said.replace("\n", " "), wanted.replace("\n", " ")
    assert score(Rouge("Lsum"), *flat) == score(Rouge("L"), *flat) == score(Rouge("L"), said, wanted)


def test_other_scripts_score_nothing_against_themselves():
    assert score(Rouge("1"), "你好 世界", "你好 世界") == 0.0
    assert score(Rouge("1"), "café", "cafe") == 0.0
    assert score(Rouge("1"), "café", "caf") == 1.0


def test_the_stemmer_leaves_words_of_three_letters():
    assert score(Rouge("1", stemmer=True), "running cats", "run cat") == 1.0
    assert score(Rouge("1", stemmer=True), "was", "wa") == 0.0


def test_the_best_reference_counts_for_each_kind_apart():
    said, first, second = "a b c d", "d c b a", "a b x y z"
    assert score(Rouge("1"), said, first, second) == 1.0
    assert score(Rouge("2"), said, first, second) == score(Rouge("2"), said, second)


def test_precision_and_recall_are_those_of_the_best_f():
    said, full, short = "a b c d", "a b c d e f", "a"
    assert score(Rouge("1", measure="precision"), said, full, short) == 1.0
    assert score(Rouge("1", measure="recall"), said, full, short) == pytest.approx(4 / 6)


def test_a_token_counts_once_in_lsum():
    assert score(Rouge("Lsum", measure="precision"), "the", "the\nthe\nthe") == 1.0
    assert score(Rouge("Lsum", measure="recall"), "the", "the\nthe\nthe") == pytest.approx(1 / 3)


def test_punctuation_and_empty_texts_score_nothing():
    for kind in KINDS:
        assert score(Rouge(kind), "?!", "!?") == score(Rouge(kind), "", "") == score(Rouge(kind), "a", "") == 0.0


def test_ten_thousand_words_are_no_trouble():
    text = " ".join(f"w{place % 977}" for place in range(10_000))
    for kind in KINDS:
        assert score(Rouge(kind), text, text) == 1.0


def test_every_option_that_changes_the_value_changes_signature_and_name():
    variants = [
        Rouge(kind, stem, measure)
        for kind in KINDS
        for stem in (False, True)
        for measure in ("fmeasure", "recall")
    ]
    assert (
        len({metric.signature for metric in variants})
        == len({metric.name for metric in variants})
        == len(variants)
    )


def test_unknown_options_are_refused_with_a_hint():
    with pytest.raises(UsageError, match=r"rouge: unknown kind 'LSum'\. Did you mean 'Lsum'\?"):
        Rouge("LSum")
    with pytest.raises(UsageError, match="unknown measure 'f1'"):
        Rouge("1", measure="f1")


def test_no_reference_at_all_is_an_error():
    with pytest.raises(MetricError, match=r"rougeL: sample 's0': target must be .*at least one"):
        vectors(Rouge("L"), [("a", [])])


@given(CORPUS, st.sampled_from(KINDS), st.booleans(), st.randoms(use_true_random=False))
def test_order_and_grouping_do_not_matter(corpus, kind, stemmer, chance):
    metric = Rouge(kind, stemmer)
    whole = metric.aggregate(vectors(metric, corpus).sum(0))
    chance.shuffle(corpus)
    table = vectors(metric, corpus)
    cut = chance.randint(0, len(corpus))
    np.testing.assert_allclose(metric.aggregate(table[:cut].sum(0) + table[cut:].sum(0)), whole, rtol=1e-12)


@given(CORPUS, st.sampled_from(KINDS), st.booleans())
def test_values_are_in_range_and_references_may_turn(corpus, kind, stemmer):
    metric = Rouge(kind, stemmer)
    table = vectors(metric, corpus)
    assert ((table[:, 0] >= 0) & (table[:, 0] <= 1)).all()
    turned = [(said, [*wanted[::-1], wanted[0]]) for said, wanted in corpus]
    np.testing.assert_allclose(vectors(metric, turned), table, rtol=1e-12)


@given(TEXT, TEXT, st.sampled_from(("1", "2", "L")))
def test_f_is_symmetric(left, right, kind):
    assert score(Rouge(kind), left, right) == pytest.approx(score(Rouge(kind), right, left))


@given(TEXT.filter(lambda text: any(word.isascii() and word.isalnum() for word in text.split())))
def test_a_perfect_prediction_gets_one(text):
    for kind in ("1", "L", "Lsum"):
        assert score(Rouge(kind), text, "nothing", text) == pytest.approx(1.0)


def test_fragments_are_the_longest_runs_from_the_left():
    document = "the cat sat on the mat and the cat slept".split()
    assert extractive_fragments("the cat slept".split(), document) == [3]
    assert extractive_fragments("a cat sat and slept".split(), document) == [2, 1, 1]
    assert extractive_fragments("nothing shared".split(), document) == []
    assert extractive_fragments([], document) == extractive_fragments(["a"], []) == []


def test_the_search_for_fragments_goes_on_behind_each_run():
    # the run "a b" ends at place 2, so the longer run "b c d" that begins inside it is not tried from place 1
    assert extractive_fragments("a a b".split(), "a a a b".split()) == [2, 1]


def test_coverage_density_and_compression_by_hand():
    document, summary = "The cat sat on the mat.", "the cat ate the mat"
    assert against(Coverage(), summary, document) == [pytest.approx(4 / 5), 1.0]
    assert against(Density(), summary, document) == [pytest.approx((4 + 4) / 5), 1.0]
    assert against(Compression(), summary, document) == [pytest.approx(7 / 5), 1.0]


def test_an_empty_summary_covers_nothing_and_has_no_compression():
    assert against(Coverage(), "", "a text") == against(Density(), " ", "a text") == [0.0, 1.0]
    assert against(Compression(), "", "a text") == [0.0, 0.0]


def test_a_missing_document_is_told():
    with pytest.raises(MetricError, match=r"coverage: sample 'x': info\['document'\] must be a string, not None"):
        Coverage().statistics(Prediction("a"), Sample("x", (), "", ""))


def test_repetition_counts_what_came_before():
    sample = Sample("x", (), "", "")
    assert Repetition(2).statistics(Prediction("a b a b a b"), sample).tolist() == [3.0, 5.0]
    assert Repetition().statistics(Prediction("one two three"), sample).tolist() == [0.0, 0.0]
    assert np.isnan(Repetition().aggregate(np.zeros(2)))
