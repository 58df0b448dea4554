"""Quality against what it costs: a dot a model, and the line of those that nothing beats in both."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mmbench_reports.plain import plain, shortened
from mmbench_reports.plots import Layout
from mmbench_reports.svg import Canvas

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 320.0, 46.0, 24.0, 26.0, 42.0
_LETTERS = 6.6
"""Width of a character of a label, in pixels, on the safe side."""


@dataclass(frozen=True)
class Dot:
    """A model: what it costs (more than 0; less is better) and its quality from 0 to 1.

    ``ink`` is its colour; "" for the accent where nothing beats it, grey elsewhere.
    """

    name: str
    cost: float
    quality: float
    ink: str = ""


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
    axes = _Axes(canvas, layout, [math.log10(dot.cost) for dot in dots])
    axes.draw(cost)
    best = frontier(dots)
    for one, other in pairwise(axes.place(dot) for dot in best):
        canvas.line((one[0], other[0]), (one[1], one[1]), "model0", 1.5)
        canvas.line((other[0], other[0]), (one[1], other[1]), "model0", 1.5)
    _labelled(canvas, [(dot, *axes.place(dot)) for dot in dots], best, axes.right)
    return canvas.svg(told, layout.name)


def frontier(dots: Sequence[Dot]) -> list[Dot]:
    """Return the models than which none is both cheaper and better, cheapest first."""
    best: list[Dot] = []
    for dot in sorted(dots, key=lambda dot: (dot.cost, -dot.quality, dot.name)):
        if not best or dot.quality > best[-1].quality:
            best.append(dot)
    return best


class _Axes:
    """Powers of ten of the cost to the right, quality upwards."""

    def __init__(self, canvas: Canvas, layout: Layout, logs: Sequence[float]) -> None:
        self.canvas = canvas
        self.right, self.bottom = layout.width - _RIGHT, _HEIGHT - _BOTTOM
        self.low = math.floor(min(logs))
        self.high = max(math.ceil(max(logs)), self.low + 1)

    def place(self, dot: Dot) -> tuple[float, float]:
        return self._x(math.log10(dot.cost)), self._y(dot.quality)

    def draw(self, cost: Cost) -> None:
        canvas, middle = self.canvas, (_LEFT + self.right) / 2
        for part in range(5):
            y = self._y(part / 4)
            canvas.line((_LEFT, self.right), (y, y), "grid", 1, order=0)
            canvas.text(_LEFT - 8, y, f"{25 * part}%", "muted", 11, ha="right")
        for power in range(self.low, self.high + 1):
            x = self._x(power)
            canvas.line((x, x), (_TOP, self.bottom), "grid", 1, order=0)
            canvas.text(x, self.bottom + 13, cost.text(10.0**power), "muted", 11, ha="center")
        canvas.text(middle, self.bottom + 32, f"{cost.title} (log scale)", "muted", 11.5, ha="center")

    def _x(self, power: float) -> float:
        return _LEFT + (self.right - _LEFT) * (power - self.low) / (self.high - self.low)

    def _y(self, share: float) -> float:
        return self.bottom - (self.bottom - _TOP) * share


def _labelled(canvas: Canvas, dots: Sequence[tuple[Dot, float, float]], best: Sequence[Dot], right: float) -> None:
    """Draw dots; a name is left out where it would lie upon another, best models first."""
    taken: list[tuple[float, float, float]] = []
    for dot, x, y in sorted(dots, key=lambda found: (found[0] not in best, found[2])):
        canvas.dot(x, y, 5, dot.ink or ("model0" if dot in best else "muted"))
        name = shortened(plain(dot.name), 26)
        width, line = len(name) * _LETTERS, y - 12 if dot in best else y  # above the line that runs to the right
        is_left = x + 10 + width > right + _RIGHT
        start = x - 10 - width if is_left else x + 10
        covered = any(abs(line - top) < 14 and start < to and begin < start + width for begin, to, top in taken)
        if start >= 0 and not covered:
            taken.append((start, start + width, line))
            canvas.text(x - 10 if is_left else x + 10, line, name, "ink", 12, ha="right" if is_left else "left")
