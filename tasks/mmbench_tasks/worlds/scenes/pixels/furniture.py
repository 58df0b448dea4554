"""What hangs on the wall: signs, clocks, charts, and windows and pictures that mean nothing."""

from functools import lru_cache
from itertools import pairwise

import numpy as np

from mmbench_tasks.worlds.scenes.model import Chart, Clock, Sign
from mmbench_tasks.worlds.scenes.pixels.glyphs import lettering
from mmbench_tasks.worlds.scenes.pixels.shapes import Canvas, Colour, Whole, capsule, disc, fill, planes, rounded
from mmbench_tasks.worlds.trig import cosine, sine

_INK: Colour = (38, 40, 48)
_PAPER: Colour = (252, 250, 244)
_SHADE: Colour = (70, 64, 60)

# Nothing on the wall wears one of the paints of things, so "the red object" is never a sign.
_SIGNS: tuple[tuple[Colour, Colour], ...] = (
    ((252, 250, 244), (38, 40, 48)),
    ((38, 40, 46), (252, 250, 244)),
    ((84, 90, 98), (252, 250, 244)),
    ((226, 218, 198), (44, 42, 40)),
    ((58, 60, 66), (238, 226, 196)),
    ((204, 208, 212), (30, 32, 38)),
    ((118, 116, 112), (255, 252, 244)),
)
_BARS: tuple[Colour, ...] = (
    (84, 116, 160),
    (190, 128, 112),
    (116, 152, 124),
    (204, 176, 116),
    (142, 122, 162),
    (112, 160, 166),
)
_RIMS: tuple[Colour, ...] = ((60, 62, 70), (140, 144, 150), (34, 34, 38), (176, 170, 156), (98, 96, 94))


def draw_sign(canvas: Canvas, sign: Sign, x: int, y: int, capital: int, widest: int) -> None:
    """Draw a sign centred on (x, y), its capitals of this height, or less where it would get too wide."""
    case = (str.upper, str.lower, str.capitalize)[sign.style % 3]
    face = ("sans", "serif", "mono")[sign.style // 3 % 3]
    paper, ink = _SIGNS[sign.style // 9 % len(_SIGNS)]
    text = case(sign.text)
    while lettering(text, face, capital).shape[1] > widest - 12 and capital > 5:
        capital -= 1
    letters = lettering(text, face, capital)
    height, width = capital * 2 + 4, letters.shape[1] + 12
    _board(canvas, x - width // 2, y - height // 2, width, height, paper, ink)
    fill(canvas, letters, x - letters.shape[1] // 2, y - capital // 2 - 1, ink)


def draw_clock(canvas: Canvas, clock: Clock, x: int, y: int, radius: int, ticks: int) -> None:
    """Draw a round clock centred on (x, y).

    Args:
        canvas: what is drawn on.
        clock: the time and the style.
        x: the centre.
        y: the centre.
        radius: of the whole clock, in pixels.
        ticks: 13 for twelve ticks and four numbers, 12, or 4.
    """
    rim = _RIMS[clock.style % len(_RIMS)]
    shadow = disc(radius, 3)
    fill(canvas, shadow, x - radius - 2, y - radius, _SHADE, 90)
    fill(canvas, disc(radius), x - radius - 1, y - radius - 1, rim)
    inner = radius - max(2, radius // 9)
    fill(canvas, disc(inner), x - inner - 1, y - inner - 1, _PAPER)
    fill(canvas, _ticks(inner, 12 if ticks == 13 else ticks), x - inner - 1, y - inner - 1, _INK)
    if ticks == 13:
        _numbers(canvas, x, y, inner)
    minutes = clock.minute / 60
    hours = (clock.hour % 12 + minutes) / 12
    for turn, reach, width in ((hours, 0.52, 0.15), (minutes, 0.83, 0.09)):
        fill(canvas, _hand(inner, turn, reach, width), x - inner - 1, y - inner - 1, _INK)
    hub = max(2, radius // 10)
    fill(canvas, disc(hub), x - hub - 1, y - hub - 1, rim)


@lru_cache(maxsize=64)
def _ticks(radius: int, count: int) -> Whole:
    size, centre = 2 * radius + 2, radius + 1.0
    cover = np.zeros((size, size), dtype=np.int32)
    for i in range(count):
        across, up = sine(i / count), cosine(i / count)
        strong = i % 3 == 0 or count == 4
        start = radius * (0.80 if strong else 0.87)
        a = (centre + across * start, centre - up * start)
        b = (centre + across * radius * 0.93, centre - up * radius * 0.93)
        cover = np.maximum(cover, capsule(size, a, b, radius * (0.075 if strong else 0.045)))
    return cover


def _numbers(canvas: Canvas, x: int, y: int, radius: int) -> None:
    capital = max(5, radius // 4)
    for i, text in enumerate(("12", "3", "6", "9")):
        letters = lettering(text, "sans", capital)
        height, width = letters.shape
        across, up = round(radius * 0.58 * sine(i / 4)), round(radius * 0.58 * cosine(i / 4))
        fill(canvas, letters, x + across - width // 2, y - up - height // 2, _INK, 170)


@lru_cache(maxsize=512)
def _hand(radius: int, turn: float, reach: float, width: float) -> Whole:
    size, centre = 2 * radius + 2, radius + 1.0
    tip = (centre + radius * reach * sine(turn), centre - radius * reach * cosine(turn))
    return capsule(size, (centre, centre), tip, max(radius * width, 1.6))


def draw_chart(canvas: Canvas, chart: Chart, left: int, top: int, width: int, height: int, step: int) -> None:
    """Draw a chart on a sheet of paper whose corner is (left, top); grid lines lie ``step`` units apart."""
    _board(canvas, left, top, width, height, _PAPER, (176, 176, 180))
    if chart.style == "pie":
        _pie(canvas, chart, left + width // 2, top + height // 2, min(width, height) // 2 - 5)
        return
    letter = max(5, height // 10)
    foot, gutter = letter + 5, 2 * letter + 2
    plot_height, plot_width = height - foot - 6, width - gutter - 5
    floor, start = top + 5 + plot_height, left + gutter
    for value in range(0, 11, step):
        _block(canvas, start, floor - plot_height * value // 10, plot_width, 1, (206, 208, 214) if value else _INK)
    for value in (5, 10):
        digits = lettering(str(value), "sans", letter - 1)
        at = floor - plot_height * value // 10
        fill(canvas, digits, start - digits.shape[1] - 2, at - digits.shape[0] // 2, _INK, 200)
    space = plot_width * 16 // len(chart.values)
    centres = [start + (2 * i + 1) * space // 32 for i in range(len(chart.values))]
    tops = [floor - plot_height * value // 10 for value in chart.values]
    for centre, text in zip(centres, chart.labels, strict=True):
        ink = lettering(text, "sans", letter)
        fill(canvas, ink, centre - ink.shape[1] // 2, floor + 3, _INK)
    if chart.style == "bar":
        for i, (centre, at) in enumerate(zip(centres, tops, strict=True)):
            half = max(2, space // 52)
            _block(canvas, centre - half, at, 2 * half + 1, floor - at, _bar(chart, i))
    else:
        _line(canvas, centres, tops, _BARS[chart.tint % len(_BARS)])


def _bar(chart: Chart, i: int) -> Colour:
    return _BARS[(chart.tint + (i if chart.tint % 2 else 0)) % len(_BARS)]


def _line(canvas: Canvas, xs: list[int], ys: list[int], colour: Colour) -> None:
    size = max(max(xs) - min(xs), max(ys) - min(ys)) + 8
    left, top = min(xs) - 4, min(ys) - 4
    cover = np.zeros((size, size), dtype=np.int32)
    points = [(x - left + 0.5, y - top + 0.5) for x, y in zip(xs, ys, strict=True)]
    for a, b in pairwise(points):
        cover = np.maximum(cover, capsule(size, a, b, 1.7))
    fill(canvas, cover, left, top, colour)
    for x, y in zip(xs, ys, strict=True):
        fill(canvas, disc(2), x - 3, y - 3, colour)


def _pie(canvas: Canvas, chart: Chart, x: int, y: int, radius: int) -> None:
    size, total = 2 * radius + 2, sum(chart.values)
    across = np.arange(size, dtype=np.float32) + np.float32(0.5) - np.float32(radius + 1)
    right, up = across[None, :], -across[:, None]
    whole, turn = disc(radius), 0.0
    cuts = np.zeros((size, size), dtype=np.int32)
    for i, value in enumerate(chart.values):
        after = turn + value / total
        inside = _clockwise(right, up, turn) & ~_clockwise(right, up, after)
        if value * 2 > total:
            inside = _clockwise(right, up, turn) | ~_clockwise(right, up, after)
        fill(
            canvas,
            np.where(inside, whole, 0),
            x - radius - 1,
            y - radius - 1,
            _BARS[(chart.tint + i) % len(_BARS)],
        )
        rim = (radius + 1 + radius * sine(turn), radius + 1 - radius * cosine(turn))
        cuts = np.maximum(cuts, capsule(size, (radius + 1.0, radius + 1.0), rim, 1.6))
        turn = after
    fill(canvas, np.minimum(cuts, whole), x - radius - 1, y - radius - 1, _PAPER)
    turn = 0.0
    for value, text in zip(chart.values, chart.labels, strict=True):
        middle = turn + value / total / 2
        ink = lettering(text, "sans", max(5, radius // 4))
        at_x, at_y = x + round(radius * 0.66 * sine(middle)), y - round(radius * 0.66 * cosine(middle))
        fill(canvas, ink, at_x - ink.shape[1] // 2, at_y - ink.shape[0] // 2, _INK)
        turn += value / total


def _clockwise(right: np.ndarray, up: np.ndarray, turn: float) -> np.ndarray:
    """Tell which points lie in the half turn clockwise of a ray that starts upwards."""
    return right * np.float32(cosine(turn)) - up * np.float32(sine(turn)) >= 0


def draw_window(canvas: Canvas, left: int, top: int, width: int, height: int, style: int) -> None:
    """Draw a window with sky and a hill in it."""
    _board(canvas, left, top, width, height, (248, 246, 240), (150, 146, 140))
    rows = np.arange(height - 8, dtype=np.int32)[:, None]
    part = canvas[:, top + 4 : top + height - 4, left + 4 : left + width - 4]
    sky = planes(((150, 196, 236), (236, 190, 150), (160, 176, 190))[style % 3])
    part[:] = sky + (255 - sky) * rows * 2 // (3 * height)
    radius = width * 2 // 3
    hill = disc(radius)[: height // 3]
    deep, across = part.shape[1:]
    shown = hill[:, radius + 1 - across // 2 : radius + 1 + (across + 1) // 2]
    fill(part, shown, 0, deep - shown.shape[0] + 2, ((128, 170, 112), (120, 134, 110))[style % 2])
    _block(canvas, left + width // 2 - 1, top + 3, 3, height - 6, (248, 246, 240))
    _block(canvas, left + 3, top + height // 2 - 1, width - 6, 3, (248, 246, 240))


def draw_art(canvas: Canvas, left: int, top: int, width: int, height: int, style: int) -> None:
    """Draw a framed picture of nothing but bands of colour."""
    frame = ((104, 100, 96), (58, 56, 60), (186, 178, 160))[style % 3]
    _board(canvas, left, top, width, height, frame, frame)
    _block(canvas, left + 3, top + 3, width - 6, height - 6, (246, 242, 232))
    inner, colours = height - 16, ((196, 170, 150), (160, 176, 176), (214, 200, 160), (150, 150, 166))
    for i in range(4):
        colour = colours[(i + style) % 4]
        _block(canvas, left + 7, top + 8 + inner * i // 4, width - 14, inner // 4 + 1, colour)


def _board(canvas: Canvas, left: int, top: int, width: int, height: int, paper: Colour, edge: Colour) -> None:
    fill(canvas, rounded(width + 2, height + 2, 4), left + 1, top + 2, _SHADE, 70)
    fill(canvas, rounded(width, height, 3), left, top, edge)
    fill(canvas, rounded(width - 2, height - 2, 2), left + 1, top + 1, paper)


def _block(canvas: Canvas, left: int, top: int, width: int, height: int, colour: Colour) -> None:
    canvas[:, max(top, 0) : top + height, max(left, 0) : left + width] = planes(colour)
