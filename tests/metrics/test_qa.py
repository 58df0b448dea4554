import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.extraction import ShortAnswer, YesNo
from mmbench.metrics.qa import (
    ExactMatch,
    MultipleChoiceAccuracy,
    SquadV2,
    SquadV2Best,
    TokenF1,
    normalize,
    token_f1,
    token_f1_v2,
)
from mmbench.schema import Prediction


def test_normalisation_as_published():
    assert normalize("The  Broncos' an-swer!") == "broncos answer"
    assert normalize("a\tb\nthe") == "b"


def test_only_ascii_punctuation_goes():
    assert normalize("«café»…") == "«café»…"
    assert normalize('"cafe"...') == "cafe"


def test_articles_are_never_removed_inside_words():
    assert normalize("theatre ananas a.m. Athena") == "theatre ananas am athena"


def test_f1_is_over_bags_of_tokens_not_sets():
    """A set-based F1, as DROP's, would say 1."""
    assert token_f1("red red", "red") == pytest.approx(2 / 3)


def test_the_best_reference_counts(score):
    assert score(ExactMatch(), ["Denver"], [["Denver Broncos", "denver"]]) == 100.0
    assert score(TokenF1(), ["Denver"], [["Denver Broncos", "the Broncos"]]) == pytest.approx(200 / 3)


def test_squad_1_counts_two_empty_answers_as_0_and_squad_2_as_1(score):
    assert token_f1("", "the") == 0.0
    assert token_f1_v2("", "the") == 1.0
    assert score(TokenF1(), [""], [[""]]) == 0.0
    assert score(SquadV2(), [""], [[]]) == 100.0


def test_squad_1_does_not_know_unanswerable_questions(score):
    with pytest.raises(MetricError, match=r"exact-match: sample 'x': target must be .* at least one string"):
        score(ExactMatch(), ["a"], [[]])


def test_squad_2_ignores_references_that_normalise_to_nothing(score):
    assert score(SquadV2("em"), ["the"], [["a", "Denver"]]) == 0.0
    assert score(SquadV2("em"), ["the"], [["a"]]) == 100.0


def test_a_question_whose_only_reference_is_an_article_still_has_an_answer(score):
    assert score(SquadV2("em", "has-answer"), ["the"], [["a"]]) == 100.0
    assert np.isnan(score(SquadV2("em", "no-answer"), ["the"], [["a"]]))


def test_parts_of_squad_2(score):
    texts, targets = ["Denver", "", "Paris"], [["Denver"], [], []]
    assert score(SquadV2("em"), texts, targets) == pytest.approx(200 / 3)
    assert score(SquadV2("em", "has-answer"), texts, targets) == 100.0
    assert score(SquadV2("em", "no-answer"), texts, targets) == 50.0


def test_an_answer_that_could_not_be_read_does_not_count_as_saying_there_is_none(score):
    assert score(SquadV2("em", extractor=YesNo()), ["perhaps"], [[]]) == 0.0
    assert score(SquadV2("em"), [""], [[]]) == 100.0


def test_a_missing_prediction_stays_in_the_denominator(score):
    """The published 2.0 program would divide by one here; a failed request is an empty answer, not a gift."""
    assert score(SquadV2("em"), ["Denver", ""], [["Denver"], ["Paris"]]) == 50.0


def test_strict_and_lenient_scores_stand_side_by_side(score):
    texts, targets = ["The answer is Denver."], [["Denver"]]
    lenient = ExactMatch(ShortAnswer(lenient=True))
    assert (score(ExactMatch(), texts, targets), score(lenient, texts, targets)) == (0.0, 100.0)
    assert (ExactMatch().name, lenient.name) == ("exact-match", "exact-match-lenient")
    assert ExactMatch().signature == "exact-match|norm:squad-1.1|extractor:none|version:1"
    assert lenient.signature == "exact-match|norm:squad-1.1|extractor:short-answer-lenient|version:1"


def best(make_sample, rows, metric=None):
    metric = metric or SquadV2Best("em")
    options = ("answerable", "unanswerable")
    totals = sum(
        metric.statistics(Prediction(text=text, option_logprobs=(0.0, odds)), make_sample(target, options))
        for text, target, odds in rows
    )
    return float(metric.aggregate(totals))


def test_best_threshold_by_hand(make_sample):
    """Answer while the log-odds of no answer are at most -1: two right answers, one question rightly left."""
    rows = [("Denver", ["Denver"], -3.0), ("Rome", ["Rome"], -1.0), ("Oslo", [], 1.0), ("Bonn", ["Berlin"], 2.0)]
    assert best(make_sample, rows) == 75.0


def test_best_threshold_may_be_not_to_answer_at_all(make_sample):
    assert best(make_sample, [("Oslo", [], -3.0), ("Bonn", [], 2.0)]) == 100.0


def test_without_scores_all_questions_share_one_threshold(make_sample):
    metric = SquadV2Best("em")
    rows = [("Denver", ["Denver"]), ("Oslo", [])]
    totals = sum(metric.statistics(Prediction(text=text), make_sample(target)) for text, target in rows)
    assert metric.aggregate(totals) == 50.0


def test_best_threshold_needs_the_option_of_no_answer(make_sample):
    with pytest.raises(
        MetricError, match="squad2-best-f1: sample 'x': choices must be options with 'unanswerable'"
    ):
        SquadV2Best().statistics(Prediction(text="", option_logprobs=(0.0, 1.0)), make_sample([], ("a", "b")))


TEXT = st.text(alphabet="ab the.,1é你 \n", max_size=12)


@given(st.lists(TEXT, min_size=1, max_size=4), TEXT)
def test_range_symmetry_and_the_maximum(references, answer):
    for f1 in (token_f1, token_f1_v2):
        for reference in references:
            assert 0 <= f1(answer, reference) <= 1
            assert f1(answer, reference) == pytest.approx(f1(reference, answer))
    assert token_f1_v2(answer, answer) == 1.0


def choice(make_sample, kind, scores, target="b", choices=("a", "b"), **more):
    shown = Prediction(option_logprobs=scores, **more)
    return MultipleChoiceAccuracy(kind).statistics(shown, make_sample(target, choices))[0]


def test_normalisations_of_multiple_choice_may_disagree(make_sample):
    choices, scores = ("yes", "a long answer"), (-4.0, -6.0)
    given = {"target": "a long answer", "choices": choices}
    assert choice(make_sample, "none", scores, **given) == 0.0
    assert choice(make_sample, "chars", scores, **given) == 1.0
    assert choice(make_sample, "tokens", scores, option_tokens=(1, 3), **given) == 1.0
    assert choice(make_sample, "pmi", scores, option_priors=(-1.0, -9.0), **given) == 1.0


def test_bytes_are_not_characters(make_sample):
    choices, scores = ("abc", "你好"), (-3.0, -3.0)
    assert choice(make_sample, "chars", scores, "abc", choices) == 1.0
    assert choice(make_sample, "bytes", scores, "你好", choices) == 1.0


def test_the_first_option_wins_a_tie(make_sample):
    assert choice(make_sample, "none", (-1.0, -1.0), "a") == 1.0


def test_several_right_options(make_sample):
    assert choice(make_sample, "none", (-2.0, -1.0, -3.0), ["a", "b"], ("a", "b", "c")) == 1.0


def test_what_is_missing_for_a_normalisation_is_told(make_sample):
    with pytest.raises(
        MetricError, match=r"choice-accuracy-tokens: .*prediction\.option_tokens must be one number"
    ):
        choice(make_sample, "tokens", (-1.0, -2.0))
    with pytest.raises(MetricError, match=r"choice-accuracy-pmi: .*prediction\.option_priors must be one number"):
        choice(make_sample, "pmi", (-1.0, -2.0), option_priors=(1.0,))
    with pytest.raises(MetricError, match="at least one token"):
        choice(make_sample, "chars", (-1.0, -2.0), choices=("", "b"))
    with pytest.raises(MetricError, match="target must be one of the sample's choices, not 'z'"):
        choice(make_sample, "none", (-1.0, -2.0), "z")
    with pytest.raises(UsageError, match=r"unknown normalization 'byte'\. Did you mean 'bytes'"):
        MultipleChoiceAccuracy("byte")
