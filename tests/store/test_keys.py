from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MediaError
from mmbench.schema import (
    Audio,
    Choice,
    Generate,
    Image,
    LogLikelihood,
    Perplexity,
    Video,
    assistant,
    message,
    user,
)
from mmbench.store.keys import request_key

PICTURE = bytes(range(64))
BASE = Generate((message("system", "Be brief."), user(Image(PICTURE), "How many?")), max_tokens=8, stop=("\n",))


def test_the_key_is_stable():
    assert request_key("m", BASE) == request_key("m", Generate(**{n: getattr(BASE, n) for n in BASE.__slots__}))
    assert len(request_key("m", BASE)) == 32


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, max_tokens=9),
        replace(BASE, stop=()),
        replace(BASE, stop=("\n", "\n")),
        replace(BASE, temperature=0.1),
        replace(BASE, top_p=0.9),
        replace(BASE, seed=1),
        replace(BASE, messages=BASE.messages[1:]),
        replace(BASE, messages=(message("user", "Be brief."), BASE.messages[1])),
        replace(BASE, messages=(BASE.messages[0], user("How many?", Image(PICTURE)))),
        replace(BASE, messages=(BASE.messages[0], user(Image(PICTURE), Image(PICTURE), "How many?"))),
        replace(BASE, messages=(BASE.messages[0], user(Audio(PICTURE), "How many?"))),
        replace(BASE, messages=(BASE.messages[0], user(Video((Image(PICTURE),)), "How many?"))),
        replace(BASE, messages=(BASE.messages[0], user(Image(PICTURE), "How", " many?"))),
        replace(BASE, messages=(*BASE.messages, assistant(""))),
        LogLikelihood(BASE.messages, "two"),
        Choice(BASE.messages, ("one", "two")),
        Perplexity("How many?"),
    ],
)
def test_any_other_request_has_another_key(other):
    assert request_key("m", other) != request_key("m", BASE)


def test_another_model_has_another_key():
    assert request_key("m", BASE) != request_key("n", BASE)


@given(st.integers(0, len(PICTURE) - 1), st.integers(1, 255))
def test_one_changed_byte_of_a_picture_misses(position, flip):
    changed = bytearray(PICTURE)
    changed[position] ^= flip
    other = replace(BASE, messages=(BASE.messages[0], user(Image(bytes(changed)), "How many?")))
    assert request_key("m", other) != request_key("m", BASE)


@given(st.text(), st.text())
def test_different_texts_have_different_keys(a, b):
    assert (request_key("m", Perplexity(a)) == request_key("m", Perplexity(b))) == (a == b)


def test_a_file_counts_by_its_bytes_not_its_name(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(PICTURE)
    keys = {
        request_key("m", replace(BASE, messages=(BASE.messages[0], user(Image(source), "How many?"))))
        for source in (PICTURE, tmp_path / "a.png", tmp_path / "b.png")
    }
    assert keys == {request_key("m", BASE)}


def test_an_unreadable_file_is_named(tmp_path):
    with pytest.raises(MediaError, match=r"gone\.png"):
        request_key("m", Generate((user(Image(tmp_path / "gone.png")),)))
