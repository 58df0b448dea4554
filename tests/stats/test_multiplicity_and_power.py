import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from mmbench.stats.multiplicity import adjust
from mmbench.stats.power import minimum_detectable_effect, samples_needed

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(P_VALUES, st.sampled_from([("holm", "holm"), ("bh", "fdr_bh")]))
def test_adjusted_p_values_equal_statsmodels(p_values, methods):
    ours, theirs = methods
    assert adjust(p_values, ours) == pytest.approx(multipletests(p_values, method=theirs)[1], abs=1e-12)


def test_nothing_to_adjust():
    assert adjust([], "holm") == []
    assert adjust([0.3, 0.2], "none") == [0.3, 0.2]


def test_power_is_what_it_says():
    """A difference of the minimum detectable size is found in 80 % of simulated studies."""
    rng = np.random.default_rng(0)
    effect = minimum_detectable_effect(1.0)
    found = np.mean(np.abs(rng.normal(effect, 1.0, 20_000)) > 1.959964)
    assert found == pytest.approx(0.8, abs=0.01)


def test_samples_needed_halve_the_error_at_four_times_the_size():
    effect = minimum_detectable_effect(0.02)
    assert samples_needed(500, 0.02, effect) == 500
    assert samples_needed(500, 0.02, effect / 2) == pytest.approx(2000, abs=1)
    with pytest.raises(ValueError, match="difference of 0"):
        samples_needed(500, 0.02, 0.0)
