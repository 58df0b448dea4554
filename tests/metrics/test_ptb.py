"""PTB tokens: the quirks of the COCO scorer by name. Equality with the Java program is in conformance/."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.metrics.ptb import ptb_tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A man, a dog; and: it is -- here... (yes)!", "a man a dog and it is here -lrb- yes -rrb-"),
        ("isn't it John's? They'll've gone", "is n't it john 's they 'll 've gone"),
        ("cannot gonna Gotta lemme", "can not gon na got ta lem me"),
        ("'tis rock 'n' roll o'clock", "'t is rock 'n' roll o'clock"),
        ("Mr. Smith of St. John's Inc. lives here etc.", "mr. smith of st. john 's inc. lives here etc."),
        ("the U.S. at 7:30 a.m. on Jan. 5", "the u.s. at 7:30 a.m. on jan. 5"),
        ("No. 5 and no. Fig. 3 fig.", "no. 5 and no fig. 3 fig"),
        ("plan B. The end", "plan b the end"),
        ("plan B. is on", "plan b. is on"),
        ("the end., and", "the end. and"),
        ("2 1/2 and ½ of (555) 123-4567", "2\u00a01/2 and 1/2 of -lrb-555-rrb-\u00a0123-4567"),
        ("$20 £5 €3 50% AT&T &amp; C++", "$ 20 # 5 $ 3 50 % at&t & c++"),
        ("state-of-the-art t-shirt and/or 5-6", "state-of-the-art t-shirt and/or 5-6"),
        ("a \"b\" ``c'' “d” ‘e’ «f»", "a b c d e f"),
        ("http://a.bc/d?e=f. me@b.org, <b>x</b>", "http://a.bc/d?e=f me@b.org, <b> x </b>"),
        ("what?! no!! :) <3", "what ?! no !! :-rrb- < 3"),
        ("café 猫が好き １２３ привет", "café 猫が好き １２３ привет"),
        ("a😀b zero\u200bwidth soft\u00adhyphen", "a b zero width softhyphen"),
        ("line\nbreak\ttab\u00a0space", "line break tab space"),
        ("", ""),
        (" . , ! ", ""),
    ],
)
def test_quirks(text, tokens):
    assert ptb_tokenize(text) == tokens


@given(st.text(max_size=60))
def test_any_text_gives_single_spaced_lower_case_tokens(text):
    tokens = ptb_tokenize(text)
    assert "  " not in tokens
    assert tokens == tokens.strip(" ")
    assert not set(tokens.split(" ")) & {".", ",", "!", "?", "''", "``", "--", "...", ";", ":"}


def test_long_texts_take_no_more_than_linear_time_in_tokens():
    for text in (
        "word " * 10_000,
        "a," * 5_000,
        "a.b" * 3_000,
        "-" * 10_000,
        "'" * 10_000,
        "1/" * 5_000,
        "<" * 5_000,
    ):
        assert isinstance(ptb_tokenize(text), str)
