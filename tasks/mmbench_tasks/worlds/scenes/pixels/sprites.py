"""Sprites: solids with a texture at their size in pixels, drawn once, kept, and tinted when they are pasted."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmbench_tasks.worlds.scenes.pixels.shapes import Canvas, planes
from mmbench_tasks.worlds.scenes.pixels.solids import BELOW, HEIGHT, SOLIDS, Plane

Whole = NDArray[np.int32]

_FINE = 4
_AMBIENT, _DIRECT, _SHINE = 0.44, 0.66, 0.35
_FULL = 256

PAINT: dict[str, tuple[int, int, int]] = {
    "red": (216, 42, 44),
    "orange": (246, 130, 24),
    "yellow": (244, 196, 8),
    "green": (44, 156, 66),
    "blue": (36, 96, 214),
    "purple": (132, 58, 186),
    "pink": (242, 108, 166),
    "brown": (122, 74, 40),
}
_PATTERN = (252, 247, 236)


@dataclass(frozen=True, slots=True)
class Sprite:
    """Planes of shape (height, width), 0 to 256: cover, light, shine, and where each pattern's colour shows.

    ``left`` and ``top`` say where the first pixel lies, relative to where the solid stands.
    """

    cover: Whole
    light: Whole
    shine: Whole
    patterns: dict[str, Whole]
    left: int
    top: int

    def tinted(self, colour: str, texture: str) -> Canvas:
        """Return the lit colours, shape (3, height, width), 0 to 255."""
        paint = planes(PAINT[colour]).astype(np.int32)
        lit: Whole
        if texture == "plain":
            lit = self.light * paint
        else:
            lit = self.patterns[texture] * (planes(_PATTERN).astype(np.int32) - paint)
            lit >>= 8
            lit += paint
            lit *= self.light
        lit += self.shine * 255
        lit >>= 8
        np.minimum(lit, 255, out=lit)
        return lit.astype(np.uint16)


def sprite(shape: str, radius: int, turn: int) -> Sprite:
    """Return a solid of this radius in pixels; only cubes and pyramids look different when they are turned."""
    return _sprite(shape, radius, turn if shape in ("cube", "pyramid") else 0)


@lru_cache(maxsize=1024)
def _sprite(shape: str, radius: int, turn: int) -> Sprite:
    above, below = int(HEIGHT * radius) + 2, int(BELOW * radius) + 2
    side = int(1.2 * radius) + 2
    x, y = _grid(side, above, below, radius)
    relief = SOLIDS[shape](x, y, turn)
    inside = relief.inside
    pixels = _shrink(inside.astype(np.int16))
    share = np.maximum(pixels, 1)

    def mean(plane: Plane) -> Whole:
        whole = np.rint(plane * np.float32(_FULL)).astype(np.int16)
        return _shrink(np.where(inside, whole, np.int16(0))) // share

    return Sprite(
        cover=pixels * (_FULL // (_FINE * _FINE)),
        light=mean(_AMBIENT + _DIRECT * relief.light),
        shine=mean(_SHINE * relief.shine),
        patterns={
            texture: mean(_pattern(texture, relief.u, relief.v)) for texture in ("striped", "spotted", "checked")
        },
        left=-side,
        top=-above,
    )


@lru_cache(maxsize=256)
def shadow(radius: int) -> tuple[Whole, int, int]:
    """Return a soft shadow (0 to 256) with its left and top, for a solid of this radius."""
    side, flat = int(1.5 * radius) + 2, int(0.62 * radius) + 2
    x = np.arange(-side, side + 1, dtype=np.float32)[None, :] / (1.35 * radius)
    y = np.arange(-flat, flat + 1, dtype=np.float32)[:, None] / (0.52 * radius)
    depth = np.maximum(1 - x * x - y * y, 0)
    return np.rint(depth * (2 - depth) * 110).astype(np.int32), -side, -flat


def _grid(side: int, above: int, below: int, radius: int) -> tuple[Plane, Plane]:
    step = np.float32(1) / np.float32(_FINE * radius)
    across = (np.arange(-side * _FINE, side * _FINE, dtype=np.float32) + np.float32(0.5)) * step
    up = (np.arange(above * _FINE, -below * _FINE, -1, dtype=np.float32) - np.float32(0.5)) * step
    x, y = np.meshgrid(across, up)
    return x, y


def _shrink(plane: NDArray[np.int16]) -> Whole:
    """Add up blocks of fine pixels: whole numbers, so exact in any order."""
    rows = plane[0::_FINE].copy()
    for i in range(1, _FINE):
        rows += plane[i::_FINE]
    total = rows[:, 0::_FINE].astype(np.int32)
    for i in range(1, _FINE):
        total += rows[:, i::_FINE]
    return total


def _pattern(texture: str, u: Plane, v: Plane) -> Plane:
    """Return 1 where the pattern's colour shows, 0 elsewhere."""
    if texture == "striped":
        shown = _odd(v * 3.4 + 0.25)
    elif texture == "checked":
        shown = _odd(u * 2.6 + 8) ^ _odd(v * 2.6 + 8)
    else:
        a, b = _centred(u * 2.3), _centred(v * 2.3 + 0.5)
        shown = a * a + b * b < 0.105
    return shown.astype(np.float32)


def _odd(plane: Plane) -> NDArray[np.bool_]:
    odd: NDArray[np.bool_] = np.floor(plane).astype(np.int32) % 2 == 1
    return odd


def _centred(plane: Plane) -> Plane:
    return plane - np.floor(plane) - np.float32(0.5)
