"""The overview chart: each task's main metric, a bar a run, with its interval."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmbench.store.records import Result
from mmbench_reports.columns import Column
from mmbench_reports.numbers import Bounds, interval_text, value_text
from mmbench_reports.plain import plain, shortened
from mmbench_reports.svg import Canvas, ink_of
from mmbench_reports.tables import Block

PERCENT: tuple[Bounds, ...] = ((0, 1), (0, 100))
"""Ranges that share the chart's main axis."""


@dataclass(frozen=True)
class Layout:
    """Sizes in pixels. Without a ``label`` column, labels stand above their bars."""

    name: str
    width: float
    label: float
    value: float
    letters: int

    @property
    def track(self) -> tuple[float, float]:
        """Where bars begin and where the scale ends."""
        return (self.label, self.width - self.value) if self.label else (1.0, self.width - 1.0)


WIDE = Layout("wide", 912, 250, 160, 34)
NARROW = Layout("narrow", 340, 0, 0, 30)


@dataclass(frozen=True)
class _Group:
    """One task: its bars share a scale from ``low`` to ``high``."""

    title: str
    metric: str
    low: float
    high: float
    is_percent: bool
    bars: tuple[tuple[str, int, Result], ...]


def overview(columns: Sequence[Column], blocks: Sequence[Block], layout: Layout) -> str:
    """Draw the chart as inline SVG; "" if there are no two values to see side by side."""
    groups = sorted(_groups(columns, blocks), key=lambda group: not group.is_percent)
    if sum(len(group.bars) for group in groups) < 2:
        return ""
    pen = _Pen(layout, several=len(columns) > 1)
    canvas = Canvas(layout.width, pen.height_of(groups))
    pen.draw(canvas, groups)
    return canvas.svg("Chart of the main metric of each task; the table above has the same values.", layout.name)


def _groups(columns: Sequence[Column], blocks: Sequence[Block]) -> Iterator[_Group]:
    for block in blocks:
        if not block.lines:
            continue
        main = block.lines[0]
        bars = tuple(
            (column.label, column.index, cell.result)
            for column, cell in zip(columns, main.cells, strict=True)
            if cell.result and cell.result.value is not None
        )
        if bars:
            low, high = _scale(main.bounds, [result for _, _, result in bars])
            yield _Group(block.name, main.metric, low, high, main.bounds in PERCENT, bars)


def _scale(bounds: Bounds, results: Sequence[Result]) -> tuple[float, float]:
    """Return the ends of an axis: the metric's bounds, or a round number beyond what was measured."""
    low, high = bounds
    ends = [end for result in results for end in _ends(result)]
    if low is None:
        low = min(0.0, *ends)
    if high is None:
        step = 10.0 ** math.floor(math.log10(max(*ends, low + 1e-9, 1e-9) or 1.0))
        high = math.ceil(max(ends) / step) * step
    return low, max(high, low + 1e-9)


def _ends(result: Result) -> tuple[float, float]:
    value = result.value or 0.0
    return (result.interval.low, result.interval.high) if result.interval else (value, value)


class _Pen:
    """Knows where things go."""

    def __init__(self, layout: Layout, *, several: bool) -> None:
        self.layout = layout
        self.several = several
        self.row = (26 if layout.label else 36) if several else 44
        self.head = 26 if several else 0
        self.gap = 12 if several else 0
        self.axis = 24

    def height_of(self, groups: Sequence[_Group]) -> float:
        return self.axis + sum(self.head + self.gap + self.row * len(group.bars) for group in groups)

    def draw(self, canvas: Canvas, groups: Sequence[_Group]) -> None:
        shared = [group for group in groups if group.is_percent]
        self._grid(canvas, self.height_of(shared) - self.axis if shared else 0)
        top = 0.0
        for index, group in enumerate(groups):
            if index == len(shared) and shared:
                top += self.axis
            top = self._group(canvas, group, top)

    def _grid(self, canvas: Canvas, height: float) -> None:
        if not height:
            return
        left, right = self.layout.track
        for part in range(5):
            x = left + (right - left) * part / 4
            canvas.line((x, x), (0, height), "grid", 1, order=0)
            side = "left" if part == 0 else "right" if part == 4 and not self.layout.label else "center"
            canvas.text(x, height + 13, str(25 * part), "muted", 11, ha=side)

    def _group(self, canvas: Canvas, group: _Group, top: float) -> float:
        if self.several:
            title = shortened(plain(f"{group.title} · {group.metric}"), self.layout.letters + 10)
            canvas.text(0, top + self.head / 2 + 4, title, "ink", 13, weight="bold")
            top += self.head
        for label, index, result in group.bars:
            self._bar(canvas, group, label if self.several else group.title, index, result, top)
            top += self.row
        return top + self.gap

    def _bar(self, canvas: Canvas, group: _Group, label: str, index: int, result: Result, top: float) -> None:
        ink = ink_of(index)
        y = top + self.row / 2 if self.layout.label else top + self.row - 11
        left, right = self.layout.track
        start, value = (self._x(group, number) for number in (max(group.low, 0.0), result.value or 0.0))
        canvas.bar(left, y - 5, right - left, 10, "grid", 0.45)
        canvas.bar(min(start, value), y - 5, abs(value - start), 10, ink, 0.34)
        low, high = (self._x(group, end) for end in _ends(result))
        canvas.line((low, high), (y, y), ink, 2.5)
        for end in {low, high}:
            canvas.line((end, end), (y - 5, y + 5), ink, 1.5)
        canvas.mark(value, y, 4.5, index)
        self._words(canvas, group, label, result, y)

    def _words(self, canvas: Canvas, group: _Group, label: str, result: Result, y: float) -> None:
        name = shortened(plain(label), self.layout.letters)
        metric = "" if self.several else shortened(plain(group.metric), self.layout.letters)
        value, interval = value_text(result.value, result.range), interval_text(result.interval, result.range)
        weight = "normal" if self.several else "bold"
        if self.layout.label:
            canvas.text(0, y - 8 if metric else y, name, "ink", 13, weight=weight)
            canvas.text(0, y + 9, metric, "muted", 11.5)
            canvas.text(self.layout.width - 90, y, value, "ink", 13, ha="right", weight="bold")
            canvas.text(self.layout.width, y, interval, "muted", 11.5, ha="right")
            return
        canvas.text(0, y - 16, name, "ink", 12.5, weight=weight)
        canvas.text(self.layout.width, y - 16, f"{value}  {interval}".rstrip(), "ink", 12, ha="right")

    def _x(self, group: _Group, value: float) -> float:
        left, right = self.layout.track
        share = (value - group.low) / (group.high - group.low)
        return left + (right - left) * min(1.0, max(0.0, share))
