"""Lettering from a shipped picture of DejaVu's letters: no system fonts and no font engine.

``font/glyphs.png`` was drawn once by ``docs/worlds/make_glyphs.py`` (licence beside it); here letters are set side
by side and averaged down to the size wanted, in whole numbers.
"""

import io
import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int32]

FACES = ("sans", "serif", "mono")
_CAPITAL = 38  # height of a capital letter in the shipped picture, in pixels


@lru_cache(maxsize=2048)
def lettering(text: str, face: str, capital: int) -> Whole:
    """Return how much ink there is, 0 to 256, shape (height, width), margins cut to the capitals' height.

    Args:
        text: letters, digits, spaces and ``:.-'!?&``.
        face: "sans", "serif" or "mono"; all bold.
        capital: the height of a capital letter in pixels.

    Raises:
        KeyError: a character was not shipped.
    """
    parts = [_glyph(letter, face) for letter in text]
    line = np.concatenate(parts, axis=1)
    bottom = _facts()["baseline"] + 1
    line = line[bottom - _CAPITAL - 1 : bottom + (12 if any(c in "gjpqy" for c in text) else 0)]
    height, width = line.shape
    return shrink(line, max(1, (height * capital + 19) // _CAPITAL), max(1, (width * capital + 19) // _CAPITAL))


def shrink(plane: Whole, height: int, width: int) -> Whole:
    """Average a plane down to (height, width): each new pixel is the mean of the area that it covers."""
    shrunk: Whole = _shrunk_rows(_shrunk_rows(plane, height).T, width).T
    return shrunk


def _shrunk_rows(plane: Whole, count: int) -> Whole:
    """Average rows down to ``count``; running sums at fractional places, exact in whole numbers."""
    total = plane.shape[0]
    running = np.zeros((total + 1, plane.shape[1]), dtype=np.int64)
    np.cumsum(plane, axis=0, dtype=np.int64, out=running[1:])
    whole, rest = np.divmod(np.arange(count + 1, dtype=np.int64) * total, count)
    after = np.minimum(whole + 1, total)
    edges: NDArray[np.int64] = running[whole] * count + (running[after] - running[whole]) * rest[:, None]
    means: Whole = ((edges[1:] - edges[:-1]) // total).astype(np.int32)
    return means


@cache
def _glyph(letter: str, face: str) -> Whole:
    if letter == " ":
        return np.zeros((_facts()["height"], _CAPITAL // 2), dtype=np.int32)
    at = _facts()["letters"].index(letter) if letter in _facts()["letters"] else -1
    if at < 0:
        raise KeyError(f"no glyph for {letter!r} was shipped")
    widths = _facts()["widths"][face]
    top, left = FACES.index(face) * _facts()["height"], sum(widths[:at])
    return _sheet()[top : top + _facts()["height"], left : left + widths[at]]


@cache
def _facts() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files(__package__) / "font" / "glyphs.json").read_text())
    return found


@cache
def _sheet() -> Whole:
    import PIL.Image

    with PIL.Image.open(io.BytesIO((files(__package__) / "font" / "glyphs.png").read_bytes())) as picture:
        ink = np.asarray(picture.convert("L"), dtype=np.int32)
    full: Whole = ink + (ink >> 7)
    return full
