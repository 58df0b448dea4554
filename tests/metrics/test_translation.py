"""Translation metrics: named pitfalls, signatures, tokenisers, and properties of any corpus."""

import random

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.translation import (
    BLEU,
    TER,
    TOKENIZERS,
    ChrF,
    SentenceBLEU,
    SentenceChrF,
    SentenceTER,
)
from mmbench.schema import Prediction, Sample

METRICS = (
    *(BLEU(), BLEU("intl", True), BLEU(smooth="floor"), BLEU(smooth="add-k"), BLEU(smooth="none"), SentenceBLEU()),
    *(ChrF(), ChrF(word_order=2), ChrF(eps_smoothing=True), SentenceChrF(), TER(), SentenceTER()),
)
TEXT = st.text(st.sampled_from("ab .,-1é狗"), max_size=25)
CORPUS = st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3)), min_size=1, max_size=5)


def vectors(metric, corpus):
    return np.array(
        [
            metric.statistics(Prediction(said), Sample(f"s{place}", (), list(wanted), ""))
            for place, (said, wanted) in enumerate(corpus)
        ]
    )


def value(metric, corpus):
    return float(metric.aggregate(vectors(metric, corpus).sum(0)))


def test_the_mean_of_sentence_bleu_is_not_corpus_bleu():
    corpus = [("the cat sat on the mat today", ["the cat sat on the mat today"]), ("a b", ["c d e f g h"])]
    assert value(BLEU(), corpus) != pytest.approx(value(SentenceBLEU(), corpus), abs=1.0)


def test_shards_add_counts_and_not_scores():
    corpus = [("the cat sat on the red mat", ["the cat sat on a red mat"]), ("a dog", ["a dog barks at the cat"])]
    whole = value(BLEU(), corpus)
    parts = [value(BLEU(), corpus[:1]), value(BLEU(), corpus[1:])]
    assert whole != pytest.approx(sum(parts) / 2, abs=1.0)
    totals = vectors(BLEU(), corpus[:1]).sum(0) + vectors(BLEU(), corpus[1:]).sum(0)
    assert float(BLEU().aggregate(totals)) == whole


@pytest.mark.parametrize(
    "other",
    [
        BLEU("intl"),
        BLEU("none"),
        BLEU(lowercase=True),
        BLEU(smooth="floor"),
        BLEU(effective_order=True),
        BLEU(max_order=2),
    ],
)
def test_every_option_that_changes_the_value_changes_the_signature(other):
    assert other.signature != BLEU().signature


def test_case_and_tokeniser_change_the_value():
    corpus = [('The "Cat" sat, on 3.5 mats.', ["the cat sat on 3.5 mats ."])]
    values = {
        value(BLEU(tokenize, lower), corpus) for tokenize in ("13a", "none", "char") for lower in (False, True)
    }
    assert len(values) == 6


def test_samples_may_have_different_numbers_of_references():
    corpus = [("a b c d e", ["a b c d e"]), ("f g h i j", ["x", "f g h i j", "y z"])]
    official = sacrebleu.corpus_bleu(
        [said for said, _ in corpus], [["a b c d e", "x"], [None, "f g h i j"], [None, "y z"]]
    )
    assert value(BLEU(), corpus) == pytest.approx(official.score, rel=1e-9)


def test_the_closest_reference_length_counts_and_the_shorter_of_two():
    counts = BLEU().statistics(Prediction("a b c d"), Sample("x", (), ["a b c d e f", "a b", "a b c d e"], ""))
    assert counts[:2].tolist() == [4.0, 5.0]
    counts = BLEU().statistics(Prediction("a b c d"), Sample("x", (), ["a b c d e", "a b c"], ""))
    assert counts[:2].tolist() == [4.0, 3.0]


def test_a_short_sentence_needs_the_effective_order():
    assert value(BLEU(smooth="none"), [("two words", ["two words"])]) == 0.0
    assert value(SentenceBLEU(), [("two words", ["two words"])]) == pytest.approx(100.0)


def test_chinese_needs_its_tokeniser():
    corpus = [("他在公园里看书", ["他在公园里读书"])]
    assert value(BLEU("13a"), corpus) == 0.0
    assert value(BLEU("zh"), corpus) > 30.0


def test_ter_ignores_case_unless_told_otherwise():
    assert value(TER(), [("The Cat", ["the cat"])]) == 0.0
    assert value(TER(case_sensitive=True), [("The Cat", ["the cat"])]) == 100.0


def test_words_without_a_reference_are_100_ter():
    assert value(TER(), [("three more words", [""])]) == 100.0
    assert value(TER(), [("", [""])]) == 0.0


def test_signatures_say_what_sacrebleu_says():
    official = sacrebleu.metrics.BLEU(tokenize="intl", lowercase=True, smooth_method="floor")
    official.corpus_score(["a"], [["a"]])
    said = dict(part.split(":") for part in official.get_signature().format().split("|"))
    ours = dict(part.split(":") for part in BLEU("intl", True, "floor").signature.split("|")[1:])
    assert {key: ours[key] for key in ("case", "eff", "tok", "smooth")} == {
        key: said[key] for key in ("case", "eff", "tok", "smooth")
    }
    assert ours["sacrebleu"] == said["version"]
    assert ChrF(word_order=2).signature.startswith("chrf2++|nrefs:var|case:mixed|eff:yes|nc:6|nw:2|space:no|")
    assert TER(no_punct=True).signature.startswith("ter|nrefs:var|case:lc|tok:tercom|norm:no|punct:no|asian:no|")


def test_names_tell_variants_apart():
    names = [
        metric.name
        for metric in (BLEU(), BLEU("zh"), BLEU(lowercase=True), SentenceBLEU("zh"), ChrF(word_order=2))
    ]
    assert names == ["bleu", "bleu-zh", "bleu-lc", "sentence-bleu-zh", "chrf++"]


def test_unknown_tokenisers_and_smoothing_are_refused_with_a_hint():
    with pytest.raises(UsageError, match=r"bleu: unknown tokenizer 'int'\. Did you mean 'intl'\?"):
        BLEU("int")
    with pytest.raises(UsageError, match="unknown smoothing"):
        BLEU(smooth="laplace")


def test_all_tokenizers_of_sacrebleu_are_named():
    assert set(TOKENIZERS) == set(sacrebleu.metrics.BLEU.TOKENIZERS)


@pytest.mark.parametrize(("name", "package"), [("ja-mecab", "MeCab"), ("ko-mecab", "mecab_ko")])
def test_mecab_tokenisers_work_or_say_what_to_install(name, package):
    corpus = [("これは猫です", ["これは犬です"])] if name == "ja-mecab" else [("고양이가 잔다", ["개가 잔다"])]
    try:
        __import__(package)
    except ImportError:
        with pytest.raises(
            UsageError, match=rf"tokenizer '{name}' cannot be loaded: .*pip install sacrebleu\[{name[:2]}\]"
        ):
            value(BLEU(name), corpus)
    else:
        official = sacrebleu.corpus_bleu([corpus[0][0]], [corpus[0][1]], tokenize=name).score
        assert value(BLEU(name), corpus) == pytest.approx(official, rel=1e-9)


@pytest.mark.parametrize("name", ["flores101", "flores200", "spBLEU-1K", "spm"])
def test_sentencepiece_tokenisers_read_sacrebleus_model(name, tmp_path, monkeypatch):
    import sentencepiece
    from sacrebleu.tokenizers import tokenizer_spm

    chance = random.Random(0)
    lines = [" ".join(chance.choices(["haus", "katze", "hund", "läuft", "schnell"], k=6)) for _ in range(200)]
    model = tmp_path / "models" / tokenizer_spm.SPM_MODELS[name]["url"].rsplit("/", 1)[1]
    model.parent.mkdir()
    with model.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=file, vocab_size=20, num_threads=1, minloglevel=2
        )
    monkeypatch.setattr(tokenizer_spm, "SACREBLEU_DIR", str(tmp_path))
    official = sacrebleu.metrics.BLEU(tokenize=name, lowercase=True, max_ngram_order=3)
    ours = BLEU(name, lowercase=True, max_order=3)
    assert value(ours, [(lines[0], [lines[1]])]) == pytest.approx(
        official.corpus_score(lines[:1], [lines[1:2]]).score
    )
    assert f"tok:{official.tokenizer_signature}" in ours.signature


def test_a_sentencepiece_model_that_cannot_be_fetched_is_a_usage_error(tmp_path, monkeypatch):
    from sacrebleu.tokenizers import tokenizer_spm

    def refuse(*_):
        raise OSError("no network")

    monkeypatch.setattr(tokenizer_spm, "SACREBLEU_DIR", str(tmp_path))
    monkeypatch.setattr(tokenizer_spm, "download_file", refuse)
    with pytest.raises(UsageError, match="tokenizer 'flores200' cannot be loaded: no network"):
        value(BLEU("flores200", max_order=2), [("a", ["a"])])


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.signature.split("|v")[0])
def test_no_reference_at_all_is_an_error(metric):
    with pytest.raises(MetricError, match=r"sample 's1': target must be .*at least one"):
        metric.statistics(Prediction("a"), Sample("s1", (), [], ""))


@given(CORPUS, st.sampled_from(METRICS), st.randoms(use_true_random=False))
def test_order_and_grouping_do_not_matter(corpus, metric, chance):
    table = vectors(metric, corpus)
    whole = metric.aggregate(table.sum(0))
    chance.shuffle(corpus)
    again = vectors(metric, corpus)
    cut = chance.randint(0, len(corpus))
    np.testing.assert_allclose(
        metric.aggregate(again[:cut].sum(0) + again[cut:].sum(0)), whole, rtol=1e-9, atol=1e-9
    )


@given(CORPUS, st.sampled_from(METRICS))
def test_values_are_in_range_for_any_leading_axes(corpus, metric):
    table = vectors(metric, corpus)
    totals = np.random.default_rng(0).poisson(1.0, (2, 3, len(table))) @ table
    values = metric.aggregate(totals)
    assert values.shape == (2, 3)
    low, high = metric.range
    values = values[~np.isnan(values)]
    assert ((values >= low) & (values <= high + 1e-9)).all()
    for index in np.ndindex(2, 3):
        np.testing.assert_allclose(metric.aggregate(totals[index]), metric.aggregate(totals)[index], rtol=1e-12)


@given(
    st.lists(
        st.text(st.sampled_from("abcdef "), min_size=12).filter(lambda text: len(text.split()) > 3), min_size=1
    )
)
def test_a_perfect_prediction_gets_the_best_value(texts):
    corpus = [(text, ["something else", text]) for text in texts]
    for metric in METRICS:
        best = metric.range[1] if metric.higher_is_better else 0.0
        assert value(metric, corpus) == pytest.approx(best)
