"""Error rates of speech: named pitfalls, Whisper's normalisers, properties of any corpus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics import speech
from mmbench.metrics.speech import CER, MER, WER, WIL, whisper_basic
from mmbench.schema import Prediction, Sample

METRICS = (WER(), CER(), MER(), WIL(), WER("whisper-basic"), WIL("whisper-basic"))
TEXT = st.text(st.sampled_from("ab c  é\t."), max_size=20)
CORPUS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6)


def vectors(metric, corpus):
    return np.array(
        [
            metric.statistics(Prediction(heard), Sample(f"s{place}", (), said, ""))
            for place, (heard, said) in enumerate(corpus)
        ]
    )


def value(metric, *corpus):
    return float(metric.aggregate(vectors(metric, corpus).sum(0)))


def test_the_corpus_rate_is_pooled():
    corpus = [("a b c", "x"), ("a b c", "a b c")]
    assert value(WER(), *corpus) == pytest.approx(3 / 4)
    assert np.mean([value(WER(), pair) for pair in corpus]) == pytest.approx(3 / 2)


def test_nothing_is_normalised_unless_asked_for():
    assert value(WER(), ("hello world", "Hello, World")) == 1.0
    assert value(WER("whisper-basic"), ("hello world", "Hello, World!")) == 0.0


@pytest.mark.parametrize("words", [0, 1, 3])
def test_an_empty_reference_counts_inserted_words(words):
    assert value(WER(), (" ".join(["word"] * words), "")) == words
    assert value(MER(), (" ".join(["word"] * words), "")) == value(WIL(), ("word " * words, "")) == min(words, 1)


def test_one_silent_clip_does_not_dominate_the_corpus():
    assert value(WER(), ("thank you", ""), ("a b c d e f", "a b c d e f")) == pytest.approx(2 / 6)


def test_only_spaces_part_words():
    assert value(WER(), ("a\tb", "a b")) == 1.0
    assert value(WER(), ("a \t b", "a b")) == 0.0


def test_spaces_are_characters():
    assert value(CER(), ("ab", "a b")) == pytest.approx(1 / 3)
    assert value(CER(), (" a b ", "a b")) == 0.0


def test_rates_may_exceed_one_but_mer_and_wil_do_not():
    pair = ("a b c d", "x")
    assert value(WER(), pair) == 4.0
    assert value(MER(), pair) == value(WIL(), pair) == 1.0


def test_wil_by_hand():
    assert value(WIL(), ("a b c", "a b x y")) == pytest.approx(1 - (2 / 4) * (2 / 3))


def test_of_several_references_the_one_of_the_lowest_rate_counts():
    sample = Sample("x", (), ["a b c d", "a b"], "")
    assert WER().statistics(Prediction("a b"), sample).tolist() == [0.0, 2.0]
    assert WIL().statistics(Prediction("a b c d"), sample).tolist() == [4.0, 4.0, 4.0]


def test_whisper_basic_drops_brackets_and_signs_and_keeps_accents():
    assert whisper_basic("Café [noise], (laughs) <b>№ ２</b>!") == "café no 2 "


def test_whispers_english_rules():
    pytest.importorskip("whisper_normalizer")
    assert value(WER("whisper-en"), ("mr smith paid twenty dollars", "Mister Smith paid $20!")) == 0.0
    assert value(WER("whisper-en"), ("it's the colour", "it is the color")) == 0.0


def test_without_its_package_the_english_normaliser_says_what_to_install(monkeypatch):
    def refuse(name, *_):
        raise ImportError(name)

    monkeypatch.setattr(speech, "import_module", refuse)
    speech._normalizer.cache_clear()
    with pytest.raises(UsageError, match=r"pip install .mmbench\[speech\]"):
        WER("whisper-en").statistics(Prediction("never heard before"), Sample("x", (), "a", ""))


def test_the_normaliser_is_in_name_and_signature():
    assert (WER().name, WER("whisper-basic").name) == ("wer", "wer-whisper-basic")
    assert WER().signature == "wer|unit:word|norm:none|refs:best|version:1"
    assert "|unit:char|norm:whisper-basic|" in CER("whisper-basic").signature


def test_unknown_normalisers_are_refused():
    with pytest.raises(UsageError, match=r"wer: unknown normalizer 'whisper'\. Did you mean"):
        WER("whisper")


def test_no_reference_at_all_is_an_error():
    for metric in METRICS:
        with pytest.raises(MetricError, match=r"sample 's1': target must be .*at least one"):
            metric.statistics(Prediction("a"), Sample("s1", (), [], ""))


@given(CORPUS, st.sampled_from(METRICS), st.randoms(use_true_random=False))
def test_order_and_grouping_do_not_matter(corpus, metric, chance):
    whole = metric.aggregate(vectors(metric, corpus).sum(0))
    chance.shuffle(corpus)
    table = vectors(metric, corpus)
    cut = chance.randint(0, len(corpus))
    assert float(metric.aggregate(table[:cut].sum(0) + table[cut:].sum(0))) == float(whole)


@given(CORPUS, st.sampled_from(METRICS))
def test_values_are_in_range_for_any_leading_axes(corpus, metric):
    table = vectors(metric, corpus)
    totals = np.random.default_rng(0).poisson(1.0, (2, 3, len(table))) @ table
    values = metric.aggregate(totals)
    assert values.shape == (2, 3)
    assert ((values >= metric.range[0] - 1e-12) & (values <= metric.range[1] + 1e-12)).all()


@given(st.lists(TEXT, min_size=1))
def test_a_perfect_transcript_has_no_errors(texts):
    for metric in METRICS:
        assert value(metric, *((text, text) for text in texts)) == pytest.approx(0.0)
