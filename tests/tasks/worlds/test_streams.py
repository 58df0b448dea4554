import doctest
from collections import Counter

import pytest

from mmbench.errors import DataError, UsageError
from mmbench_tasks.worlds import streams
from mmbench_tasks.worlds.streams import SPLITS, draw, split_of, stream


def test_examples_run():
    assert doctest.testmod(streams).failed == 0


def test_choices_are_the_same_on_every_machine():
    chance = stream("phrases", "1", "test", 0, 3)
    assert [chance.below(1000) for _ in range(4)] == [679, 330, 816, 258]
    assert chance.sample("abcdef", 3) == ["f", "d", "b"]
    assert chance.weighted("xyz", (1, 0, 3)) == "z"
    assert chance.fork("noise").below(1000) == 818


@pytest.mark.parametrize(
    "change",
    [
        ("a", "1", "test", 0, 1),
        ("a", "2", "test", 0, 0),
        ("b", "1", "test", 0, 0),
        ("a", "1", "train", 0, 0),
        ("a", "1", "test", 1, 0),
    ],
)
def test_every_part_of_the_address_matters(change):
    assert stream(*change).random() != stream("a", "1", "test", 0, 0).random()


def test_contents_belong_to_exactly_one_split_and_thirds_are_equal():
    counts = Counter(split_of(f"content {i}") for i in range(9000))
    assert set(counts) == set(SPLITS)
    assert all(2800 < count < 3200 for count in counts.values())


def test_drawn_splits_never_overlap_even_when_contents_are_few():
    drawn = {
        split: {
            draw(stream("w", "1", split, seed, i), split, lambda s: s.below(60), str)
            for seed in range(5)
            for i in range(200)
        }
        for split in SPLITS
    }
    assert not drawn["train"] & drawn["test"]
    assert not drawn["train"] & drawn["validation"]
    assert not drawn["validation"] & drawn["test"]
    assert set.union(*drawn.values()) == set(range(60))


def test_weights_and_samples_are_fair():
    chance = stream("w", "1", "train", 0, 0)
    counts = Counter(chance.weighted("ab", (1, 3)) for _ in range(4000))
    assert 900 < counts["a"] < 1100
    first = Counter(chance.shuffled("abcd")[0] for _ in range(4000))
    assert all(900 < count < 1100 for count in first.values())
    assert {chance.between(2, 4) for _ in range(100)} == {2, 3, 4}


def test_a_wrong_split_is_a_sentence_for_the_user():
    with pytest.raises(UsageError, match=r"Did you mean 'validation'\?"):
        stream("w", "1", "validatoin", 0, 0)


def test_a_world_without_content_for_a_split_says_so():
    with pytest.raises(DataError, match="Widen"):
        draw(stream("w", "1", "test", 0, 0), "test", lambda s: "a blue ball", str)
