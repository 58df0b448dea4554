import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.classification import (
    F1,
    Accuracy,
    BalancedAccuracy,
    CohenKappa,
    MacroF1,
    MatthewsCorrelation,
    Precision,
    Recall,
)
from mmbench.metrics.extraction import Label, Option
from mmbench.schema import Prediction, Sample

ABC = ("a", "b", "c")


def test_an_answer_that_is_no_label_is_wrong_and_unparsed_never_a_default(score, make_sample):
    row = F1(("no", "yes")).statistics(Prediction(text="perhaps"), make_sample("yes"))
    np.testing.assert_array_equal(row, [1, 1, 0, 0, 0, 0, 0, 1])
    assert score(Accuracy(), ["perhaps", "yes"], ["no", "yes"], ("no", "yes")) == 0.5
    assert score(F1(label="no"), ["perhaps", "yes"], ["no", "yes"]) == 0.0
    assert score(F1(label="yes"), ["perhaps", "yes"], ["no", "yes"]) == 1.0


def test_f1_of_three_classes_works(score):
    """One popular harness raises ValueError here."""
    assert score(F1(), ["a", "b", "a"], ["a", "b", "c"]) == pytest.approx((2 / 3 + 1 + 0) / 3)


def test_macro_over_observed_labels_changes_with_the_subset_and_the_signature_tells_the_rule(score):
    answers, targets = ["a", "a"], ["a", "b"]
    assert score(F1(ABC, absent="skip"), answers, targets) == pytest.approx((2 / 3 + 0) / 2)
    assert score(F1(ABC, absent="zero"), answers, targets) == pytest.approx((2 / 3 + 0 + 0) / 3)
    assert "absent:skip" in F1(ABC).signature
    assert F1(ABC).signature != F1(ABC, absent="zero").signature


def test_undefined_mcc_is_zero(score):
    assert score(MatthewsCorrelation(), ["a", "a", "a"], ["a", "b", "a"]) == 0.0


def test_undefined_kappa_is_nan(score):
    assert np.isnan(score(CohenKappa(("a", "b")), ["a", "a"], ["a", "a"]))


def test_f1_of_batches_is_not_averaged(make_sample):
    metric = F1(("a", "b"))
    rows = np.array(
        [
            metric.statistics(Prediction(text=answer), make_sample(target))
            for answer, target in [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")]
        ]
    )
    mean_of_batches = metric.aggregate(np.array([rows[:2].sum(0), rows[2:].sum(0)])).mean()
    assert metric.aggregate(rows.sum(0)) != pytest.approx(mean_of_batches)


def test_averages_are_named_and_signed():
    assert [F1(average=one).name for one in ("macro", "micro", "weighted")] == [
        "macro-f1",
        "micro-f1",
        "weighted-f1",
    ]
    assert Precision(label="spam").name == "precision-spam"
    assert F1(ABC).signature == "macro-f1|absent:skip|labels:a,b,c|extractor:label-strict|version:1"
    assert MacroF1 is F1


def test_labels_come_from_choices_and_targets_and_their_order_does_not_matter(make_sample):
    samples = [make_sample("b", ("c", "b")), make_sample("a")]
    assert F1().fit(samples).labels == F1().fit(samples[::-1]).labels == ABC
    assert F1(("x",)).fit(samples).labels == ("x",)


def test_a_metric_that_was_not_fitted_says_what_to_do(make_sample):
    with pytest.raises(MetricError, match=r"macro-f1: no label set\. Give labels=.* or call fit"):
        F1().statistics(Prediction(text="a"), make_sample("a"))


def test_a_target_outside_the_label_set_is_told(make_sample):
    with pytest.raises(MetricError, match="mcc: sample 'x': target must be one of a, b, c, not 'd'"):
        MatthewsCorrelation(ABC).statistics(Prediction(text="a"), make_sample("d"))


def test_options_that_do_not_exist_are_told():
    with pytest.raises(UsageError, match=r"unknown average 'macr'\. Did you mean 'macro'"):
        F1(average="macr")
    with pytest.raises(MetricError, match="f1-d: no such label among a, b, c"):
        F1(ABC, label="d").aggregate(np.zeros(11))


def test_case_and_punctuation_around_a_label_do_not_matter_but_sentences_do(score):
    answers, targets = ["Positive.", "it is negative"], ["positive", "negative"]
    choices = ("negative", "positive")
    assert score(Accuracy(), answers, targets, choices) == 0.5
    assert score(Accuracy(extractor=Label(lenient=True)), answers, targets, choices) == 1.0


def test_letters_stand_for_the_choices_of_their_sample(make_sample):
    metric = F1(extractor=Option()).fit([make_sample("cat", ("dog", "cat"))])
    assert metric.labels == ("cat", "dog")
    row = metric.statistics(Prediction(text="B"), make_sample("cat", ("dog", "cat")))
    np.testing.assert_array_equal(row, [0, 1, 1, 0, 1, 0, 1, 0])


def test_a_lenient_extractor_is_never_told_the_target(score):
    lenient = Accuracy(extractor=Label(lenient=True))
    assert score(lenient, ["It is Paris or London, I guess."], ["Paris"]) == 0.0


def test_without_choices_any_text_is_a_label(score):
    assert score(Accuracy(), ["Paris", "paris.", "London", ""], ["Paris"] * 4) == 0.5


SEQUENCES = st.lists(st.tuples(st.sampled_from(ABC), st.sampled_from((*ABC, "?"))), min_size=1, max_size=30)
FITTED = [F1(ABC), F1(ABC, average="micro"), F1(ABC, average="weighted"), Precision(ABC), Recall(ABC),
          BalancedAccuracy(ABC), MatthewsCorrelation(ABC), CohenKappa(ABC)]  # fmt: skip


def total(metric, pairs):
    samples = [Sample(id="x", messages=(), target=target, answer="") for target, _ in pairs]
    return sum(
        metric.statistics(Prediction(text=text), row) for (_, text), row in zip(pairs, samples, strict=True)
    )


@pytest.mark.parametrize("metric", FITTED, ids=lambda metric: metric.name)
@given(pairs=SEQUENCES)
def test_a_perfect_answer_reaches_the_maximum(metric, pairs):
    value = metric.aggregate(total(metric, [(target, target) for target, _ in pairs]))
    if len({target for target, _ in pairs}) > 1:
        assert value == pytest.approx(1.0)
    else:
        assert np.isnan(value) or value in (0.0, 1.0)


@pytest.mark.parametrize("metric", FITTED, ids=lambda metric: metric.name)
@given(pairs=SEQUENCES, names=st.permutations(ABC))
def test_renaming_the_classes_changes_nothing(metric, pairs, names):
    renamed = dict(zip((*ABC, "?"), (*names, "?"), strict=True))
    again = total(metric, [(renamed[target], renamed[text]) for target, text in pairs])
    np.testing.assert_allclose(metric.aggregate(total(metric, pairs)), metric.aggregate(again), equal_nan=True)


@pytest.mark.parametrize("metric", [MatthewsCorrelation(ABC), CohenKappa(ABC), F1(ABC), F1(ABC, average="micro")])
@given(pairs=SEQUENCES)
def test_target_and_answer_are_symmetric(metric, pairs):
    known = [(target, text if text in ABC else target) for target, text in pairs]
    swapped = [(text, target) for target, text in known]
    ours, theirs = metric.aggregate(total(metric, known)), metric.aggregate(total(metric, swapped))
    np.testing.assert_allclose(ours, theirs, atol=1e-12, equal_nan=True)
