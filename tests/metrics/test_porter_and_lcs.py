"""The stemmer against NLTK's, and common subsequences against those that rouge-score reads out."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer

from mmbench.metrics.lcs import lcs_length, lcs_positions, union_lcs
from mmbench.metrics.porter import stem

SUFFIXES = (
    "ational tional enci anci izer bli abli alli entli eli ousli ization ation ator alism iveness fulness"
    " ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er ic able"
    " ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize e ll s es ies sses ss ed ied eed"
    " ing y ying lly"
).split()
TOKENS = st.lists(st.sampled_from("abcd"), max_size=12)


def test_made_up_words_are_stemmed_as_nltk_does():
    chance, nltk = random.Random(0), PorterStemmer()
    for _ in range(20_000):
        word = "".join(chance.choices("aeiouybcdlnrstwxz1", k=chance.randint(0, 5)))
        word += "".join(chance.choices(SUFFIXES, k=chance.randint(0, 3)))
        assert stem(word) == nltk.stem(word), word


@pytest.mark.parametrize(
    "word", ["skies", "dying", "news", "innings", "howe", "succeed", "ties", "tied", "enjoy", "spy", "a", ""]
)
def test_words_that_nltk_treats_apart(word):
    assert stem(word) == PorterStemmer().stem(word)


@given(TOKENS, TOKENS)
def test_subsequences_are_those_that_rouge_score_reads_out(reference, candidate):
    assert sorted(lcs_positions(reference, candidate)) == rouge_scorer.lcs_ind(reference, candidate)
    assert lcs_length(reference, candidate) == len(rouge_scorer.lcs_ind(reference, candidate))


@given(TOKENS, st.lists(TOKENS, max_size=4))
def test_unions_are_those_of_rouge_score(reference, candidates):
    assert union_lcs(reference, candidates) == rouge_scorer._union_lcs(reference, candidates)
