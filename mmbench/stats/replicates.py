"""A Poisson bootstrap that streams, merges and pairs.

Each cluster of samples draws its own Poisson(1) weights, one a replicate, from a counter-based generator keyed by
(seed, cluster name). The weights depend on nothing else, so

* replicates accumulate sample by sample in constant memory, in any order, and shards merge by addition;
* one weight matrix serves all metrics and all slices at once (``weights.T @ statistics``);
* two runs over the same samples get the same weights: their replicates are paired without storing anything.

The Poisson form of the bootstrap: Hanley & MacGibbon (2006); Chamandy et al., Google (2012).
"""

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

REPLICATES = 1000

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_CHUNKS = 32, 256  # samples at a time: few statistics, so that the weights stay in the cache; many
_FEW = 48
_ROWS = 32  # keys at a time, so that the words being mixed stay in the cache


def _poisson_table() -> NDArray[np.uint8]:
    """Map 16 uniform bits to a Poisson(1) draw by inversion (probabilities exact to 2^-16)."""
    table = np.empty(1 << 16, dtype=np.uint8)
    start, cumulative = 0, 0.0
    for count in range(16):
        cumulative += math.exp(-1.0) / math.factorial(count)
        end = min(round(cumulative * (1 << 16)), 1 << 16)
        table[start:end] = count
        start = end
    table[start:] = 8
    return table


_POISSON = _poisson_table()


def cluster_keys(names: Sequence[str]) -> NDArray[np.uint64]:
    """Hash cluster names to 64 bits; stable between machines and versions of Python."""
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def cluster_sums(statistics: NDArray[np.float64], groups: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Add up the rows of each cluster: (n, k) and group numbers (n,) give (count, k)."""
    sums = np.zeros((count, statistics.shape[1]))
    np.add.at(sums, groups, statistics)
    return sums


def poisson_weights(keys: NDArray[np.uint64], replicates: int, seed: int) -> NDArray[np.uint8]:
    """Return Poisson(1) weights of shape (len(keys), replicates); equal keys get equal rows.

    The generator is SplitMix64 in counter mode (Steele, Lea & Flood 2014): word j of a key is the mix of
    ``key ^ mix(seed) + (j + 1) * golden``; each word gives four draws.
    """
    words = -(-replicates // 4)
    start = keys ^ _mix(np.array([seed], dtype=np.uint64))[0]
    counters = np.arange(1, words + 1, dtype=np.uint64) * _GOLDEN
    draws = np.empty((len(keys), 4 * words), dtype=np.uint8)
    for at in range(0, len(keys), _ROWS):
        bits = _mix(start[at : at + _ROWS, None] + counters).astype("<u8", copy=False).view("<u2")
        np.take(_POISSON, bits, out=draws[at : at + _ROWS], mode="clip")
    return draws[:, :replicates]


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Apply SplitMix64's finaliser in place."""
    shifted = state >> np.uint64(30)
    state ^= shifted
    state *= _MIX_1
    np.right_shift(state, np.uint64(27), out=shifted)
    state ^= shifted
    state *= _MIX_2
    np.right_shift(state, np.uint64(31), out=shifted)
    state ^= shifted
    return state


class Replicates:
    """Running totals of k statistics, and of each of their bootstrap replicates.

    Attributes:
        totals: shape (k,).
        resampled: shape (replicates, k).
        n: samples added.
    """

    def __init__(self, k: int, replicates: int = REPLICATES) -> None:
        self.totals = np.zeros(k)
        self.resampled = np.zeros((k, replicates)).T  # a statistic's replicates lie side by side
        self.n = 0

    def add(self, statistics: NDArray[np.float64], weights: NDArray[np.uint8]) -> None:
        """Add samples: statistics of shape (n, k) with weights of shape (n, replicates)."""
        self.totals += statistics.sum(axis=0)
        self.n += len(statistics)
        size = _CHUNKS[len(self.totals) > _FEW]
        buffer = np.empty((size, weights.shape[1]))
        for start in range(0, len(statistics), size):
            part = slice(start, start + size)
            drawn = buffer[: len(weights[part])]
            drawn[...] = weights[part]
            self.resampled.T[...] += statistics[part].T @ drawn

    def merge(self, other: "Replicates") -> None:
        """Add the totals of another shard."""
        self.totals += other.totals
        self.resampled += other.resampled
        self.n += other.n
