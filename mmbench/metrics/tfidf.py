"""N-grams of order 1 to 4, and how rare they are in a set of documents: the weights of CIDEr."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from mmbench.metrics._text import remember

Gram = str | tuple[str, ...]
"""A word, or several words in a row."""
Numbers = NDArray[np.int64]
ORDERS = (1, 2, 3, 4)


@remember
def words_of(text: str) -> tuple[str, ...]:
    """Return what whitespace parts."""
    return tuple(text.split())


def grams(words: tuple[str, ...], order: int) -> Iterable[Gram]:
    """Return the n-grams of one order, in order.

    >>> list(grams(("a", "b", "c"), 2))
    [('a', 'b'), ('b', 'c')]
    """
    return words if order == 1 else zip(*[words[start:] for start in range(order)], strict=False)


@remember
def counted(text: str, order: int) -> dict[Gram, int]:
    """Count the n-grams of one order."""
    counts: dict[Gram, int] = {}
    for gram in grams(words_of(text), order):
        counts[gram] = counts.get(gram, 0) + 1
    return counts


@dataclass(frozen=True)
class Frequencies:
    """How rare n-grams are in a set of documents, each of which is a few texts.

    Attributes:
        documents: how many there are.
        digest: identifies their texts, in whatever order the documents came.
        weights: squared inverse document frequency of the n-grams of two documents or more.
        rare: that of all others, of none or one document.
        lengths: the length of each text's tf-idf vectors, one an order.
    """

    documents: int
    digest: str
    weights: Mapping[Gram, float]
    rare: float
    lengths: Mapping[str, tuple[float, ...]]

    def total(self, found: Iterable[Gram]) -> float:
        """Return the sum of the weights of n-grams."""
        return sum(map(self.weights.get, found, repeat(self.rare)))

    def length(self, text: str, order: int) -> float:
        """Return the length of a text's tf-idf vector of one order."""
        known = self.lengths.get(text)
        if known:
            return known[order - 1]
        weigh, rare = self.weights.get, self.rare
        return math.sqrt(sum(count**2 * weigh(gram, rare) for gram, count in counted(text, order).items()))


def frequencies(documents: Iterable[list[str]]) -> Frequencies:
    """Count in how many documents every n-gram occurs."""
    texts: list[str] = []
    sizes: list[int] = []
    digest = 0
    for document in documents:
        texts += document
        sizes.append(len(document))
        digest += int.from_bytes(hashlib.sha256("\n".join(sorted(document)).encode()).digest()[:8], "big")
    number = len(sizes)
    squares = np.log(max(number, 1) / np.arange(1, number + 2)) ** 2
    corpus = _Corpus.of(texts, np.repeat(np.arange(number), sizes))
    weights: dict[Gram, float] = {}
    lengths = np.zeros((len(texts), len(ORDERS)))
    for order, table in zip(ORDERS, corpus.tables(), strict=False):
        weight = squares[table.documents - 1]
        terms = table.counts**2 * weight[table.groups]
        lengths[:, order - 1] = np.sqrt(np.bincount(table.texts, terms, minlength=len(texts)))
        several = table.documents > 1
        for start, square in zip(table.starts[several].tolist(), weight[several].tolist(), strict=True):
            weights[corpus.words[start] if order == 1 else tuple(corpus.words[start : start + order])] = square
    known = dict(zip(texts, map(tuple, lengths.tolist()), strict=True))
    return Frequencies(number, f"{digest % 2**32:08x}", weights, float(squares[0]), known)


@dataclass(frozen=True)
class _Table:
    """The n-grams of one order in a corpus: each different one is a group.

    Attributes:
        starts: where each group is first, as a place among the words.
        documents: in how many documents each group is.
        groups: for each pair of a group and a text that has it, the group;
        texts: the text;
        counts: and how often it has it.
    """

    starts: Numbers
    documents: Numbers
    groups: Numbers
    texts: Numbers
    counts: Numbers


@dataclass(frozen=True)
class _Corpus:
    """All words of all texts, one after another, each text closed by an empty word that is in no n-gram."""

    words: list[str]
    codes: Numbers
    texts: Numbers
    owners: Numbers

    @classmethod
    def of(cls, texts: list[str], owners: Numbers) -> "_Corpus":
        """Join texts; ``owners`` are their documents, ascending."""
        words: list[str] = []
        sizes = []
        for text in texts:
            mine = text.split()
            words += mine
            words.append("")
            sizes.append(len(mine) + 1)
        numbers = {"": 0}
        codes = np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)
        places = np.repeat(np.arange(len(texts)), sizes)
        return cls(words, codes, places, owners[places])

    def tables(self) -> Iterator[_Table]:
        """Yield one table an order, as long as there are n-grams; grouped by sorting, without a dictionary."""
        starts, keys = np.flatnonzero(self.codes), self.codes[self.codes > 0]
        for order in ORDERS:
            if not len(starts):
                return
            by_key = np.argsort(keys, kind="stable")
            starts, keys = starts[by_key], keys[by_key]
            texts, owners = self.texts[starts], self.owners[starts]
            first = np.diff(keys, prepend=-1) != 0
            group = np.cumsum(first) - 1
            in_text = np.flatnonzero(first | (np.diff(texts, prepend=-1) != 0))
            in_document = first | (np.diff(owners, prepend=-1) != 0)
            counts = np.diff(in_text, append=len(starts))
            yield _Table(starts[first], np.bincount(group[in_document]), group[in_text], texts[in_text], counts)
            following = self.codes[np.minimum(starts + order, len(self.codes) - 1)]
            starts, keys = starts[following > 0], (group * len(self.codes) + following)[following > 0]
