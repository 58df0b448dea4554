"""Caption metrics: named pitfalls of the COCO scorer, document frequencies, and properties of any corpus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.captioning import CIDEr, CIDErD, CocoBLEU, CocoRougeL
from mmbench.metrics.ptb import ptb_tokenize
from mmbench.metrics.summarization import Rouge
from mmbench.metrics.translation import BLEU
from mmbench.schema import Prediction, Sample

METRICS = (*(CocoBLEU(order=order) for order in (1, 2, 3, 4)), CocoRougeL(), CIDErD(), CIDEr())
CAPTION = st.lists(st.sampled_from("a dog cat runs sits on the red mat , .".split()), max_size=9).map(" ".join)
CORPUS = st.lists(st.tuples(CAPTION, st.lists(CAPTION, min_size=1, max_size=4)), min_size=1, max_size=6)
DOGS = [("a dog runs", ["a dog runs fast", "the dog runs"]), ("a cat sits", ["a cat sits", "cat on mat"])]


def samples(corpus):
    return [Sample(f"s{place}", (), list(wanted), "") for place, (_, wanted) in enumerate(corpus)]


def vectors(metric, corpus):
    rows = samples(corpus)
    metric = metric.fit(rows) if isinstance(metric, CIDEr) else metric
    return metric, np.array(
        [metric.statistics(Prediction(said), row) for (said, _), row in zip(corpus, rows, strict=True)]
    )


def value(metric, corpus):
    metric, table = vectors(metric, corpus)
    return float(metric.aggregate(table.sum(0)))


def test_coco_bleu_is_not_sacrebleu():
    corpus = [("A man's dog, running.", ["a man 's dog runs", "the dog is running ."])]
    assert 100 * value(CocoBLEU(order=4), corpus) != pytest.approx(value(BLEU(), corpus), abs=1.0)


def test_coco_bleu_smooths_with_its_own_constants():
    counts = np.array([3.0, 3.0, 3.0, 0.0, 3.0, 2.0])
    expected = ((3 + 1e-15) / (3 + 1e-9) * 1e-15 / (2 + 1e-9)) ** 0.5
    assert float(CocoBLEU(order=2).aggregate(counts)) == pytest.approx(expected, rel=1e-12)


def test_coco_rouge_takes_precision_and_recall_from_different_references():
    said, long, short = "a dog runs", "a dog runs over the green field", "dog runs"
    precision, recall, weight = 1.0, 1.0, 1.2**2
    expected = (1 + weight) * precision * recall / (recall + weight * precision)
    assert value(CocoRougeL(), [(said, [long, short])]) == pytest.approx(expected)
    assert max(value(CocoRougeL(), [(said, [long])]), value(CocoRougeL(), [(said, [short])])) < expected


def test_coco_rouge_is_not_rouge_score():
    corpus = [("a dog runs", ["a dog runs over the field"])]
    assert value(CocoRougeL(), corpus) != pytest.approx(value(Rouge("L"), corpus), abs=0.01)


def test_an_empty_caption_equals_an_empty_reference_for_coco_rouge():
    assert value(CocoRougeL(), [("...", [""])]) == pytest.approx(1.0)
    assert value(CocoRougeL(), [("", ["a dog"])]) == 0.0


def test_cider_depends_on_the_samples_it_is_fitted_to():
    whole = CIDErD().fit(samples(DOGS))
    part = CIDErD().fit(samples(DOGS[:1]))
    row = samples(DOGS)[0]
    assert whole.statistics(Prediction("a dog runs"), row)[0] > part.statistics(Prediction("a dog runs"), row)[0]
    assert whole.signature != part.signature


def test_one_document_alone_scores_nothing():
    assert value(CIDErD(), DOGS[:1]) == 0.0


def test_fit_does_not_depend_on_order():
    rows = samples(DOGS)
    forwards, backwards = CIDErD().fit(rows), CIDErD().fit(rows[::-1])
    assert forwards.signature == backwards.signature
    assert forwards.frequencies == backwards.frequencies


def test_cider_without_fit_says_so():
    with pytest.raises(MetricError, match=r"cider-d: sample 's0': no document frequencies\. Call fit"):
        CIDErD().statistics(Prediction("a dog"), samples(DOGS)[0])


def test_cider_d_clips_counts_and_punishes_length_where_cider_does_not():
    corpus = [("dog dog dog dog dog dog", ["dog runs", "the dog"]), ("cat", ["a cat", "cat sits"])]
    assert value(CIDErD(), corpus) < value(CIDEr(), corpus)


def test_raw_text_is_not_what_the_coco_scorer_compares():
    corpus = [("A dog's ball.", ["a dog 's ball", "the ball"]), ("Cat!", ["a cat", "cat ."])]
    assert value(CIDErD("none"), corpus) < value(CIDErD(), corpus)
    assert value(CocoBLEU("none"), corpus) < value(CocoBLEU(), corpus)


def test_a_mixed_fraction_is_one_token_for_rouge_and_two_for_bleu():
    assert ptb_tokenize("2 1/2 dogs") == "2\u00a01/2 dogs"
    assert CocoBLEU(order=1).statistics(Prediction("2 1/2 dogs"), Sample("x", (), "2 dogs", ""))[0] == 3.0
    assert value(CocoRougeL(), [("2 1/2 dogs", ["2 dogs"])]) == pytest.approx(0.5)


def test_unknown_options_are_refused():
    with pytest.raises(UsageError, match="unknown tokenizer 'PTB'"):
        CIDErD("PTB")
    with pytest.raises(UsageError, match="unknown order '5'"):
        CocoBLEU(order=5)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_no_reference_at_all_is_an_error(metric):
    metric = metric.fit(samples(DOGS)) if isinstance(metric, CIDEr) else metric
    with pytest.raises(MetricError, match=r"sample 's1': target must be .*at least one"):
        metric.statistics(Prediction("a"), Sample("s1", (), [], ""))


@given(CORPUS, st.sampled_from(METRICS), st.randoms(use_true_random=False))
def test_order_and_grouping_do_not_matter(corpus, metric, chance):
    fitted, table = vectors(metric, corpus)
    whole = fitted.aggregate(table.sum(0))
    chance.shuffle(corpus)
    fitted, again = vectors(metric, corpus)
    cut = chance.randint(0, len(corpus))
    np.testing.assert_allclose(
        fitted.aggregate(again[:cut].sum(0) + again[cut:].sum(0)), whole, rtol=1e-9, atol=1e-12
    )


@given(CORPUS, st.sampled_from(METRICS))
def test_values_are_in_range_for_any_leading_axes(corpus, metric):
    fitted, table = vectors(metric, corpus)
    totals = np.random.default_rng(0).poisson(1.0, (2, 3, len(table))) @ table
    values = fitted.aggregate(totals)
    assert values.shape == (2, 3)
    low, high = metric.range
    values = values[~np.isnan(values)]
    assert ((values >= low) & (values <= high + 1e-9)).all()


@given(CORPUS)
def test_references_in_any_order_and_doubled_for_bleu_and_rouge(corpus):
    turned = [(said, [*wanted[::-1], wanted[0]]) for said, wanted in corpus]
    for metric in METRICS[:5]:
        assert value(metric, turned) == pytest.approx(value(metric, corpus), rel=1e-9)


def test_a_perfect_caption_gets_the_best_value():
    words = "one two three four five six seven eight nine ten eleven twelve".split()
    corpus = [(text, [text]) for text in (" ".join(words[:5]), " ".join(words[5:]))]
    for metric in METRICS:
        assert value(metric, corpus) == pytest.approx(metric.range[1], rel=1e-6)
