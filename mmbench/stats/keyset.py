"""Counting the different ones among very many keys."""

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
_WAIT = 1 << 16


class KeySet:
    """The different keys among those added: eight bytes each, for a moment twice that while they are sorted."""

    def __init__(self) -> None:
        self._known: Keys = np.zeros(0, np.uint64)
        self._fresh: list[Keys] = []
        self._waiting = 0

    def add(self, keys: Keys) -> None:
        """Take in keys of shape (n,)."""
        self._fresh.append(keys)
        self._waiting += len(keys)
        if self._waiting > max(_WAIT, len(self._known) // 8):
            self._fold()

    def __len__(self) -> int:
        self._fold()
        return len(self._known)

    def _fold(self) -> None:
        """Sort what is new into what is known; ``np.unique`` needs more time and memory, and imports numpy.ma."""
        if not self._waiting:
            return
        keys = np.concatenate([self._known, *self._fresh])
        self._known, self._fresh, self._waiting = keys[:0], [], 0
        keys.sort()
        first = np.ones(len(keys), bool)
        np.not_equal(keys[1:], keys[:-1], out=first[1:])
        self._known = keys if first.all() else keys[first]
