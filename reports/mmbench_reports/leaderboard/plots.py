"""Charts of the leaderboard: quality against time, and a model's values over time."""

import math
from collections.abc import Sequence
from itertools import pairwise

from mmbench_reports.leaderboard.board import Board, Entry, Score
from mmbench_reports.numbers import seconds_text
from mmbench_reports.plain import plain, shortened
from mmbench_reports.plots import Layout
from mmbench_reports.svg import Canvas

_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 320.0, 46.0, 24.0, 26.0, 42.0
_LETTERS = 6.6
"""Width of a character of a label, in pixels, on the safe side."""


def pareto(board: Board, layout: Layout) -> str:
    """Draw comparisons won against seconds a sample; "" with fewer than two models that have both."""
    found = [entry for entry in board.models if entry.wins is not None and entry.seconds]
    if len(found) < 2:
        return ""
    canvas = Canvas(layout.width, _HEIGHT)
    axes = _Axes(canvas, layout, [math.log10(entry.seconds or 1.0) for entry in found])
    axes.draw()
    best = frontier(found)
    for one, other in pairwise(axes.place(entry) for entry in best):
        canvas.line((one[0], other[0]), (one[1], one[1]), "model0", 1.5)
        canvas.line((other[0], other[0]), (one[1], other[1]), "model0", 1.5)
    _labelled(canvas, [(entry, *axes.place(entry)) for entry in found], best, axes.right)
    told = "Comparisons won against mean time of a sample; the table above has the same values."
    return canvas.svg(told, layout.name)


class _Axes:
    """Powers of ten of a second to the right, shares of comparisons won upwards."""

    def __init__(self, canvas: Canvas, layout: Layout, logs: Sequence[float]) -> None:
        self.canvas = canvas
        self.right, self.bottom = layout.width - _RIGHT, _HEIGHT - _BOTTOM
        self.low = math.floor(min(logs))
        self.high = max(math.ceil(max(logs)), self.low + 1)

    def place(self, entry: Entry) -> tuple[float, float]:
        return self._x(math.log10(entry.seconds or 1.0)), self._y(entry.wins or 0.0)

    def draw(self) -> None:
        canvas, middle = self.canvas, (_LEFT + self.right) / 2
        for part in range(5):
            y = self._y(part / 4)
            canvas.line((_LEFT, self.right), (y, y), "grid", 1, order=0)
            canvas.text(_LEFT - 8, y, f"{25 * part}%", "muted", 11, ha="right")
        for power in range(self.low, self.high + 1):
            x = self._x(power)
            canvas.line((x, x), (_TOP, self.bottom), "grid", 1, order=0)
            canvas.text(x, self.bottom + 13, seconds_text(10.0**power), "muted", 11, ha="center")
        canvas.text(middle, self.bottom + 32, "mean time of a sample (log scale)", "muted", 11.5, ha="center")

    def _x(self, power: float) -> float:
        return _LEFT + (self.right - _LEFT) * (power - self.low) / (self.high - self.low)

    def _y(self, share: float) -> float:
        return self.bottom - (self.bottom - _TOP) * share


def frontier(found: Sequence[Entry]) -> list[Entry]:
    """Return the models than which none is both faster and better, fastest first."""
    best: list[Entry] = []
    for entry in sorted(found, key=lambda entry: (entry.seconds or 0.0, -(entry.wins or 0.0), entry.name)):
        if not best or (entry.wins or 0.0) > (best[-1].wins or 0.0):
            best.append(entry)
    return best


def _labelled(
    canvas: Canvas, dots: Sequence[tuple[Entry, float, float]], best: Sequence[Entry], right: float
) -> None:
    """Draw dots; a name is left out where it would lie upon another, best models first."""
    taken: list[tuple[float, float, float]] = []
    for entry, x, y in sorted(dots, key=lambda dot: (dot[0] not in best, dot[2])):
        canvas.dot(x, y, 5, "model0" if entry in best else "muted")
        name = shortened(plain(entry.name), 26)
        width, line = len(name) * _LETTERS, y - 12 if entry in best else y  # above the line that runs to the right
        is_left = x + 10 + width > right + _RIGHT
        start = x - 10 - width if is_left else x + 10
        covered = any(abs(line - top) < 14 and start < to and begin < start + width for begin, to, top in taken)
        if start >= 0 and not covered:
            taken.append((start, start + width, line))
            canvas.text(x - 10 if is_left else x + 10, line, name, "ink", 12, ha="right" if is_left else "left")


def history(points: Sequence[tuple[str, Score]], label: str) -> str:
    """Draw a model's values with their intervals, oldest first; ``points`` are (day, score)."""
    width, height, left, right, top, bottom = 420.0, 150.0, 52.0, 366.0, 14.0, 118.0
    known = [(day, score) for day, score in points if score.result.value is not None]
    ends = [end for _, score in known for end in _ends(score)]
    low, high = min(ends), max(ends)
    pad = (high - low) * 0.15 or abs(high) * 0.05 or 0.05
    low, high = low - pad, high + pad
    canvas = Canvas(width, height)

    def y_of(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    canvas.line((left, right), (bottom, bottom), "grid", 1, order=0)
    steps = max(1, len(known) - 1)
    places = [left + 14 + index * (right - left - 28) / steps for index in range(len(known))]
    for index, (x, (day, score)) in enumerate(zip(places, known, strict=True)):
        y = y_of(score.result.value or 0.0)
        first, last = _ends(score)
        canvas.line((x, x), (y_of(first), y_of(last)), "model0", 1.5)
        canvas.dot(x, y, 4, "model0")
        if index:
            before = known[index - 1][1].result.value or 0.0
            canvas.line((places[index - 1], x), (y_of(before), y), "muted", 1, order=1)
        if index in (0, len(known) - 1):
            canvas.text(x, bottom + 15, day, "muted", 11, ha="left" if index == 0 else "right")
            side = left - 6 if index == 0 else right
            canvas.text(side, y, score.value, "ink", 11.5, ha="right" if index == 0 else "left")
    return canvas.svg(f"{plain(label)} over time", "history")


def _ends(score: Score) -> tuple[float, float]:
    value = score.result.value or 0.0
    return (score.result.interval.low, score.result.interval.high) if score.result.interval else (value, value)
