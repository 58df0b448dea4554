import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics._scores import position
from mmbench.metrics.ranking import AUROC, TopK
from mmbench.schema import Prediction

OPTIONS = ("yes", "no")


def auroc(make_sample, scores, targets, metric=None):
    metric = metric or AUROC()
    rows = [
        metric.statistics(Prediction(option_logprobs=(one, 0.0)), make_sample(target, OPTIONS))
        for one, target in zip(scores, targets, strict=True)
    ]
    return metric, sum(rows)


def test_a_model_that_scores_all_options_alike_gets_chance_in_top_k(make_sample):
    row = TopK(1).statistics(Prediction(option_logprobs=(-1.0,) * 4), make_sample("b", ("a", "b", "c", "d")))
    np.testing.assert_allclose(row, [0.25, 1.0])


@pytest.mark.parametrize(("k", "hit"), [(1, 0.0), (2, 0.5), (3, 1.0), (9, 1.0)])
def test_a_tie_at_the_edge_counts_by_chance(make_sample, k, hit):
    shown = Prediction(option_logprobs=(-1.0, -2.0, -2.0, -3.0))
    assert TopK(k).statistics(shown, make_sample("b", ("a", "b", "c", "d")))[0] == hit


def test_perfect_and_reversed_order(make_sample):
    metric, totals = auroc(make_sample, [3, 2, -1, -2], ["yes", "yes", "no", "no"])
    assert metric.aggregate(totals) == 1.0
    metric, totals = auroc(make_sample, [-3, -2, 1, 2], ["yes", "yes", "no", "no"])
    assert metric.aggregate(totals) == 0.0


def test_one_class_alone_has_no_area(make_sample):
    metric, totals = auroc(make_sample, [1, 2], ["yes", "yes"])
    assert np.isnan(metric.aggregate(totals))


def test_infinite_scores_have_bins_at_the_ends(make_sample):
    metric, totals = auroc(make_sample, [float("-inf"), 0.0, 1.0], ["no", "no", "yes"])
    assert metric.aggregate(totals) == 1.0
    assert int(position(float("inf"), 64)) == 63
    assert position(float("-inf"), 64) == 0


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_bins_keep_the_order_of_scores(one, other):
    low, high = sorted((one, other))
    assert 0 <= position(low, 64) <= position(high, 64) < 64
    assert 0 <= position(low, 7, low=-5.0) <= position(high, 7, low=-5.0) < 7


@given(st.lists(st.tuples(st.floats(-8, 8), st.booleans()), min_size=2, max_size=40))
def test_the_exact_area_is_within_the_bound(rows):
    """The bound holds for any scores: only pairs that share a bin can be counted wrong."""
    positive = [score for score, true in rows if true]
    negative = [score for score, true in rows if not true]
    if not positive or not negative:
        return
    metric = AUROC(bins=16)
    totals = np.zeros((2, 2, 16))
    for score, true in rows:
        place = position(score, 16)
        totals[int(true), :, int(place)] += 1.0, place % 1
    wins = sum((one > other) + 0.5 * (one == other) for one in positive for other in negative)
    exact = wins / (len(positive) * len(negative))
    flat = totals.reshape(-1)
    assert abs(metric.aggregate(flat) - exact) <= metric.bound(flat) + 1e-12


def test_scores_that_do_not_fit_the_choices_are_told(make_sample):
    with pytest.raises(MetricError, match=r"top-5: sample 'x': prediction\.option_logprobs must be one log-prob"):
        TopK().statistics(Prediction(option_logprobs=(0.0,)), make_sample("a", ("a", "b")))
    with pytest.raises(MetricError, match=r"auroc: sample 'x': prediction\.option_logprobs .* not \(nan, 0\.0\)"):
        AUROC().statistics(Prediction(option_logprobs=(float("nan"), 0.0)), make_sample("yes", OPTIONS))
    with pytest.raises(MetricError, match="auroc: sample 'x': choices must be options with 'maybe'"):
        AUROC("maybe").statistics(Prediction(option_logprobs=(1.0, 0.0)), make_sample("yes", OPTIONS))
    with pytest.raises(MetricError, match="top-5: sample 'x': target must be one of the sample's choices"):
        TopK().statistics(Prediction(option_logprobs=(1.0, 0.0)), make_sample("c", OPTIONS))
    with pytest.raises(UsageError, match="k must be at least 1"):
        TopK(0)


def test_signatures_tell_what_changes_the_value():
    assert AUROC().signature == "auroc|positive:yes|score:log-odds|bins:64|version:1"
    assert TopK(3).signature == "top-k|k:3|ties:chance|version:1"
