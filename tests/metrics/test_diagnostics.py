"""Variety, length, empty answers and refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.metrics.diagnostics import AnswerLength, Distinct, EmptyRate, RefusalRate, is_refusal
from mmbench.schema import Prediction, Sample

SAMPLE = Sample("x", (), None, "")


def counts(metric, text):
    return metric.statistics(Prediction(text), SAMPLE).tolist()


def test_distinct_counts_new_ngrams_of_one_answer():
    assert counts(Distinct(1), "The dog, the cat") == [3.0, 4.0]
    assert counts(Distinct(2), "a b a b") == [2.0, 3.0]
    assert counts(Distinct(2), "one") == [0.0, 0.0]


def test_distinct_does_not_fall_with_the_size_of_the_corpus():
    one = Distinct(2).statistics(Prediction("a dog runs"), SAMPLE)
    assert float(Distinct(2).aggregate(one)) == float(Distinct(2).aggregate(1000 * one)) == 1.0


def test_length_and_emptiness():
    assert counts(AnswerLength(), " two  words\n") == [2.0, 1.0]
    assert counts(EmptyRate(), " \n") == [1.0, 1.0]
    assert counts(EmptyRate(), ".") == [0.0, 1.0]


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot identify people in photos.",
        "I am unable to view images.",
        "Sorry, I can't assist with that request.",
        "As an AI language model, I do not have eyes.",
        "I must decline to answer.",
        "Unable to determine from the picture.",
        "We're not able to process this.",
        "Unfortunately I cannot\nreally answer this question.",
        "My apologies, it seems that I'm unable to open it.",
    ],
)
def test_refusals(text):
    assert is_refusal(text)
    assert counts(RefusalRate(), text) == [1.0, 1.0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No.",
        "The sign says: sorry, we are closed.",
        "He can't help laughing.",
        "A man who cannot see walks with a dog.",
        "The woman is sorry that she left.",
        "An assistant helps the customer.",
        "They decline the offer.",
        "I can see two dogs.",
        "You can't answer the phone while driving.",
    ],
)
def test_answers_that_only_sound_like_refusals(text):
    assert not is_refusal(text)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_values_are_in_range_and_parts_add_up(texts):
    for metric in (Distinct(1), Distinct(2), AnswerLength(), EmptyRate(), RefusalRate()):
        table = np.array([metric.statistics(Prediction(text), SAMPLE) for text in texts])
        whole = metric.aggregate(table.sum(0))
        np.testing.assert_array_equal(metric.aggregate(table[:1].sum(0) + table[1:].sum(0)), whole)
        assert np.isnan(whole) or metric.range[0] <= whole <= metric.range[1]
