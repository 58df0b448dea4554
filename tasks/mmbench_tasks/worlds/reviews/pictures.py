"""Pictures of a rating: one to five stars, or a face that frowns, looks on or smiles."""

import io
import math
from functools import cache

from PIL import Image as Pillow
from PIL import ImageDraw

from mmbench.schema import Image
from mmbench_tasks.worlds.streams import Stream

PICTURES = ("none", "stars", "face", "mixed")
SIZE = 112
_SCALE = 4
_STARS = ((1, 2), (3,), (4, 5))
_SKINS = ("#ffd84d", "#ffb84d", "#9fd8ff", "#b7e4a8", "#f6b8d0")


def picture(chance: Stream, kind: str, sentiment: int) -> tuple[Image | None, bool | None]:
    """Draw a rating that agrees with ``sentiment`` (0, 1, 2) in half of all cases; (None, None) for "none"."""
    if kind == "none":
        return None, None
    agrees = chance.chance(0.5)
    shown = sentiment if agrees else chance.choice([other for other in range(3) if other != sentiment])
    if kind == "stars" or (kind == "mixed" and chance.chance(0.5)):
        return _stars(chance.choice(_STARS[shown]), chance.below(len(_SKINS))), agrees
    return _face(shown, chance.below(3), chance.below(len(_SKINS))), agrees


def _encode(canvas: Pillow.Image, name: str) -> Image:
    small = canvas.resize((canvas.width // _SCALE, canvas.height // _SCALE), Pillow.Resampling.BOX)
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return Image(buffer.getvalue(), name)


def _box(side: int, x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    """Return the box of a circle; all but ``side`` are fractions of it."""
    return side * (x - radius), side * (y - radius), side * (x + radius), side * (y + radius)


@cache
def _stars(count: int, colour: int) -> Image:
    """Draw five stars in a row, ``count`` of them filled; 224 x 56 pixels."""
    side = SIZE // 2 * _SCALE
    canvas = Pillow.new("RGB", (4 * side, side), "white")
    pen = ImageDraw.Draw(canvas)
    for i in range(5):
        middle, outer = (side * (0.4 + 0.8 * i), side * 0.5), side * 0.36
        points = []
        for corner in range(10):
            angle, radius = math.pi * corner / 5, outer * (1.0 if corner % 2 == 0 else 0.42)
            points.append((middle[0] + radius * math.sin(angle), middle[1] - radius * math.cos(angle)))
        pen.polygon(points, fill="#f4a600" if i < count else "#e3e3e3", outline="#8a6d1f", width=_SCALE)
    return _encode(canvas, f"{count} of 5 stars, {colour}")


@cache
def _face(mood: int, style: int, colour: int) -> Image:
    """Draw a face that frowns (0), looks on (1) or smiles (2); 112 x 112 pixels."""
    side = SIZE * _SCALE
    canvas = Pillow.new("RGB", (side, side), "white")
    pen = ImageDraw.Draw(canvas)
    line = 3 * _SCALE
    pen.ellipse(_box(side, 0.5, 0.5, 0.42), fill=_SKINS[colour], outline="#444", width=line)
    for x in (0.34, 0.66):
        pen.ellipse(_box(side, x, 0.38, (0.045, 0.06, 0.05)[style]), fill="#333")
    if mood == 1:
        pen.line((side * 0.34, side * 0.68, side * 0.66, side * 0.68), fill="#333", width=2 * line)
    elif mood == 2:
        pen.arc((side * 0.28, side * 0.42, side * 0.72, side * 0.78), 25, 155, fill="#333", width=2 * line)
    else:
        pen.arc((side * 0.28, side * 0.62, side * 0.72, side * 0.98), 205, 335, fill="#333", width=2 * line)
    return _encode(canvas, f"face {mood}, {style}, {colour}")
