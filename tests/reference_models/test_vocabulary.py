"""Tokenizers: nothing is lost, digits stand alone, ids are where configs expect them."""

import pytest
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_reference import TEXTS

from mmbench_reference_models import ReferenceConfig, train_tokenizer
from mmbench_reference_models.vocabulary import SPECIAL

KINDS = ("bpe", "wordpiece", "unigram")
HARD = [
    "  two  spaces\n\n\tand a tab ",
    "你好，世界。今天天气很好",
    "😀👩‍👩‍👧 é e\u0301 ﬁ Ω",
    "##x ▁▁ Ġ â</s> [UNK]",
    "1234.5 and 0x7f",
    "a" * 300,
    "\x00\x7f\u2028",
]


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    train_tokenizer(TEXTS * 4, request.param, 600).save_pretrained(folder)
    return transformers.AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("text", HARD)
def test_nothing_is_lost(tokenizer, text):
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40).filter(lambda text: not any(mark in text for mark in SPECIAL)))
def test_nothing_is_lost_of_any_text(tokenizer, text):
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


def test_digits_stand_alone(tokenizer):
    tokens = tokenizer.tokenize("3141 and 31")
    assert [token for token in tokens if token.isdigit()] == ["3", "1", "4", "1", "3", "1"]


def test_special_tokens_are_where_configs_expect_them(tokenizer):
    config = ReferenceConfig()
    assert tokenizer.convert_tokens_to_ids(list(SPECIAL)) == list(range(len(SPECIAL)))
    names = ("pad_token_id", "bos_token_id", "eos_token_id", "sep_token_id", "image_token_id", "audio_token_id")
    assert [getattr(config, name) for name in names] == [getattr(tokenizer, name) for name in names]
    assert (
        tokenizer.decode([1, *tokenizer("a", add_special_tokens=False)["input_ids"], 2], skip_special_tokens=True)
        == "a"
    )


def test_frequent_words_are_short(tokenizer):
    assert len(tokenizer.tokenize(TEXTS[0])) < len(TEXTS[0]) / 2
    assert len(tokenizer) <= 600


def test_frequent_words_are_whole(tokenizer):
    assert tokenizer.tokenize(" the ball is") == ["Ġthe", "Ġball", "Ġis"]
    assert not any("êĻ" in token or "Ļ®" in token for token in tokenizer.get_vocab())


def test_a_pair_is_a_question_and_a_text(tokenizer):
    encoded = tokenizer("Is it?", "It is red.", return_offsets_mapping=True)
    ids = encoded["input_ids"]
    assert (ids[0], ids[-1], ids.count(5)) == (1, 2, 1)
    inside = [at for at, part in enumerate(encoded.sequence_ids()) if part == 1]
    words = ["It is red."[slice(*encoded["offset_mapping"][at])] for at in inside]
    assert "".join(words) == "Itisred."  # a word's span holds no space


def test_training_is_deterministic():
    one, other = (train_tokenizer(TEXTS * 4, "bpe", 400).get_vocab() for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("kind", "size", "said"), [("char", 600, "one of bpe"), ("wordpiece", 300, "at least 522")]
)
def test_mistakes(kind, size, said):
    with pytest.raises(ValueError, match=said):
        train_tokenizer(TEXTS, kind, size)
