"""The forest plot: how each run differs from the first, task by task, with paired intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mmbench_reports.columns import Column, Place
from mmbench_reports.numbers import Bounds, delta_text, p_text
from mmbench_reports.plain import plain, shortened
from mmbench_reports.plots import PERCENT, Layout
from mmbench_reports.svg import Canvas, ink_of
from mmbench_reports.tables import Block, Contrast

_HEAD, _AXIS = 28.0, 40.0
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class _Group:
    """One task; positions run from -``reach`` (worse) to ``reach`` (better)."""

    title: str
    bounds: Bounds
    reach: float
    is_shared: bool
    contrasts: tuple[Contrast, ...]


def forest(columns: Sequence[Column], blocks: Sequence[Block], layout: Layout) -> str:
    """Draw the plot as inline SVG; "" if there is nothing to draw. To the right is always better."""
    groups = _groups(blocks)
    if not groups:
        return ""
    row = 26.0 if layout.label else 38.0
    height = 20 + sum(_HEAD + row * len(group.contrasts) for group in groups) + _AXIS
    canvas = Canvas(layout.width, height)
    pen = _Pen(canvas, layout, row, [plain(column.label) for column in columns])
    pen.draw(groups, height - _AXIS)
    told = f"Differences from {plain(columns[0].label)}, to the right better; the table below has the same values."
    return canvas.svg(told, layout.name)


def _groups(blocks: Sequence[Block]) -> list[_Group]:
    reaches = reaches_of(blocks)
    groups = []
    for block in blocks:
        if block.contrasts:
            bounds = block.contrasts[0].bounds
            title = f"{block.name} · {block.lines[0].metric}"
            groups.append(_Group(title, bounds, reaches[block.place], bounds in PERCENT, block.contrasts))
    return sorted(groups, key=lambda group: not group.is_shared)


def reaches_of(blocks: Sequence[Block]) -> dict[Place, float]:
    """Return how far from 0 each task's differences are drawn, in its metric's own numbers.

    Tasks in percent share a scale; each of the others has its own.
    """
    found = [block for block in blocks if block.contrasts]
    shared = max(
        (_extent(one) * _unit(one.bounds) for block in found for one in block.contrasts if one.bounds in PERCENT),
        default=1.0,
    )
    return {
        block.place: _round(shared) / _unit(block.contrasts[0].bounds)
        if block.contrasts[0].bounds in PERCENT
        else _round(max(_extent(one) for one in block.contrasts))
        for block in found
    }


def _unit(bounds: Bounds) -> float:
    return 100.0 if bounds == (0, 1) else 1.0


def _extent(contrast: Contrast) -> float:
    ends = [contrast.difference.delta]
    if contrast.difference.interval:
        ends += [contrast.difference.interval.low, contrast.difference.interval.high]
    return max(abs(end) for end in ends if math.isfinite(end))


def _round(value: float) -> float:
    """Return the next round number.

    >>> [_round(value) for value in (0.0, 0.7, 3.2, 61.0)]
    [1.0, 0.8, 4.0, 80.0]
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _STEPS if step * power >= value * 0.999)


class _Pen:
    """Knows where things go."""

    def __init__(self, canvas: Canvas, layout: Layout, row: float, labels: Sequence[str]) -> None:
        self.canvas, self.layout, self.row, self.labels = canvas, layout, row, labels
        self.left, self.right = (layout.label, layout.width - 200) if layout.label else (4.0, layout.width - 4)

    def draw(self, groups: Sequence[_Group], bottom: float) -> None:
        canvas, middle = self.canvas, (self.left + self.right) / 2
        shared = next((group for group in groups if group.is_shared), None)
        for part in (-1.0, -0.5, 0.0, 0.5, 1.0):
            x = middle + part * (self.right - self.left) / 2
            canvas.line((x, x), (20, bottom), "grid" if part else "muted", 1, order=0)
            if shared:
                value = part * shared.reach * _unit(shared.bounds)
                side = "center" if self.layout.label or abs(part) < 1 else "left" if part < 0 else "right"
                canvas.text(x, bottom + 13, _tick(value), "muted", 11, ha=side)
        if shared:
            canvas.text(middle, bottom + 31, "percentage points", "muted", 11, ha="center")
        canvas.text(self.left, 7, "← worse", "muted", 11.5, ha="left")
        canvas.text(self.right, 7, "better →", "muted", 11.5, ha="right")
        top = 20.0
        for group in groups:
            scale = "" if group.is_shared else f", full width ±{group.reach:g}"
            title = shortened(group.title, self.layout.letters + 10) + scale
            canvas.text(0, top + _HEAD / 2 + 2, plain(title), "ink", 13, weight="bold")
            top += _HEAD
            for contrast in group.contrasts:
                self._row(group, contrast, top)
                top += self.row

    def _row(self, group: _Group, contrast: Contrast, top: float) -> None:
        canvas, ink = self.canvas, ink_of(contrast.index) if contrast.is_clear else "muted"
        y = top + self.row / 2 if self.layout.label else top + self.row - 10
        found = contrast.difference
        if found.interval:
            low, high = (self._x(group, contrast, end) for end in (found.interval.low, found.interval.high))
            canvas.line((low, high), (y, y), ink, 2.5)
            for end in (low, high):
                canvas.line((end, end), (y - 4, y + 4), ink, 1.5)
        x = self._x(group, contrast, found.delta)
        if contrast.is_clear:
            canvas.mark(x, y, 4.5, contrast.index)
        else:
            canvas.dot(x, y, 4.5, ink)
        name, delta = self.labels[contrast.index], delta_text(found.delta, contrast.bounds)
        if self.layout.label:
            canvas.text(12, y, shortened(name, self.layout.letters - 2), "ink", 13)
            canvas.text(self.layout.width - 110, y, delta, "ink", 13, ha="right", weight="bold")
            canvas.text(self.layout.width, y, p_text(contrast.p_value), "muted", 11.5, ha="right")
        else:
            canvas.text(0, y - 16, shortened(name, self.layout.letters - 8), "ink", 12.5)
            canvas.text(self.layout.width, y - 16, f"{delta}  {p_text(contrast.p_value)}", "ink", 12, ha="right")

    def _x(self, group: _Group, contrast: Contrast, value: float) -> float:
        better = value if contrast.higher_is_better else -value
        share = min(1.0, max(-1.0, better / group.reach))
        return (self.left + self.right) / 2 + share * (self.right - self.left) / 2


def _tick(value: float) -> str:
    return f"{value:+g}".replace("-", "\N{MINUS SIGN}") if value else "0"
