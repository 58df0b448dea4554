import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics._vqa_answers import CONTRACTIONS, drop_marks, evalai, official
from mmbench.metrics.extraction import ShortAnswer
from mmbench.metrics.vqa import ANLS, RelaxedAccuracy, VQAAccuracy, anls, relaxed_match, soft_accuracy


@pytest.mark.parametrize(
    ("people", "answer", "published", "always"),
    [
        (["yes"] * 10, "Yes", 0.0, 100.0),
        (["no"] * 10, "No.", 0.0, 100.0),
        (["2"] * 9 + ["3"], "2.", 100.0, 100.0),
        (["10:30"] * 8 + ["10 30"] * 2, "10:30.", 100.0, 100.0),
        (["2"] * 10, "two", 0.0, 100.0),
    ],
)
def test_the_two_published_variants_on_known_answers(score, people, answer, published, always):
    assert score(VQAAccuracy("official"), [answer], [people]) == pytest.approx(published)
    assert score(VQAAccuracy("evalai"), [answer], [people]) == pytest.approx(always)


def test_quirk_a_both_sides_are_normalised_only_if_the_ten_differ(score):
    assert score(VQAAccuracy(), ["The Cat."], [["cat"] * 10]) == 0.0
    assert score(VQAAccuracy(), ["The Cat."], [["cat"] * 9 + ["dog"]]) == 100.0


def test_quirk_b_a_full_stop_after_a_number_goes():
    assert official("2.") == "2"
    assert official("2.5") == "2.5"
    assert official("a.m.") == "am"


def test_quirk_c_only_32_full_stops_go():
    assert drop_marks("x." * 32) == "x" * 32
    assert drop_marks("x." * 34) == "x" * 33 + ".x."


def test_quirk_d_scoring_has_no_memory(score):
    people = ["cat"] * 5 + ["dog"] * 5
    first = score(VQAAccuracy(), ["cat"], [people])
    score(VQAAccuracy(), ["something else entirely"], [people])
    assert score(VQAAccuracy(), ["cat"], [people]) == first


def test_quirk_e_a_comma_between_digits_makes_all_marks_vanish():
    assert official("1,000 red/blue") == "1000 redblue"
    assert official("1000 red/blue") == "1000 red blue"


def test_the_contractions_are_the_published_ones():
    """SHA-256 of the published table: lower-case keys that differ from their values, sorted, key=value a line."""
    table = "\n".join(f"{key}={value}" for key, value in sorted(CONTRACTIONS.items()))
    assert len(CONTRACTIONS) == 114
    assert hashlib.sha256(table.encode()).hexdigest() == TABLE_DIGEST
    assert official("couldnt've oclock") == "couldn't've o'clock"
    assert official("somebody'd") == "somebodyd"


TABLE_DIGEST = "1eae2a36d9cbbad196900a48c741daf645c1d1c87b92d811db221c69a7ca56ea"


def test_evalai_makes_a_word_of_apostrophe_s():
    assert evalai("the dog's, bone?") == "dog 's bone"


@pytest.mark.parametrize(("agreeing", "accuracy"), [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1.0), (10, 1.0)])
def test_leaving_one_of_ten_out(agreeing, accuracy):
    assert soft_accuracy(agreeing, 10) == pytest.approx(accuracy)


@given(st.integers(1, 12).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people))))
def test_soft_accuracy_is_in_range_and_all_agreeing_is_full_marks(case):
    matches, people = case
    assert 0 <= soft_accuracy(matches, people) <= 1
    assert soft_accuracy(people, people) == 1.0
    assert soft_accuracy(0, people) == 0.0


def test_one_reference_is_exact_match_after_normalisation(score):
    assert score(VQAAccuracy(), ["The Circle."], ["circle"]) == 100.0
    assert score(VQAAccuracy(), ["square"], ["circle"]) == 0.0


def test_an_extractor_gives_a_second_score(score):
    lenient = VQAAccuracy(extractor=ShortAnswer(lenient=True))
    people = ["red"] * 9 + ["blue"]
    assert score(VQAAccuracy(), ["The answer is red."], [people]) == 0.0
    assert score(lenient, ["The answer is red."], [people]) == 100.0
    assert lenient.name == "vqa-accuracy-lenient"
    assert lenient.signature == "vqa-accuracy|variant:official|extractor:short-answer-lenient|version:1"


def test_the_signature_names_the_variant():
    assert "variant:official" in VQAAccuracy().signature
    assert "variant:evalai" in VQAAccuracy("evalai").signature
    with pytest.raises(UsageError, match=r"unknown variant 'eval'\. Did you mean 'evalai'"):
        VQAAccuracy("eval")


def test_no_answers_to_compare_with_is_an_error(score):
    with pytest.raises(MetricError, match=r"vqa-accuracy: sample 'x': target must be .* at least one string"):
        score(VQAAccuracy(), ["a"], [[]])


def test_anls_pitfall_outer_spaces_raise_the_official_score():
    assert anls("cat   ", "car") == pytest.approx(1 - 1 / 6)
    assert anls("cat   ", "car", variant="paper") == pytest.approx(2 / 3)


def test_anls_pitfall_half_a_similarity_is_kept_by_the_program_and_dropped_by_the_paper():
    assert anls("ab", "ax") == 0.5
    assert anls("ab", "ax", variant="paper") == 0.0


def test_anls_of_upper_case_lengths():
    assert anls("ß", "x") == 0.5


def test_anls_by_hand(score):
    assert score(ANLS(), ["hello", "world", ""], [["hallo"], ["word", "world"], [""]]) == pytest.approx(
        (0.8 + 1 + 1) / 3
    )
    assert "tau:0.5" in ANLS().signature
    with pytest.raises(UsageError, match=r"threshold must be in 0\.\.1"):
        ANLS(threshold=2)


@given(st.text(max_size=15), st.text(max_size=15), st.sampled_from(["official", "paper"]))
def test_anls_range_and_symmetry(one, other, variant):
    assert 0 <= anls(one, other, variant=variant) <= 1
    assert anls(one, other, variant=variant) == pytest.approx(anls(other, one, variant=variant))
    assert anls(one, one, variant="paper") == 1.0


@pytest.mark.parametrize(
    ("answer", "reference", "right"),
    [
        ("105", "100", True),
        ("105.1", "100", False),
        ("95", "100", True),
        ("5%", "0.05", True),
        ("5%", "5", False),
        ("-104", "-100", True),
        ("Yes", "yes", True),
        ("yes.", "yes", False),
        ("1,000", "1000", False),
        ("0.0", "0", False),
        ("0", "0", True),
        ("nan", "nan", False),
        ("100", "hundred", False),
    ],
)
def test_relaxed_match_as_published(answer, reference, right):
    assert relaxed_match(answer, reference) is right


def test_relaxed_accuracy_takes_any_reference(score):
    assert score(RelaxedAccuracy(), ["104"], [["7", "100"]]) == 1.0
    assert RelaxedAccuracy(0.01).signature == "relaxed-accuracy|tolerance:0.01|extractor:none|version:1"
