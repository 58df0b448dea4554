"""Language modelling: texts have one derivation, so that their probability is known without rounding."""

import math
from fractions import Fraction
from itertools import islice, pairwise

import pytest

from mmbench.errors import UsageError
from mmbench_tasks.worlds.lm import grammar, lm_rows, words
from mmbench_tasks.worlds.lm.chooser import Sampler, derivations
from mmbench_tasks.worlds.lm.grammar import Vocabulary, story
from mmbench_tasks.worlds.lm.rows import vocabulary_of
from mmbench_tasks.worlds.streams import SPLITS, stream


def take(count, split="test", **chosen):
    return list(islice(lm_rows(split, **chosen), count))


@pytest.fixture
def small(monkeypatch):
    """A vocabulary so small that all texts can be listed."""
    for name in (
        "WAYS",
        "WAY_WEIGHTS",
        "MOVES",
        "STANDS",
        "STATES",
        "MEETINGS",
        "ROOMS",
        "MOODS",
        "WEATHER",
        "JOBS",
    ):
        monkeypatch.setattr(words, name, getattr(words, name)[:1])
    monkeypatch.setattr(words, "WAYS", (("buys", "bought", ("at the market", "in a shop")),))
    monkeypatch.setattr(words, "TOWNS", ("Oslo",))
    monkeypatch.setattr(words, "WOMEN", ("Ada", "Bela"))
    monkeypatch.setattr(words, "MEN", ("Adam",))
    nouns = {"lamp": (("green", "old"), (3, 1)), "clock": (("round",), (2,)), "boat": (("blue",), (1,))}
    return Vocabulary((("Ada", "Oslo"), ("Adam", "Oslo")), nouns, (1, 2), False)


@pytest.mark.parametrize("level", range(1, 6))
def test_all_texts_of_a_small_grammar_have_one_derivation_and_sum_to_one(small, level):
    found = derivations(lambda choose: story(choose, small, level))
    texts = [text for text, _ in found]
    assert len(texts) > 100
    assert len(set(texts)) == len(texts)
    assert sum(probability for _, probability in found) == Fraction(1)


def test_the_true_entropy_of_a_small_grammar_is_the_mean_information_content(small):
    exact = sum(float(p) * -math.log2(p) for _, p in derivations(lambda choose: story(choose, small, 2)))
    bits = []
    for index in range(4000):
        sampler = Sampler(stream("test", "1", "test", 0, index))
        story(sampler, small, 2)
        bits.append(sampler.bits)
    assert abs(sum(bits) / len(bits) - exact) < 0.1


@pytest.mark.parametrize("level", range(1, 6))
@pytest.mark.parametrize("holdout", ["never", "only"])
def test_bits_are_those_of_an_exhaustive_search(level, holdout):
    for row in take(3, difficulty=level, holdout=holdout):
        vocabulary = vocabulary_of("test", row["holdout"])
        found = derivations(lambda choose: story(choose, vocabulary, level), row["text"])  # noqa: B023
        assert len(found) == 1
        probability = found[0][1]
        assert row["bits"] == pytest.approx(-math.log2(probability), abs=1e-9)


def test_a_text_that_the_grammar_does_not_tell_has_no_derivation():
    row = take(1)[0]
    vocabulary = vocabulary_of("test", "")
    assert derivations(lambda choose: story(choose, vocabulary, 3), row["text"].replace(".", "!", 1)) == []


def test_weights_count():
    sampler = Sampler(stream("test", "1", "test", 0, 0))
    sampler.pick("ab", (3, 1))
    sampler.pick("abcd")
    assert sampler.bits in (pytest.approx(2 + math.log2(4 / 3)), pytest.approx(4))


def test_bits_without_the_split_are_larger_by_a_constant():
    openings = {split: len(vocabulary_of(split, "").openings) for split in SPLITS}
    assert sum(openings.values()) == len((*words.WOMEN, *words.MEN)) * len(words.TOWNS)
    for split in SPLITS:
        extra = math.log2(sum(openings.values()) / openings[split])
        for row in take(5, split):
            assert row["bits_unsplit"] - row["bits"] == pytest.approx(extra)


def test_what_follows_from_the_state_costs_nothing():
    """The recap of level 5 is long, and free."""
    for row in take(50, difficulty=5, holdout="never"):
        head, _, recap = row["text"].rpartition(" In all, ")
        vocabulary = vocabulary_of("test", "")
        assert recap
        sampler_bits = derivations(lambda choose: story(choose, vocabulary, 4), head)  # noqa: B023
        if sampler_bits:
            assert row["bits"] == pytest.approx(-math.log2(sampler_bits[0][1]), abs=1e-9)
            break
    else:
        pytest.fail("no text of level 5 goes on from one of level 4")


def test_rows_are_whole():
    for level in range(1, 6):
        for row in take(100, difficulty=level):
            assert row["words"] == len(row["text"].split())
            assert row["bits"] > 20
            assert "  " not in row["text"]
            assert row["text"].endswith(".")


def test_random_access_and_determinism():
    assert take(5, start=40) == take(45)[40:]
    assert take(5, seed=1) != take(5)


def test_no_text_is_in_two_splits():
    for level in (1, 3, 5):
        texts = [{row["text"] for row in take(2000, split, difficulty=level)} for split in SPLITS]
        assert sum(map(len, texts)) == len(set.union(*texts))


def test_openings_tell_the_splits_apart():
    openings = [set(vocabulary_of(split, "").openings) for split in SPLITS]
    assert sum(map(len, openings)) == len(set.union(*openings)) == 960


def adjectives_in(text, nouns):
    return {
        (noun, adjective) for noun in nouns for adjective in words.NOUNS[noun] if f" {adjective} {noun}" in text
    }


def test_training_never_shows_what_is_held_out():
    plain, rare = vocabulary_of("train", ""), vocabulary_of("test", "pair")
    for noun in words.NOUNS:
        assert len(rare.nouns[noun][0]) == 1
        assert not set(plain.nouns[noun][0]) & set(rare.nouns[noun][0])
    held = {(noun, adjective) for noun, (adjectives, _) in rare.nouns.items() for adjective in adjectives}
    for row in take(500, "train", difficulty=5):
        assert not adjectives_in(row["text"], words.NOUNS) & held
        assert 6 <= row["text"].count(".") <= 8
    for row in take(60, holdout="only"):
        if row["holdout"] == "pair" and (there := adjectives_in(row["text"], words.NOUNS)):
            assert there <= held
        if row["holdout"] == "length":
            assert row["text"].count(".") >= 8


def test_unusual_orders_come_only_where_they_are_held_out():
    class Watch(Sampler):
        def pick(self, options, weights=None):
            made = super().pick(options, weights)
            if made in grammar._KINDS:
                kinds.append(made)
            return made

    for kind, expected in (("", False), ("structure", True)):
        for index in range(200):
            kinds = []
            story(Watch(stream("test", "1", "test", 0, index)), vocabulary_of("test", kind), 4)
            orders = set(pairwise(kinds))
            assert bool(orders & grammar.UNUSUAL) == expected


def test_less_is_new_in_each_word_of_the_last_levels():
    per_word = []
    for level in (3, 4, 5):
        drawn = take(300, difficulty=level, holdout="never")
        per_word.append(sum(row["bits"] for row in drawn) / sum(row["words"] for row in drawn))
    assert per_word == sorted(per_word, reverse=True)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"difficulty": 7}, "levels go from 1 to 5"),
        ({"holdout": "x"}, "no holdout 'x'"),
        ({"split": "a"}, "no split 'a'"),
    ],
)
def test_wrong_options(chosen, message):
    with pytest.raises(UsageError, match=message):
        take(1, **chosen)
