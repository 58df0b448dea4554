"""Quality against what it costs: a dot a model, and the line of those that nothing beats in both."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mmbench_reports.plain import plain, shortened
from mmbench_reports.plots import Layout
from mmbench_reports.svg import Canvas

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 320.0, 46.0, 24.0, 26.0, 42.0
_LETTERS = 6.6
"""Width of a character of a label, in pixels, on the safe side."""
_MARGIN = 1.1
"""How far the axis of cost reaches beyond the dots."""
_FEW = 30.0
"""Largest over smallest cost below which the axis has more marks than powers of ten."""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_MARKS = 6


@dataclass(frozen=True)
class Dot:
    """A model: what it costs (more than 0; less is better) and its quality from 0 to 1.

    ``index`` is the model's place in the report, which gives its colour; None for the accent where nothing beats
    it, grey elsewhere.
    """

    name: str
    cost: float
    quality: float
    index: int | None = None


@dataclass(frozen=True)
class Cost:
    """The horizontal axis: its title and how its powers of ten are written."""

    title: str
    text: Callable[[float], str]


def scatter(dots: Sequence[Dot], cost: Cost, layout: Layout, told: str) -> str:
    """Draw dots on a log scale; "" with fewer than two. ``told`` is what screen readers hear."""
    if len(dots) < 2:
        return ""
    canvas = Canvas(layout.width, _HEIGHT)
    axes = _Axes(canvas, layout, dots)
    axes.draw(cost)
    best = frontier(dots)
    steps = list(pairwise(axes.place(dot) for dot in best))
    for one, other in steps:
        canvas.line((one[0], other[0]), (one[1], one[1]), "model0", 1.5)
        canvas.line((other[0], other[0]), (one[1], other[1]), "model0", 1.5)
    lines = [_Box(one[0], other[0], one[1] - 2, one[1] + 2) for one, other in steps]
    _labelled(canvas, [(dot, *axes.place(dot)) for dot in dots], best, lines)
    return canvas.svg(told, layout.name)


def frontier(dots: Sequence[Dot]) -> list[Dot]:
    """Return the models than which none is both cheaper and better, cheapest first."""
    best: list[Dot] = []
    for dot in sorted(dots, key=lambda dot: (dot.cost, -dot.quality, dot.name)):
        if not best or dot.quality > best[-1].quality:
            best.append(dot)
    return best


def ticks_of(costs: Sequence[float]) -> list[float]:
    """Return the marks of a log axis: round numbers, from below the smallest cost to above the largest.

    >>> ticks_of([0.009, 0.0095]), ticks_of([2e6, 7e9])
    ([0.005, 0.01, 0.02], [1000000.0, 10000000.0, 100000000.0, 1000000000.0, 10000000000.0])
    """
    low, high = min(costs) / _MARGIN, max(costs) * _MARGIN
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    marks = [float(f"{step}e{power}") for power in powers for step in ((1, 2, 5) if high / low < _FEW else (1,))]
    first = max(index for index, mark in enumerate(marks) if mark <= low)
    last = min(index for index, mark in enumerate(marks) if mark >= high)
    return marks[first : last + 1]


def marks_of(shares: Sequence[float]) -> list[float]:
    """Return the marks of an axis of shares: the finest round steps of which few reach around all of them.

    >>> marks_of([0.31, 0.38]), marks_of([0.0, 1.0])
    ([0.3, 0.32, 0.34, 0.36, 0.38], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    """
    for step in _STEPS:
        first, last = math.floor(min(shares) / step + 1e-9), math.ceil(max(shares) / step - 1e-9)
        if last - first < _MOST_MARKS:
            break
    return [round(step * index, 2) for index in range(first, max(last, first + 1) + 1)]


class _Axes:
    """Cost to the right on a log scale, quality upwards; both reach little further than the dots."""

    def __init__(self, canvas: Canvas, layout: Layout, dots: Sequence[Dot]) -> None:
        self.canvas = canvas
        self.right, self.bottom = layout.width - _RIGHT, _HEIGHT - _BOTTOM
        self.ticks = ticks_of([dot.cost for dot in dots])
        self.marks = marks_of([dot.quality for dot in dots])

    def place(self, dot: Dot) -> tuple[float, float]:
        return self._x(dot.cost), self._y(dot.quality)

    def draw(self, cost: Cost) -> None:
        canvas, middle = self.canvas, (_LEFT + self.right) / 2
        for mark in self.marks:
            y = self._y(mark)
            canvas.line((_LEFT, self.right), (y, y), "grid", 1, order=0)
            canvas.text(_LEFT - 8, y, f"{100 * mark:.0f}%", "muted", 11, ha="right")
        for tick in self.ticks:
            x = self._x(tick)
            canvas.line((x, x), (_TOP, self.bottom), "grid", 1, order=0)
            canvas.text(x, self.bottom + 13, cost.text(tick), "muted", 11, ha="center")
        canvas.text(middle, self.bottom + 32, f"{cost.title} (log scale)", "muted", 11.5, ha="center")

    def _x(self, cost: float) -> float:
        share = math.log(cost / self.ticks[0]) / math.log(self.ticks[-1] / self.ticks[0])
        return _LEFT + (self.right - _LEFT) * share

    def _y(self, share: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return self.bottom - (self.bottom - _TOP) * (share - low) / (high - low)


def _labelled(
    canvas: Canvas, dots: Sequence[tuple[Dot, float, float]], best: Sequence[Dot], lines: Sequence["_Box"]
) -> None:
    """Draw dots and their names; the best choose first, and a name that has room nowhere is left out."""
    taken = [*lines, *(_Box(x - 6, x + 6, y - 6, y + 6) for _, x, y in dots)]
    for dot, x, y in sorted(dots, key=lambda found: (found[0] not in best, found[2])):
        if dot.index is None:
            canvas.dot(x, y, 5, "model0" if dot in best else "muted")
        else:
            canvas.mark(x, y, 5, dot.index)
        name = shortened(plain(dot.name), 26)
        for box in _rooms(x, y, len(name) * _LETTERS, is_best=dot in best):
            if box.left >= 0 and box.right <= canvas.width and not any(box.covers(other) for other in taken):
                taken.append(box)
                side = "left" if box.left > x else "right" if box.right < x else "center"
                at = {"left": box.left, "right": box.right, "center": (box.left + box.right) / 2}[side]
                canvas.text(at, (box.top + box.bottom) / 2, name, "ink", 12, ha=side)
                break


@dataclass(frozen=True)
class _Box:
    """A part of the picture, in pixels."""

    left: float
    right: float
    top: float
    bottom: float

    def covers(self, other: "_Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def _rooms(x: float, y: float, width: float, *, is_best: bool) -> Iterator[_Box]:
    """Yield the places of a name around its dot, the nicest first: beside it, or above the line of the best."""
    for lift in (-12, 0, 12) if is_best else (0, -12, 12):
        for left in (x + 9, x - 9 - width):
            yield _Box(left, left + width, y + lift - 7, y + lift + 7)
    for lift in (-15, 15):
        yield _Box(x - width / 2, x + width / 2, y + lift - 7, y + lift + 7)
