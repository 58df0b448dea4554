"""Longest common subsequences of token sequences, exact and fast."""

from collections.abc import Iterable, Sequence
from itertools import repeat


def numbered(first: Sequence[str], second: Sequence[str]) -> tuple[list[int], list[int]]:
    """Replace tokens by numbers, equal where tokens of the two sequences are, so that no hash can mistake them.

    Tokens of ``second`` that ``first`` lacks all become -9: they can match nothing.
    """
    numbers = dict(zip(first, range(len(first)), strict=True))
    return list(map(numbers.__getitem__, first)), list(map(numbers.get, second, repeat(-9)))


def lcs_length(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    >>> lcs_length("a b c d".split(), "b x d".split())
    2
    """
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(*numbered(first, second)))


def lcs_positions(reference: Sequence[str], candidate: Sequence[str]) -> set[int]:
    """Return the positions in ``reference`` of one longest common subsequence: the one ``rouge-score`` reads out.

    Where the two last tokens differ, it drops the candidate's only if that alone keeps the length. Each row of the
    table of lengths is one integer (Hyyrö 2004): bit j is 0 where the length grows at the candidate's token j.
    """
    places: dict[str, int] = {}
    for position, token in enumerate(candidate):
        places[token] = places.get(token, 0) | 1 << position
    full = (1 << len(candidate)) - 1
    rows = [full]
    for token in reference:
        here = rows[-1] & places.get(token, 0)
        rows.append((rows[-1] + here | rows[-1] - here) & full)
    found = set()
    i, j = len(reference), len(candidate)
    while i and j:
        if reference[i - 1] == candidate[j - 1]:
            found.add(i - 1)
            i, j = i - 1, j - 1
        elif rows[i] >> j - 1 & 1 and _length(rows[i], j) > _length(rows[i - 1], j):
            j -= 1
        else:
            i -= 1
    return found


def _length(row: int, end: int) -> int:
    """Count the zeros among the lowest ``end`` bits."""
    return end - (row & (1 << end) - 1).bit_count()


def union_lcs(reference: Sequence[str], candidates: Iterable[Sequence[str]]) -> list[str]:
    """Return the tokens of ``reference`` that its common subsequences with any of the candidates cover, in order.

    >>> union_lcs("a b c d e".split(), ["a b x".split(), "a c e y".split()])
    ['a', 'b', 'c', 'e']
    """
    covered = set().union(*(lcs_positions(reference, candidate) for candidate in candidates))
    return [reference[position] for position in sorted(covered)]
