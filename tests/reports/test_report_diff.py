"""Word-level differences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench_reports.diff import Piece, diff

WORDS = st.lists(st.sampled_from(["the", "cat", "Cat", "sat.", "on", "a", "mat,", "猫", "é"]), max_size=12)


def _told(answer, *targets):
    return [(piece.kind, piece.text.strip()) for piece in diff(answer, targets)]


def test_extra_and_missing_words_are_told_apart():
    told = _told("Elif and Farid moved the tent.", "Hugo and Farid moved the drill.")
    assert told == [
        ("missing", "Hugo"),
        ("extra", "Elif"),
        ("same", "and Farid moved the"),
        ("missing", "drill"),
        ("extra", "tent"),
        ("same", "."),
    ]


def test_the_nearest_target_is_compared_with():
    assert _told("a b c d", "x y z", "a b c e")[0] == ("same", "a b c")


def test_languages_without_spaces_are_compared_by_character():
    assert ("same", "が好きです") in _told("猫が好きです", "犬が好きです")


@pytest.mark.parametrize(
    ("answer", "target"),
    [
        ("the same words", "The  same words"),
        ("yes", "no"),
        ("nothing here is alike", "completely other text than that"),
        ("", "a b c"),
        ("a b c", ""),
        ("word " * 1000, "word " * 999),
    ],
)
def test_there_is_no_diff_where_it_teaches_nothing(answer, target):
    assert diff(answer, [target]) == []


def test_there_is_no_diff_without_a_target():
    assert diff("a b c d", []) == []


@given(WORDS, WORDS, st.sampled_from([" ", "  ", "\n"]))
def test_without_what_is_missing_the_pieces_are_the_answer(ours, theirs, space):
    answer, target = space.join(ours), " ".join(theirs)
    pieces = diff(answer, [target])
    if pieces:
        assert "".join(piece.text for piece in pieces if piece.kind != "missing") == answer
        kept = "".join(piece.text for piece in pieces if piece.kind != "extra")
        assert "".join(kept.casefold().split()) == "".join(target.casefold().split())


@given(st.text(max_size=20))
def test_parts_of_a_piece_are_its_text(text):
    assert "".join(Piece("same", text).parts) == text
