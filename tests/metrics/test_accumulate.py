"""Accumulators, and what a new metric gets for free."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import MetricError, UsageError
from mmbench.metrics.accumulate import Accumulator
from mmbench.metrics.base import prediction_text, ratio
from mmbench.metrics.classification import F1, Accuracy
from mmbench.metrics.qa import TokenF1
from mmbench.schema import Prediction, Sample


def samples(targets):
    return [Sample(id=str(i), messages=(), target=target, answer="") for i, target in enumerate(targets)]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.data())
def test_any_split_into_shards_gives_the_whole(targets, data):
    answers = data.draw(st.lists(st.sampled_from("abc?"), min_size=len(targets), max_size=len(targets)))
    rows, shown = samples(targets), [Prediction(text=text) for text in answers]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    whole = Accumulator(F1(), rows).update(shown, rows)
    merged = Accumulator(F1(), rows)
    for start, stop in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        merged.merge(Accumulator(F1(), rows).update(shown[start:stop], rows[start:stop]))
    np.testing.assert_allclose(merged.compute(), whole.compute(), rtol=1e-12)
    assert merged.samples == len(rows)


def test_nothing_yet_is_nan_and_reset_forgets():
    total = Accumulator(Accuracy())
    assert math.isnan(total.compute())
    total.update([Prediction(text="a")], samples("a"))
    assert total.compute() == 1.0
    total.reset()
    assert math.isnan(total.compute())


def test_memory_does_not_grow_with_samples():
    total = Accumulator(TokenF1())
    for _ in range(50):
        total.update([Prediction(text="a")], samples(["a"]))
    assert total.totals.shape == (2,)
    assert total.samples == 50


def test_merging_does_not_tie_two_accumulators_together():
    left, right = Accumulator(Accuracy()), Accumulator(Accuracy()).update([Prediction(text="a")], samples("a"))
    left.merge(right)
    left.update([Prediction(text="b")], samples("a"))
    assert (left.compute(), right.compute()) == (0.5, 1.0)


def test_totals_of_other_signatures_do_not_merge():
    with pytest.raises(
        UsageError, match=r"cannot merge totals of 'token-f1.*' into totals of 'accuracy.*signatures"
    ):
        Accumulator(Accuracy()).merge(Accumulator(TokenF1()))


def test_a_batch_that_cannot_be_scored_is_not_added_in_part():
    total = Accumulator(Accuracy())
    with pytest.raises(MetricError):
        total.update([Prediction(text="a"), Prediction(text="a")], samples(["a", 7]))
    assert total.samples == 0
    with pytest.raises(UsageError, match="1 predictions for 2 samples"):
        total.update([Prediction(text="a")], samples("ab"))


@dataclass(frozen=True)
class ShoutRate:
    """A new metric: the share of letters in capitals."""

    name = "shout-rate"
    signature = "shout-rate|version:1"
    higher_is_better = False
    range = (0.0, 1.0)

    def statistics(self, prediction, sample):
        letters = [letter for letter in prediction_text(self.name, prediction, sample) if letter.isalpha()]
        return np.array([sum(letter.isupper() for letter in letters), float(len(letters))])

    def aggregate(self, totals):
        return ratio(totals[..., 0], totals[..., 1])


def test_a_new_metric_gets_intervals_slices_and_shards_for_free():
    from mmbench.engine.scoring import Scored, Scorer

    scorer = Scorer([ShoutRate()], seed=0)
    rows = []
    for place in range(200):
        sample = Sample(id=str(place), messages=(), target="", answer="", slices={"who": "ab"[place % 2]})
        text = ("LOUD voice" if place % 2 else "quiet Voice") * (1 + place % 3)
        rows.append(Scored(sample, scorer.score(Prediction(text=text), sample)))
    scorer.add(rows)
    results = {result.slice: result for result in scorer.results("t", "d")}
    assert set(results) == {"", "who=a", "who=b"}
    assert results["who=a"].value < results[""].value < results["who=b"].value
    assert results[""].interval.low < results[""].value < results[""].interval.high
