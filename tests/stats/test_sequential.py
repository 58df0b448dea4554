import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.stats.sequential import confidence_sequence, decide, first_rejection, log_wealth, lower_bound


def _orders(values, count, seed=0):
    return np.random.default_rng(seed).permuted(np.tile(np.asarray(values, float), (count, 1)), axis=1)


def _lists():
    rng = np.random.default_rng(5)
    yield "right/wrong", np.repeat([0.0, 1.0], [60, 140])
    yield "differences, few discordant", np.repeat([0.0, 1.0, 0.5], [16, 12, 272])
    yield "graded", rng.beta(2, 5, 250)
    yield "one large value", np.append(np.full(99, 0.1), 1.0)


@pytest.mark.parametrize(("name", "values"), list(_lists()))
def test_a_true_hypothesis_is_rejected_ever_in_at_most_five_percent_of_orders(name, values):
    """At the edge itself, looking after each sample to the very end: Ville's bound and the noise of 600 orders."""
    orders = _orders(values, 600)
    limit = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)
    mean = values.mean()
    assert (first_rejection(orders, len(values), mean, 0.05) > 0).mean() <= limit
    assert (first_rejection(1 - orders, len(values), 1 - mean, 0.05) > 0).mean() <= limit


def test_the_expected_wealth_never_exceeds_one_at_any_time():
    """Over all orders of a short list the mean wealth at a true null is exactly 1, and less inside the null."""
    from itertools import permutations

    values = np.array([0.0, 0.2, 0.5, 0.6, 1.0, 0.7])
    every = np.array(list(permutations(values)))
    edge = np.exp(log_wealth(every, 6, values.mean())).mean(axis=0)
    assert np.all(edge[:-1] <= 1 + 1e-9)
    inside = np.exp(log_wealth(every, 6, values.mean() + 0.05)).mean(axis=0)
    assert np.all(inside <= 1 + 1e-9)


def test_three_margins_save_most_of_the_list():
    values = np.repeat([0.0, 1.0, 0.5], [210, 90, 1700])  # 15 % discordant, a drop of 6 points
    orders = _orders(values, 100)
    edge = (1 - 0.02) / 2
    stopped = first_rejection(1 - orders, 2000, 1 - edge, 0.05)
    assert (stopped > 0).all()
    assert stopped.mean() / 2000 <= 0.4


def test_the_whole_list_leaves_no_doubt():
    values = _orders(np.linspace(0, 1, 40), 1)[0]
    low, high = confidence_sequence(values, 40, (0.05, 0.05))
    assert low == pytest.approx(0.5, abs=1e-6)
    assert high == pytest.approx(0.5, abs=1e-6)
    assert first_rejection(values, 40, 0.499, 0.05) <= 40


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 30), st.floats(0.01, 0.3))
def test_bounds_are_ordered_shrink_and_reject_what_lies_outside(values, more, alpha):
    shown, size = np.asarray(values), len(values) + more
    low, high = confidence_sequence(shown, size, (alpha, alpha))
    assert 0 <= low <= 1
    assert 0 <= high <= 1
    earlier = lower_bound(shown[:-1], size, alpha) if len(shown) > 1 else 0.0
    assert low >= earlier - 1e-6
    if low > 1e-3:
        assert first_rejection(shown, size, low - 1e-3, alpha)
    assert not first_rejection(shown, size, min(low + 1e-3, 1.0), alpha) or low > 1 - 2e-3


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_wealth_falls_with_the_mean_that_it_bets_against(values, first, second):
    shown = np.asarray(values)
    smaller, larger = sorted((first, second))
    left, right = log_wealth(shown, 50, smaller)[-1], log_wealth(shown, 50, larger)[-1]
    assert left >= right - 1e-9


def test_agreement_moves_nothing_while_both_are_level():
    level = np.full(200, 0.5)
    assert np.allclose(log_wealth(level, 1000, 0.5), 0.0)


@pytest.mark.parametrize(
    ("scores", "edge", "verdict"), [(np.ones(200), 0.5, 1), (np.zeros(200), 0.5, -1), (np.ones(3), 0.5, 0)]
)
def test_decisions(scores, edge, verdict):
    assert decide(scores, scores, 1000, edge, 0.05, 0.05) == verdict


def test_missing_values_count_against_either_conclusion():
    seen = np.ones(50)
    worst, best = np.append(seen, np.zeros(450)), np.append(seen, np.ones(450))
    assert decide(worst, best, 500, 0.5, 0.05, 0.05) in (0, 1)
    assert decide(np.zeros(500), np.ones(500), 500, 0.5, 0.05, 0.05) == 0
