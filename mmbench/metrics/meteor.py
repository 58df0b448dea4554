"""METEOR 1.5 with its modules "exact" and "stem" only: no Java, synonyms or paraphrases; a metric of its own name.

The official program needs Java, WordNet's synonyms and a paraphrase table of 60 MB. This variant keeps what can be
had without them: words match if they are equal (weight 1) or have one Snowball stem (0.6); content and function
words count 0.75 and 0.25; parameters are the published ones for English (alpha 0.85, beta 0.2, gamma 0.6). The
alignment is the published one: the largest weight of matches, then the fewest chunks, then the least distance,
found by a beam of 40. The program itself leaves some words unmatched that share a stem with several others; on
captions that changes about one pair in five hundred. Function words are a list of our own (the program counts its
own from a corpus).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mmbench.metrics._text import remember
from mmbench.metrics.base import Vector
from mmbench.metrics.captioning import CaptionMetric
from mmbench.metrics.snowball import stem
from mmbench.metrics.tfidf import words_of
from mmbench.schema import Prediction, Sample

FUNCTION_WORDS = frozenset(
    "a about above after against all along also although am among an and another any are around as at be"
    " because been before behind being below beside between both but by can could did do does down during"
    " each either every for from had has have having he her hers him his how i if in inside into is it its"
    " may me might mine must my near neither no nor not of off on onto or other our ours out outside over"
    " own shall she should since so some such than that the their theirs them then there these they this"
    " those though through to toward towards under until up upon us very was we were what when where"
    " whether which while who whom whose why will with within without would you your yours 's 'd 'll 'm"
    " n't 're 've".split()
)
"""Articles, pronouns, prepositions, conjunctions, auxiliaries, and the clitics that PTB tokens part."""

_ALPHA, _BETA, _GAMMA, _DELTA, _STEM = 0.85, 0.2, 0.6, 0.75, 0.6
_BEAM = 40
_CANDIDATES = 10


class _Path(NamedTuple):
    """A partial alignment: what it is worth, which reference words are taken, and its last match."""

    weight: float
    chunks: int
    distance: int
    taken: int
    last: tuple[int, int]
    pairs: tuple["_Path", int, int] | None


def _rank(path: _Path) -> tuple[float, int, int]:
    return -round(path.weight, 6), path.chunks, path.distance


@remember
def align(said: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[list[tuple[int, int]], int]:
    """Return the matched places (in what was said, in the reference) in order, and the number of chunks.

    At each word the ten candidates nearest to its own place are tried, and the one that continues a chunk.
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(wanted):
        places.setdefault(stem(word), []).append(place)
    paths = [_Path(0.0, 0, 0, 0, (-2, -2), None)]
    for i, word in enumerate(said):
        found = places.get(stem(word), [])
        near = sorted(found, key=lambda j: abs(i - j))[:_CANDIDATES] if len(found) > _CANDIDATES else found
        grown = []
        for path in paths:
            after = path.last[1] + 1 if path.last[0] == i - 1 else -1
            more = [*near, after] if after in found and after not in near else near
            grown += [
                _extended(path, i, j, said[i] == wanted[j], j == after) for j in more if not path.taken >> j & 1
            ]
        paths = sorted((*grown, *paths), key=_rank)[:_BEAM] if grown else paths
    return _pairs(paths[0]), paths[0].chunks


def _extended(path: _Path, i: int, j: int, exact: bool, continues: bool) -> _Path:
    weight = path.weight + (1.0 if exact else _STEM)
    distance = path.distance + abs(i - j)
    return _Path(weight, path.chunks + (not continues), distance, path.taken | 1 << j, (i, j), (path, i, j))


def _pairs(path: _Path) -> list[tuple[int, int]]:
    found = []
    while path.pairs:
        path, i, j = path.pairs
        found.append((i, j))
    return found[::-1]


def _kinds(words: tuple[str, ...]) -> tuple[int, int]:
    """Return the numbers of content and function words."""
    function = sum(word in FUNCTION_WORDS for word in words)
    return len(words) - function, function


def _compared(said: tuple[str, ...], wanted: tuple[str, ...]) -> Vector:
    """Return the statistics of one segment and one reference, shape (12,)."""
    pairs, chunks = align(said, wanted)
    exact = tuple(said[i] for i, j in pairs if said[i] == wanted[j])
    stems = [(said[i], wanted[j]) for i, j in pairs if said[i] != wanted[j]]
    left, right = tuple(word for word, _ in stems), tuple(word for _, word in stems)
    perfect = chunks == 1 and len(pairs) == len(said) == len(wanted)
    lengths = (*_kinds(said), *_kinds(wanted))
    counts = (*lengths, *_kinds(exact), *_kinds(left), *_kinds(right), 0 if perfect else chunks, len(pairs))
    return np.array(counts, dtype=np.float64)


def meteor_score(totals: Vector) -> Vector:
    """Turn statistics of shape (..., 12) into scores of shape (...); 0 where nothing matches."""
    parts = np.moveaxis(totals[..., :10].reshape(*totals.shape[:-1], 5, 2) @ [_DELTA, 1 - _DELTA], -1, 0)
    said, wanted, exact, left, right = parts
    precision = (exact + _STEM * left) / np.where(said > 0, said, 1.0)
    recall = (exact + _STEM * right) / np.where(wanted > 0, wanted, 1.0)
    below = _ALPHA * precision + (1 - _ALPHA) * recall
    mean = precision * recall / np.where(below > 0, below, 1.0)
    chunks, matches = totals[..., 10], totals[..., 11]
    return np.asarray((1 - _GAMMA * (chunks / np.where(matches > 0, matches, 1.0)) ** _BETA) * mean)


@dataclass(frozen=True)
class MeteorExactStem(CaptionMetric):
    """METEOR (Denkowski and Lavie 2014) over exact and stem matches only, 0..1; not comparable to full METEOR.

    Statistics, against the reference of the best segment score: content and function words of the prediction, of
    the reference, matched exactly, matched by stem in the prediction, in the reference; chunks (0 of a perfect
    segment, as in the program); matches.
    """

    @property
    def _kind(self) -> str:
        return "meteor-exact-stem"

    def _parts(self) -> dict[str, Any]:
        parameters = {"alpha": _ALPHA, "beta": _BETA, "gamma": _GAMMA, "delta": _DELTA}
        return {"modules": f"exact-1,stem-{_STEM}", "function-words": "own-1", "beam": _BEAM, **parameters}

    def statistics(self, prediction: Prediction, sample: Sample) -> Vector:
        """Return the counts of one segment, shape (12,)."""
        hypothesis, refs = self._texts(prediction, sample)
        found = [_compared(words_of(hypothesis), words_of(ref)) for ref in refs]
        return max(found, key=lambda counts: float(meteor_score(counts)))

    def aggregate(self, totals: Vector) -> Vector:
        """Return the score, shape (...), of totals of shape (..., 12)."""
        return meteor_score(totals)
