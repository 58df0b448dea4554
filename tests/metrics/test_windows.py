import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmbench.errors import UsageError
from mmbench.metrics.windows import Window, rolling_windows

SIZES = st.integers(1, 40).flatmap(
    lambda most: st.tuples(st.integers(0, 300), st.just(most), st.integers(1, most))
)


@given(SIZES)
def test_every_token_is_scored_exactly_once_in_order(sizes):
    count, most, stride = sizes
    scored = [
        position
        for window in rolling_windows(count, most, stride)
        for position in range(window.stop - window.scored + 1, window.stop + 1)
    ]
    assert scored == list(range(1, count + 1))


@given(SIZES)
def test_no_window_is_longer_than_the_model_reads(sizes):
    count, most, stride = sizes
    for window in rolling_windows(count, most, stride):
        assert 1 <= window.scored <= window.stop - window.start <= most


@given(SIZES)
def test_every_window_reaches_back_as_far_as_it_can(sizes):
    count, most, stride = sizes
    for window in rolling_windows(count, most, stride):
        assert window.start == 0 or window.stop - window.start == most


@given(SIZES)
def test_a_stride_guarantees_its_context(sizes):
    count, most, stride = sizes
    for window in rolling_windows(count, most, stride):
        first = window.stop - window.scored + 1
        assert first - window.start >= min(first, most - stride + 1)


@given(st.integers(0, 300), st.integers(1, 40))
def test_stride_1_gives_every_token_all_the_context_there_is(count, most):
    for window in rolling_windows(count, most, 1):
        if window.start:
            assert window.scored == 1


def test_a_text_that_fits_is_one_window():
    assert rolling_windows(3, 8) == [Window(0, 3, 3)]
    assert rolling_windows(8, 8) == [Window(0, 8, 8)]
    assert rolling_windows(0, 8) == []


def test_the_last_shorter_window_keeps_the_context_that_fits():
    assert rolling_windows(10, 4) == [Window(0, 4, 4), Window(4, 8, 4), Window(6, 10, 2)]
    assert rolling_windows(6, 4, 2) == [Window(0, 4, 4), Window(2, 6, 2)]


@pytest.mark.parametrize("wrong", [(-1, 4, None), (5, 0, None), (5, 4, 0), (5, 4, 5)])
def test_sizes_that_make_no_sense_are_told(wrong):
    with pytest.raises(UsageError, match="rolling windows: need"):
        rolling_windows(*wrong)
