"""Solids as pictures of themselves: outline, light, highlight and surface coordinates of each shape.

A solid is drawn once per (shape, turn, radius) on a fine grid and then averaged down. Only + - * / sqrt and
comparisons on float32 arrays are used: IEEE arithmetic gives them the same last bit on every machine, which
``sin``, ``exp``, sums and matrix products do not promise.

Coordinates: the radius of the solid is 1, the origin is where it stands, x to the right, y up, z to the viewer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]
Vector = tuple[float, float, float]

HEIGHT = 2.2
"""No solid is higher than this many radii."""
BELOW = 0.5
"""No solid reaches further than this many radii below the point where it stands."""

_TILT_COS, _TILT_SIN = 12 / 13, 5 / 13
_LIGHT: Vector = (-0.48, 0.64, 0.6)
_HALF: Vector = (-0.2683, 0.3578, 0.8944)
_TURNS = ((0.8, 0.6), (0.6, 0.8), (12 / 13, 5 / 13))


@dataclass(slots=True)
class Relief:
    """A solid on a fine grid. ``u`` and ``v`` run over its surface; ``light`` and ``shine`` are 0 to about 1."""

    inside: NDArray[np.bool_]
    light: Plane
    shine: Plane
    u: Plane
    v: Plane

    @classmethod
    def empty(cls, like: Plane) -> "Relief":
        """Return a relief with nothing inside, of the same shape as ``like``."""
        return cls(np.zeros(like.shape, dtype=bool), *(np.zeros_like(like) for _ in range(4)))

    def put(self, where: NDArray[np.bool_], normal: tuple[Plane | float, ...], u: Plane, v: Plane) -> None:
        """Lay a piece of surface with this unit normal over what is there."""
        lambert = normal[0] * _LIGHT[0] + normal[1] * _LIGHT[1] + normal[2] * _LIGHT[2]
        gloss = np.maximum(normal[0] * _HALF[0] + normal[1] * _HALF[1] + normal[2] * _HALF[2], 0)
        for _ in range(5):
            gloss = gloss * gloss
        self.inside |= where
        for plane, value in ((self.light, np.maximum(lambert, 0)), (self.shine, gloss), (self.u, u), (self.v, v)):
            np.copyto(plane, value, where=where)


def ball(x: Plane, y: Plane, turn: int) -> Relief:  # noqa: ARG001
    """A sphere."""
    relief = Relief.empty(x)
    up = y - 0.93
    depth = _root(1 - x * x - up * up)
    lift = up * 0.9 + depth * 0.3
    relief.put(x * x + up * up <= 1, (x, up, depth), x / (1 + depth) * 1.3, lift)
    return relief


def cylinder(x: Plane, y: Plane, turn: int) -> Relief:  # noqa: ARG001
    """An upright cylinder, its top in sight."""
    relief = Relief.empty(x)
    width, high = 0.8, 1.45
    flat = width * _TILT_SIN
    across = x / width
    bulge = _root(1 - across * across)
    low = -flat * bulge
    side = (np.abs(across) <= 1) & (y >= low) & (y <= high)
    relief.put(side, (across, 0.0, bulge), across / (1 + bulge), (y - low) / high)
    lid = (y - high) / flat
    relief.put(across * across + lid * lid <= 1, (0.0, _TILT_COS, _TILT_SIN), across * 0.6, lid * 0.55)
    return relief


def cone(x: Plane, y: Plane, turn: int) -> Relief:  # noqa: ARG001
    """An upright cone."""
    relief = Relief.empty(x)
    width, high = 0.92, 1.85
    flat = width * _TILT_SIN
    touch = flat * flat / high
    half = width * (1 - touch / high)
    slope = np.maximum((high - y) / (high - touch), 1e-3) * half
    across = np.clip(x / slope, -1, 1)
    bulge = _root(1 - across * across)
    base = (x / width) * (x / width) + (y / flat) * (y / flat) <= 1
    sides = (np.abs(x) <= slope) & (y >= touch) & (y <= high)
    relief.put(base | sides, (across * 0.9, 0.4358, bulge * 0.9), across / (1 + bulge), y / high + 0.1 * bulge)
    return relief


def ring(x: Plane, y: Plane, turn: int) -> Relief:  # noqa: ARG001
    """A ring that stands upright and faces the viewer."""
    relief = Relief.empty(x)
    up = y - 0.95
    distance = np.maximum(_root(x * x + up * up), 1e-3)
    tube = (distance - 0.68) / 0.31
    face = _root(1 - tube * tube)
    normal = (x / distance * tube, up / distance * tube, face)
    relief.put(np.abs(tube) <= 1, normal, x * 0.9, up * 0.9)
    return relief


def heart(x: Plane, y: Plane, turn: int) -> Relief:  # noqa: ARG001
    """A puffed heart that stands on its tip."""
    relief = Relief.empty(x)

    def height(across: Plane, up: Plane) -> Plane:
        ball = across * across + up * up - 1
        return across * across * up * up * up - ball * ball * ball

    across, up = x * 1.14, (y - 0.95) * 1.14
    step = 0.02
    level = height(across, up)
    bump = _root(np.minimum(level, 0.6)) * 1.1
    dx = (_bump(height, across + step, up) - _bump(height, across - step, up)) / (2 * step)
    dy = (_bump(height, across, up + step) - _bump(height, across, up - step)) / (2 * step)
    length = _root(dx * dx + dy * dy + 1)
    relief.put(level >= 0, (-dx / length, -dy / length, 1 / length), across * 0.9, up * 0.9 + 0.2 * bump)
    return relief


def _bump(height: Callable[[Plane, Plane], Plane], across: Plane, up: Plane) -> Plane:
    level = np.clip(height(across, up), 0, 0.9)
    return _root(level * (1.8 - level)) * 0.7


def cube(x: Plane, y: Plane, turn: int) -> Relief:
    """A cube on the floor, turned by one of three angles."""
    s, h = 0.74, 1.48
    floor = [(-s, 0.0, s), (s, 0.0, s), (s, 0.0, -s), (-s, 0.0, -s)]
    top = [(px, h, pz) for px, _, pz in floor]
    corners = floor + top
    faces = [(0, 1, 4), (1, 2, 5), (2, 3, 6), (3, 0, 7), (4, 5, 7)]
    return _facets(x, y, corners, faces, square=True, turn=turn)


def pyramid(x: Plane, y: Plane, turn: int) -> Relief:
    """A pyramid with a square base, turned by one of three angles."""
    s = 0.82
    corners = [(-s, 0.0, s), (s, 0.0, s), (s, 0.0, -s), (-s, 0.0, -s), (0.0, 1.9, 0.0)]
    return _facets(x, y, corners, [(0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4)], square=False, turn=turn)


def star(x: Plane, y: Plane, turn: int) -> Relief:  # noqa: ARG001
    """A five-pointed star with ridges that stands upright and faces the viewer."""
    rays = ((0.0, 1.0), (0.5878, 0.809), (0.9511, 0.309), (0.9511, -0.309), (0.5878, -0.809))
    rim = []
    for i in range(10):
        across, up = rays[i] if i < 5 else (-rays[i - 5][0], -rays[i - 5][1])
        reach = 1.1 if i % 2 == 0 else 0.5
        rim.append((across * reach, up * reach + 0.9, 0.0))
    corners = [*rim, (0.0, 0.9, 0.38)]
    faces = [((i + 1) % 10, i, 10) for i in range(10)]
    return _facets(x, y, corners, faces, square=False, turn=-1)


SOLIDS: dict[str, Callable[[Plane, Plane, int], Relief]] = {
    "ball": ball,
    "cube": cube,
    "cylinder": cylinder,
    "cone": cone,
    "pyramid": pyramid,
    "ring": ring,
    "star": star,
    "heart": heart,
}


def _facets(
    x: Plane, y: Plane, corners: list[Vector], faces: list[tuple[int, int, int]], *, square: bool, turn: int
) -> Relief:
    """Draw flat faces; each is (corner, next corner, corner on the other side), counter-clockwise when seen."""
    relief = Relief.empty(x)
    for face in faces:
        a, b, c = (_turned(corners[i], turn) for i in face)
        e1, e2 = _minus(b, a), _minus(c, a)
        area = e1[0] * e2[1] - e1[1] * e2[0]
        if area <= 1e-6:
            continue
        across, up = x - a[0], y - a[1]
        u = (across * e2[1] - up * e2[0]) / area
        v = (up * e1[0] - across * e1[1]) / area
        where = (u >= 0) & (v >= 0)
        where &= (u <= 1) & (v <= 1) if square else (u + v <= 1)
        on_face = (u * 0.95 - 0.475, v * 0.95 - 0.475) if square else (u + v / 2 - 0.5, v * 0.9)
        relief.put(where, _unit(_cross(e1, e2)), *((x * 0.9, y * 0.9) if turn < 0 else on_face))
    return relief


def _turned(corner: Vector, turn: int) -> Vector:
    """Turn about the upright axis and tilt towards the viewer; ``turn`` -1 leaves the solid as it is."""
    if turn < 0:
        return corner
    cos, sin = _TURNS[turn % len(_TURNS)]
    x, y, z = corner
    x, z = x * cos + z * sin, z * cos - x * sin
    return x, y * _TILT_COS - z * _TILT_SIN, z * _TILT_COS + y * _TILT_SIN


def _minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def _cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _unit(a: Vector) -> Vector:
    length = float(np.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]))
    return a[0] / length, a[1] / length, a[2] / length


def _root(plane: Plane) -> Plane:
    return np.sqrt(np.maximum(plane, 0))
