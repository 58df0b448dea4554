import math

import numpy as np
import pytest

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.perplexity import NLL, BitsPerByte, ExcessBits, Perplexity, count_bytes, count_words
from mmbench.schema import Prediction


@pytest.fixture
def scored(make_sample):
    """Return a function from (metric, [(text, log-probability, tokens)]) to the value."""

    def value(metric, rows, bits=0.0):
        return float(
            metric.aggregate(
                sum(
                    metric.statistics(
                        Prediction(logprob=logprob, tokens=tokens), make_sample(text, info={"bits": bits})
                    )
                    for text, logprob, tokens in rows
                )
            )
        )

    return value


def test_a_leading_or_trailing_space_adds_an_empty_word():
    assert [count_words(text) for text in ("a b", " a b", "a b ", " a  b ", "")] == [2, 3, 3, 4, 1]


def test_bytes_are_utf_8():
    assert count_bytes("é你😀") == 2 + 3 + 4


def test_the_mean_of_texts_perplexities_is_not_the_corpus_perplexity(scored):
    easy, hard = ("a b", -1.0, 2), ("c d", -9.0, 2)
    each = [scored(Perplexity("word"), [row]) for row in (easy, hard)]
    assert scored(Perplexity("word"), [easy, hard]) == pytest.approx(math.exp(10 / 4))
    assert np.mean(each) > 3 * scored(Perplexity("word"), [easy, hard])


def test_tokenizers_change_token_perplexity_and_no_other(scored):
    coarse, fine = [("some text", -8.0, 2)], [("some text", -8.0, 4)]
    assert scored(Perplexity("token"), coarse) != scored(Perplexity("token"), fine)
    for metric in (Perplexity("word"), Perplexity("byte"), BitsPerByte(), ExcessBits()):
        assert scored(metric, coarse) == scored(metric, fine)


def test_units(scored):
    rows = [("abcd", -4 * math.log(2), 2)]
    assert scored(BitsPerByte(), rows) == pytest.approx(1.0)
    assert scored(Perplexity("byte"), rows) == pytest.approx(2.0)
    assert scored(NLL(), rows) == pytest.approx(2 * math.log(2))
    assert scored(ExcessBits("byte"), rows, bits=3.0) == pytest.approx(0.25)


def test_a_model_that_knows_the_source_has_no_excess(scored):
    assert scored(ExcessBits(), [("heads tails", -2 * math.log(2), 2)], bits=2.0) == pytest.approx(0.0)


def test_hopeless_models_are_infinite_not_an_overflow(scored):
    assert scored(Perplexity("word"), [("a", -1e6, 1)]) == math.inf
    assert scored(Perplexity("token"), [("a", float("-inf"), 1)]) == math.inf


def test_the_standard_error_is_of_a_ratio_and_both_sides_of_it_are_kept(make_sample):
    """Resampling texts must move the number of words too."""
    row = Perplexity("word").statistics(Prediction(logprob=-3.0, tokens=5), make_sample("one two three"))
    np.testing.assert_array_equal(row, [3.0, 3.0])


def test_what_is_missing_is_told(make_sample):
    with pytest.raises(MetricError, match=r"word-perplexity: sample 'x': prediction\.logprob must be"):
        Perplexity().statistics(Prediction(), make_sample("a"))
    with pytest.raises(MetricError, match=r"nll: sample 'x': prediction\.tokens must be the number"):
        NLL().statistics(Prediction(logprob=-1.0), make_sample("a"))
    with pytest.raises(MetricError, match=r"info\['bits'\] must be the text's information in bits, not None"):
        ExcessBits().statistics(Prediction(logprob=-1.0, tokens=1), make_sample("a"))
    with pytest.raises(UsageError, match=r"unknown unit 'words'\. Did you mean 'word'"):
        Perplexity("words")


def test_signatures_say_how_units_are_counted():
    assert Perplexity().signature == "perplexity|per:word|counted:white-space|pooled:corpus|version:1"
    assert ExcessBits("byte").name == "excess-bits-per-byte"
