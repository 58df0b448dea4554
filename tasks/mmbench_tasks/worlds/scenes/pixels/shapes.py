"""Flat shapes with soft edges, as planes of cover from 0 to 256, and how to put them on a canvas.

A shape's edge is where its signed distance is 0; half a pixel on either side of it blends. Only + - * / sqrt on
float32 are used, which round the same everywhere.
"""

from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int32]
Canvas = NDArray[np.uint16]
"""Red, green and blue of 0 to 255, shape (3, height, width): planes, because that is how NumPy is fast. 16 bits
hold a colour times a cover."""
Plane = NDArray[np.floating[Any]]
T = TypeVar("T", bound=np.generic)
Colour = tuple[int, int, int]

FULL = 256


def fill(canvas: Canvas, cover: Whole, left: int, top: int, colour: Colour, strength: int = FULL) -> None:
    """Paint ``colour`` where ``cover``, its corner at (left, top), says; what sticks out is cut off."""
    part, cut = overlap(canvas, left, top, cover)
    blend(part, planes(colour), cut if strength == FULL else cut * strength >> 8)


def planes(colour: Colour) -> Canvas:
    """Return a colour as a canvas of shape (3, 1, 1)."""
    return np.array(colour, dtype=np.uint16)[:, None, None]


def blend(part: Canvas, paint: Canvas, cover: Whole) -> None:
    """Lay ``paint`` over a part of a canvas where ``cover``, 0 to 256, says; all of one height and width."""
    cut = cover.astype(np.uint16)
    over = paint * cut
    part *= np.uint16(FULL) - cut
    part += over
    part >>= 8


def overlap(canvas: Canvas, left: int, top: int, plane: NDArray[T]) -> tuple[Canvas, NDArray[T]]:
    """Return the views of canvas and plane that overlap when the plane's corner is put at (left, top)."""
    height, width = plane.shape[-2:]
    y0, y1 = max(top, 0), min(top + height, canvas.shape[1])
    x0, x1 = max(left, 0), min(left + width, canvas.shape[2])
    return canvas[:, y0:y1, x0:x1], plane[..., y0 - top : y1 - top, x0 - left : x1 - left]


@lru_cache(maxsize=512)
def rounded(width: int, height: int, radius: int) -> Whole:
    """Return a rectangle with round corners that fills (height, width)."""
    x, y = _centres(width), _centres(height)
    dx = np.maximum(np.abs(x - np.float32(width / 2)) - np.float32(width / 2 - radius), 0)[None, :]
    dy = np.maximum(np.abs(y - np.float32(height / 2)) - np.float32(height / 2 - radius), 0)[:, None]
    return _cover(np.sqrt(dx * dx + dy * dy) - np.float32(radius))


@lru_cache(maxsize=512)
def disc(radius: int, blur: int = 1) -> Whole:
    """Return a disc on a square of ``2 * radius + 2 * blur`` pixels; its edge is ``blur`` pixels wide."""
    half = np.float32(radius + blur)
    across = _centres(2 * (radius + blur)) - half
    distance = np.sqrt(across[None, :] * across[None, :] + across[:, None] * across[:, None])
    return _cover((distance - np.float32(radius)) / np.float32(blur))


def capsule(size: int, a: tuple[float, float], b: tuple[float, float], width: float) -> Whole:
    """Return a thick line with round ends from ``a`` to ``b`` (x, y), on a square of ``size`` pixels."""
    x, y = _centres(size)[None, :] - np.float32(a[0]), _centres(size)[:, None] - np.float32(a[1])
    dx, dy = np.float32(b[0] - a[0]), np.float32(b[1] - a[1])
    length = np.float32(max(float(dx * dx + dy * dy), 1e-6))
    along = np.clip((x * dx + y * dy) / length, 0, 1)
    off_x, off_y = x - along * dx, y - along * dy
    return _cover(np.sqrt(off_x * off_x + off_y * off_y) - np.float32(width / 2))


def _centres(count: int) -> Plane:
    return np.arange(count, dtype=np.float32) + np.float32(0.5)


def _cover(distance: Plane) -> Whole:
    cover: Whole = np.rint(np.clip(np.float32(0.5) - distance, 0, 1) * np.float32(FULL)).astype(np.int32)
    return cover
