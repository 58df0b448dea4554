"""From a scene to pixels: the room, what hangs on its wall, the things from far to near, light and grain."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmbench_tasks.worlds.scenes.levels import LEVELS
from mmbench_tasks.worlds.scenes.model import CANVAS, Scene, Thing
from mmbench_tasks.worlds.scenes.pixels.furniture import draw_art, draw_chart, draw_clock, draw_sign, draw_window
from mmbench_tasks.worlds.scenes.pixels.glyphs import lettering
from mmbench_tasks.worlds.scenes.pixels.room import room
from mmbench_tasks.worlds.scenes.pixels.shapes import FULL, Canvas, blend, disc, fill, overlap, planes
from mmbench_tasks.worlds.scenes.pixels.sprites import shadow, sprite

SLOT, MIDDLE = 74, 43
"""The wall has three places of this width; what hangs there is centred on this line."""
STICKER = {"ball": 93, "cube": 80, "cylinder": 72, "cone": 55, "pyramid": 50, "star": 88, "heart": 105}
"""How high on a thing its sticker is, in percent of the radius; a ring has no place for one."""


def picture(scene: Scene, size: int = CANVAS) -> NDArray[np.uint8]:
    """Draw a scene: uint8, shape (size, size, 3).

    The same scene and size give the same pixels on every machine.
    """
    canvas = room(scene.look.wall, scene.look.floor, size)
    for slot, name in enumerate(scene.look.slots):
        _hang(canvas, scene, name, slot, size)
    for thing in scene.things:
        _stand(canvas, thing, size, scene.look.light)
    return _finish(canvas, scene, size)


def _scale(length: int, size: int) -> int:
    return (2 * length * size + CANVAS) // (2 * CANVAS)


def _hang(canvas: Canvas, scene: Scene, name: str, slot: int, size: int) -> None:
    rules = LEVELS[scene.level]
    jitter = (scene.look.grain >> (3 * slot)) % 7 - 3
    x, y = _scale(SLOT // 2 + 1 + slot * SLOT, size), _scale(MIDDLE + jitter, size)
    if name == "sign" and scene.sign:
        draw_sign(canvas, scene.sign, x, y, _scale(rules.capital, size), _scale(SLOT - 4, size))
    elif name == "clock" and scene.clock:
        draw_clock(canvas, scene.clock, x, y, _scale(rules.clock, size), rules.ticks)
    elif name == "chart" and scene.chart:
        width, height = _scale(rules.chart, size), _scale(rules.chart, size)
        draw_chart(canvas, scene.chart, x - width // 2, y - height // 2, width, height, rules.grid)
    elif name in ("window", "art"):
        width, height = _scale(50 if name == "window" else 44, size), _scale(56 if name == "window" else 40, size)
        draw = draw_window if name == "window" else draw_art
        draw(canvas, x - width // 2, y - height // 2, width, height, scene.look.grain >> slot)


def _stand(canvas: Canvas, thing: Thing, size: int, light: int) -> None:
    x, y, radius = _scale(thing.x, size), _scale(thing.y, size), max(_scale(thing.radius, size), 3)
    depth, left, top = shadow(radius)
    part, cut = overlap(canvas, x + left + light * radius // 3, y + top, depth)
    blend(part, planes((0, 0, 0)), cut)
    drawn = sprite(thing.shape, radius, thing.turn)
    paint, cover = drawn.tinted(thing.colour, thing.texture), drawn.cover
    if light < 0:
        paint, cover = paint[..., ::-1], cover[..., ::-1]
    part, cut = overlap(canvas, x + drawn.left, y + drawn.top, cover)
    _, seen = overlap(canvas, x + drawn.left, y + drawn.top, paint)
    blend(part, seen, cut)
    if thing.label:
        _stick(canvas, thing.label, x, y - radius * STICKER[thing.shape] // 100, radius)


def _stick(canvas: Canvas, label: str, x: int, y: int, radius: int) -> None:
    reach = sticker_radius(radius)
    fill(canvas, disc(reach), x - reach - 1, y - reach - 1, (255, 254, 250))
    ink = lettering(label, "sans", max(5, radius * 48 // 100))
    fill(canvas, ink, x - ink.shape[1] // 2, y - ink.shape[0] // 2, (24, 24, 30))


def sticker_radius(radius: int) -> int:
    """Return the radius of the sticker on a thing of this radius."""
    return max(5, radius * 42 // 100)


def _finish(canvas: Canvas, scene: Scene, size: int) -> NDArray[np.uint8]:
    look = scene.look
    brightest = max(0, *look.tint)
    red, green, blue = ((FULL - look.dim) * (FULL + tint - brightest) >> 8 for tint in look.tint)
    if min(red, green, blue) < FULL:
        canvas *= planes((red, green, blue))
        canvas >>= 8
    seen = canvas.view(np.int16)
    if look.noise:
        grain = _grain(size, look.grain) * np.int16(look.noise)
        grain >>= 7
        seen += grain
        np.clip(seen, 0, 255, out=seen)
    return np.ascontiguousarray(seen.astype(np.uint8).transpose(1, 2, 0))


@lru_cache(maxsize=4)
def _grain_tile(size: int) -> NDArray[np.int16]:
    """Return fixed noise, -128 to 127, shape (3, 2 size, 2 size): an integer hash of the position."""
    count = 4 * size * size * 3
    bits = np.arange(count, dtype=np.uint32) * np.uint32(2654435761)
    for shift, factor in ((15, 2246822519), (13, 3266489917), (16, 668265263)):
        bits ^= bits >> np.uint32(shift)
        bits *= np.uint32(factor)
    bits ^= bits >> np.uint32(15)
    low, high = (bits & 255).astype(np.int16), (bits >> np.uint32(8) & 255).astype(np.int16)
    return ((low + high) // 2 - 128).reshape(3, 2 * size, 2 * size)


def _grain(size: int, where: int) -> NDArray[np.int16]:
    top, left = divmod(where % (size * size), size)
    return _grain_tile(size)[:, top : top + size, left : left + size]
