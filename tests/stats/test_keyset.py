import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmbench.stats import keyset
from mmbench.stats.keyset import KeySet


@given(st.lists(st.lists(st.integers(0, 9)), max_size=9))
def test_every_key_counts_once(parts):
    keys = KeySet()
    for count, part in enumerate(parts, 1):
        keys.add(np.array(part, np.uint64))
        if count % 3 == 0:  # asked in the middle, it goes on
            assert len(keys) == len(set().union(*parts[:count]))
    assert len(keys) == len(set().union(*parts))


def test_what_is_new_does_not_pile_up(monkeypatch):
    monkeypatch.setattr(keyset, "_WAIT", 100)
    keys = KeySet()
    for start in range(0, 5_000, 10):
        keys.add(np.arange(start % 1_000, start % 1_000 + 10, dtype=np.uint64))
        assert sum(map(len, keys._fresh)) <= 1_000 // 8
    assert len(keys) == 1_000
