"""Drawings of single things, read from ``data/icons.txt``, on a plain ground among shapes without meaning."""

import io
from functools import cache

from PIL import Image as Pillow
from PIL import ImageColor, ImageDraw

from mmbench.schema import Image
from mmbench_tasks.worlds.phrases.lexicon import lines
from mmbench_tasks.worlds.streams import Stream

SIZE = 224
_SCALE = 3
_COLOURS = ("#c0392b", "#1f6f8b", "#2e7d32", "#8e44ad", "#b9770e", "#34495e", "#ad1457", "#00796b")
_GROUNDS = ("#ffffff", "#f7f3e9", "#eef4f8", "#f3eef7", "#eef6ec", "#fbeeee")
_CONFETTI = ("#d9d9d9", "#e6d9c3", "#cfdde6", "#dccfe3", "#d3e3ce")

Shape = tuple[str, str, tuple[float, ...]]


@cache
def icons() -> dict[str, tuple[Shape, ...]]:
    """Return the shapes of every drawing: kind, colour, numbers."""
    found = {}
    for line in lines("icons"):
        name, shapes = line.split("=", 1)
        found[name.strip()] = tuple(_shape(text.split()) for text in shapes.split(" ; "))
    return found


def _shape(words: list[str]) -> Shape:
    """Read one shape; the numbers of lines and arcs (width, angles) stand before their colour."""
    kind, *rest = words
    before = {"l": 1, "a": 1}.get(kind, 0)
    colour = rest[before]
    numbers = rest[:before] + rest[before + 1 :]
    return kind, colour, tuple(float(number) for text in numbers for number in text.split(","))


def draw(chance: Stream, name: str) -> Image:
    """Draw a thing in some colour, size and place; 224 x 224 pixels, PNG."""
    side = SIZE * _SCALE
    canvas = Pillow.new("RGB", (side, side), chance.choice(_GROUNDS))
    pen = ImageDraw.Draw(canvas)
    for _ in range(chance.between(2, 6)):
        _confetti(chance, pen, side)
    size = side * chance.uniform(0.5, 0.8)
    x, y = (chance.uniform(0.05 * side, 0.95 * side - size) for _ in range(2))
    main = chance.choice(_COLOURS)
    for kind, colour, numbers in icons()[name]:
        paint = {"*": main, "+": _darker(main)}.get(colour, colour)
        _paint(pen, kind, paint, numbers, x, y, size / 100)
    small = canvas.resize((SIZE, SIZE), Pillow.Resampling.BOX)
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return Image(buffer.getvalue(), f"{name}.png")


def _confetti(chance: Stream, pen: ImageDraw.ImageDraw, side: int) -> None:
    radius = side * chance.uniform(0.02, 0.06)
    x, y = chance.uniform(0, side), chance.uniform(0, side)
    box = (x - radius, y - radius, x + radius, y + radius)
    if chance.chance(0.5):
        pen.ellipse(box, fill=chance.choice(_CONFETTI))
    else:
        pen.rectangle(box, fill=chance.choice(_CONFETTI))


@cache
def _darker(colour: str) -> str:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return f"#{red * 6 // 10:02x}{green * 6 // 10:02x}{blue * 6 // 10:02x}"


def _paint(
    pen: ImageDraw.ImageDraw, kind: str, colour: str, numbers: tuple[float, ...], x: float, y: float, unit: float
) -> None:
    """Paint one shape; ``unit`` is the size of a hundredth of the field in pixels."""
    extra = {"l": 1, "a": 3}.get(kind, 0)
    settings, flat = numbers[:extra], numbers[extra:]
    points = [(x + unit * flat[i], y + unit * flat[i + 1]) for i in range(0, len(flat), 2)]
    if kind == "o":
        pen.ellipse([*points[0], *points[1]], fill=colour)
    elif kind == "r":
        pen.rectangle([*points[0], *points[1]], fill=colour)
    elif kind == "p":
        pen.polygon(points, fill=colour)
    elif kind == "l":
        pen.line(points, fill=colour, width=max(1, round(settings[0] * unit)), joint="curve")
    else:
        box = [*points[0], *points[1]]
        pen.arc(box, settings[1], settings[2], fill=colour, width=max(1, round(settings[0] * unit)))
