"""From a scene to pixels: room, shadows, solids from far to near, light and grain."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmbench_tasks.worlds.scenes.model import CANVAS, Scene, Thing
from mmbench_tasks.worlds.scenes.sprites import Whole, shadow, sprite

HORIZON = 88
WALLS = ((214, 224, 232), (232, 222, 204), (208, 222, 206), (226, 212, 222), (220, 220, 216), (196, 208, 226))
FLOORS = ((186, 160, 128), (168, 172, 178), (150, 164, 140), (196, 180, 160), (160, 146, 150), (204, 196, 178))


def picture(scene: Scene, size: int = CANVAS) -> NDArray[np.uint8]:
    """Draw a scene: uint8, shape (size, size, 3).

    The same scene and size give the same pixels on every machine.
    """
    canvas = _room(scene.look.wall, scene.look.floor, size).copy()
    for thing in scene.things:
        _paste(canvas, thing, size, scene.look.light)
    return _finish(canvas, scene, size)


def _scale(length: int, size: int) -> int:
    return (2 * length * size + CANVAS) // (2 * CANVAS)


@lru_cache(maxsize=64)
def _room(wall: int, floor: int, size: int) -> Whole:
    """Return wall and floor with soft gradients, int32 of shape (size, size, 3)."""
    canvas = np.empty((size, size, 3), dtype=np.int32)
    horizon = _scale(HORIZON, size)
    rows = np.arange(size, dtype=np.int32)
    wall_light = 236 + rows[:horizon] * 20 // horizon
    floor_light = 214 + (rows[horizon:] - horizon) * 46 // (size - horizon)
    canvas[:horizon] = (np.array(WALLS[wall]) * wall_light[:, None] >> 8)[:, None, :]
    canvas[horizon:] = (np.array(FLOORS[floor]) * floor_light[:, None] >> 8)[:, None, :]
    return canvas


def _paste(canvas: Whole, thing: Thing, size: int, light: int) -> None:
    x, y, radius = _scale(thing.x, size), _scale(thing.y, size), max(_scale(thing.radius, size), 3)
    depth, left, top = shadow(radius)
    part, cut = _window(canvas, x + left + light * radius // 3, y + top, depth)
    part -= part * cut[..., None] >> 8
    drawn = sprite(thing.shape, thing.texture, radius, thing.turn)
    step = slice(None, None, light) if light < 0 else slice(None)
    cover = drawn.cover[:, step]
    part, cut = _window(canvas, x + drawn.left, y + drawn.top, cover)
    _, paint = _window(canvas, x + drawn.left, y + drawn.top, drawn.tinted(thing.colour)[:, step])
    part += (paint - part) * cut[..., None] >> 8


def _window(canvas: Whole, left: int, top: int, plane: Whole) -> tuple[Whole, Whole]:
    """Return the views of canvas and plane that overlap when the plane's corner is put at (left, top)."""
    height, width = plane.shape[:2]
    y0, y1 = max(top, 0), min(top + height, canvas.shape[0])
    x0, x1 = max(left, 0), min(left + width, canvas.shape[1])
    return canvas[y0:y1, x0:x1], plane[y0 - top : y1 - top, x0 - left : x1 - left]


def _finish(canvas: Whole, scene: Scene, size: int) -> NDArray[np.uint8]:
    if scene.look.dim:
        canvas = canvas * (_FULL - scene.look.dim) >> 8
    if scene.look.noise:
        canvas = canvas + (_grain(size, scene.look.grain) * scene.look.noise >> 7)
    return np.clip(canvas, 0, 255).astype(np.uint8)


_FULL = 256


@lru_cache(maxsize=8)
def _grain_tile(size: int) -> Whole:
    """Return fixed noise, -128 to 127, shape (2 size, 2 size, 3): an integer hash of the position."""
    count = 4 * size * size * 3
    bits = np.arange(count, dtype=np.uint32) * np.uint32(2654435761)
    for shift, factor in ((15, 2246822519), (13, 3266489917), (16, 668265263)):
        bits ^= bits >> np.uint32(shift)
        bits *= np.uint32(factor)
    bits ^= bits >> np.uint32(15)
    low, high = (bits & 255).astype(np.int32), (bits >> np.uint32(8) & 255).astype(np.int32)
    return ((low + high) // 2 - 128).reshape(2 * size, 2 * size, 3)


def _grain(size: int, where: int) -> Whole:
    top, left = divmod(where % (size * size), size)
    return _grain_tile(size)[top : top + size, left : left + size]
