"""The room behind the things: a wall, a skirting board and a floor in perspective, in soft colours."""

from functools import lru_cache

import numpy as np

from mmbench_tasks.worlds.scenes.model import CANVAS, HORIZON
from mmbench_tasks.worlds.scenes.pixels.shapes import Canvas, Colour, Plane, planes

WALLS: tuple[Colour, ...] = (
    (216, 226, 234),
    (236, 226, 208),
    (210, 224, 208),
    (230, 216, 226),
    (224, 224, 220),
    (200, 212, 228),
    (238, 218, 204),
    (206, 222, 224),
)
FLOORS: tuple[Colour, ...] = (
    (190, 164, 132),
    (170, 174, 180),
    (154, 168, 144),
    (198, 184, 164),
    (166, 152, 156),
    (206, 198, 180),
    (150, 158, 172),
    (184, 172, 160),
)
PATTERNS = 4
"""Walls and floors each have this many patterns."""

_SKIRTING = 7


def room(wall: int, floor: int, size: int) -> Canvas:
    """Return the empty room, shape (3, size, size); colour and pattern are ``divmod(n, PATTERNS)``."""
    (wall_colour, wall_pattern), (floor_colour, floor_pattern) = divmod(wall, PATTERNS), divmod(floor, PATTERNS)
    canvas = np.empty((3, size, size), dtype=np.uint16)
    horizon = HORIZON * size // CANVAS
    np.multiply(_wall(wall_pattern, size), planes(WALLS[wall_colour]), out=canvas[:, :horizon])
    np.multiply(_floor(floor_pattern, size), planes(FLOORS[floor_colour]), out=canvas[:, horizon:])
    canvas >>= 8
    return canvas


@lru_cache(maxsize=32)
def _wall(pattern: int, size: int) -> Canvas:
    """Return how bright the wall is, 256 for its own colour."""
    unit = CANVAS / size
    horizon = HORIZON * size // CANVAS
    y = (np.arange(horizon, dtype=np.float32)[:, None] + np.float32(0.5)) * np.float32(unit)
    x = (np.arange(size, dtype=np.float32)[None, :] + np.float32(0.5)) * np.float32(unit)
    light = 0.95 + 0.07 * y / HORIZON + 0 * x
    light = light - 0.05 * ((x - CANVAS / 2) / (CANVAS / 2)) * ((x - CANVAS / 2) / (CANVAS / 2))
    if pattern == 1:
        light = light - 0.028 * _ridge(x / 14, 0.5)
    elif pattern == 2:
        light = light - 0.10 * _ridge(x / 37, 0.05) * (y > 6)
    elif pattern == 3:
        row = np.floor(y / 8)
        light = light - 0.05 * np.maximum(_ridge(y / 8, 0.1), _ridge(x / 20 + row / 2, 0.05))
    board = y > HORIZON - _SKIRTING
    light = np.where(board, 1.07 - 0.05 * (y - HORIZON + _SKIRTING) / _SKIRTING, light)
    light = light - 0.16 * ((y > HORIZON - _SKIRTING - 1) & ~board)
    return _light_map(light)


@lru_cache(maxsize=32)
def _floor(pattern: int, size: int) -> Canvas:
    """Return how bright the floor is; lines run towards a vanishing point above the skirting board."""
    unit = CANVAS / size
    horizon = HORIZON * size // CANVAS
    y = (np.arange(horizon, size, dtype=np.float32)[:, None] + np.float32(0.5)) * np.float32(unit)
    x = (np.arange(size, dtype=np.float32)[None, :] + np.float32(0.5)) * np.float32(unit)
    near = y - (HORIZON - 70)
    deep = 9000 / near
    across = (x - CANVAS / 2) / near * 198
    light = 0.86 + 0.16 * (y - HORIZON) / (CANVAS - HORIZON) + 0 * x
    if pattern == 1:
        plank = np.floor(across / 22)
        light = light * (1 + 0.035 * (_mixed(plank) - 0.5)) - 0.09 * _ridge(across / 22, 0.05)
        light = light - 0.06 * _ridge(deep / 40 + _mixed(plank + 7), 0.04)
    elif pattern == 2:
        light = light - 0.08 * np.maximum(_ridge(across / 34, 0.04), _ridge(deep / 17, 0.05))
    elif pattern == 3:
        grid = np.floor(across / 2) * 57 + np.floor(deep / 2)
        light = light * (1 + 0.06 * (_mixed(grid) - 0.5))
    shade = np.maximum(1 - (y - HORIZON) / 9, 0)
    return _light_map(light - 0.12 * shade * shade)


def _light_map(light: Plane) -> Canvas:
    """Return light in 256ths; 273 times the brightest wall still fits 16 bits."""
    return np.minimum(np.rint(light * 256), 273).astype(np.uint16)


def _ridge(plane: Plane, width: float) -> Plane:
    """Return 1 in the first ``width`` of every unit, 0 elsewhere."""
    return (plane - np.floor(plane) < np.float32(width)).astype(np.float32)


def _mixed(plane: Plane) -> Plane:
    """Return a fixed, irregular number in [0, 1) for every whole number."""
    bits = plane.astype(np.int32).astype(np.uint32) * np.uint32(2654435761)
    bits ^= bits >> np.uint32(15)
    bits *= np.uint32(2246822519)
    return (bits >> np.uint32(16)).astype(np.float32) / np.float32(65_536)
