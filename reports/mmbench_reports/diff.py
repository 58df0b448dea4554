"""How an answer differs from its target, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]\s*|\w+\s*|[^\w\s]\s*|\s+")
_LEAST_WORDS, _LEAST_LIKENESS = 3, 0.3
_MOST_LETTERS = 2_000


@dataclass(frozen=True)
class Piece:
    """A stretch of words that both have, that only the answer has ("extra") or only the target ("missing")."""

    kind: Literal["same", "extra", "missing"]
    text: str

    @property
    def parts(self) -> tuple[str, str, str]:
        """The space before the words, the words, and the space after them."""
        words = self.text.strip()
        before, _, after = self.text.partition(words) if words else (self.text, "", "")
        return before, words, after


def diff(answer: str, targets: Sequence[str]) -> list[Piece]:
    """Compare an answer with the target it is most like; case and spacing do not count as differences.

    Returns:
        Pieces in order; without the missing ones they are the answer. Nothing if there is nothing to be learnt:
        the two are equal, very short, very long, or have little in common.

    >>> [(piece.kind, piece.text) for piece in diff("a red cat sat down", ["a cat sat down there"])]
    [('same', 'a '), ('extra', 'red '), ('same', 'cat sat down'), ('missing', ' there')]
    """
    ours = _WORD.findall(answer[: _MOST_LETTERS + 1])
    if len(answer) > _MOST_LETTERS or len(ours) < _LEAST_WORDS:
        return []
    folded = [word.strip().casefold() for word in ours]
    target = max(targets, key=lambda text: _overlap(folded, text), default="")
    theirs = _WORD.findall(target[:_MOST_LETTERS])
    matcher = SequenceMatcher(None, [word.strip().casefold() for word in theirs], folded, autojunk=False)
    if len(theirs) < _LEAST_WORDS or not _LEAST_LIKENESS <= matcher.ratio() < 1:
        return []
    pieces = []
    for kind, start, end, from_, to in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(ours[from_:to])))
            continue
        if end > start:
            pieces.append(Piece("missing", "".join(theirs[start:end])))
        if to > from_:
            pieces.append(Piece("extra", "".join(ours[from_:to])))
    return _spaced(pieces)


def _overlap(words: Sequence[str], target: str) -> float:
    """Return how many words two texts share, over the number of all their words."""
    theirs = {word.strip().casefold() for word in _WORD.findall(target[:_MOST_LETTERS])}
    both = theirs | set(words)
    return len(theirs & set(words)) / len(both) if both else 0.0


def _spaced(pieces: list[Piece]) -> list[Piece]:
    """Put a space between a missing piece and its neighbours where the target's spacing does not fit."""
    spaced: list[Piece] = []
    for piece in pieces:
        before = spaced[-1].text if spaced else " "
        if before and not before[-1].isspace() and "missing" in (piece.kind, spaced[-1].kind):
            if piece.kind == "missing":
                piece = Piece("missing", f" {piece.text}")
            else:
                spaced[-1] = Piece("missing", f"{before} ")
        spaced.append(piece)
    return spaced
