"""Charts of the leaderboard: quality against time, and a model's values over time."""

from collections.abc import Sequence

from mmbench_reports.leaderboard.board import Board, Score
from mmbench_reports.numbers import seconds_text
from mmbench_reports.plain import plain
from mmbench_reports.plots import Layout
from mmbench_reports.scatter import Cost, Dot, scatter
from mmbench_reports.svg import Canvas

_TIME = Cost("mean time of a sample", seconds_text)


def pareto(board: Board, layout: Layout) -> str:
    """Draw comparisons won against seconds a sample; "" with fewer than two models that have both."""
    dots = [
        Dot(entry.name, entry.seconds, entry.wins)
        for entry in board.models
        if entry.wins is not None and entry.seconds
    ]
    told = "Comparisons won against mean time of a sample; the table above has the same values."
    return scatter(dots, _TIME, layout, told)


def history(points: Sequence[tuple[str, Score]], label: str) -> str:
    """Draw a model's values with their intervals, oldest first; ``points`` are (UTC time of the run, score)."""
    width, height, left, right, top, bottom = 420.0, 150.0, 52.0, 366.0, 14.0, 118.0
    known = [(finished, score) for finished, score in points if score.result.value is not None]
    ends = [end for _, score in known for end in _ends(score)]
    low, high = min(ends), max(ends)
    pad = (high - low) * 0.15 or abs(high) * 0.05 or 0.05
    low, high = low - pad, high + pad
    canvas = Canvas(width, height)

    def y_of(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - top)

    canvas.line((left, right), (bottom, bottom), "grid", 1, order=0)
    steps = max(1, len(known) - 1)
    days = [finished[:10] for finished, _ in known]
    labels = days if days[0] != days[-1] else [finished[11:16] for finished, _ in known]
    places = [left + 14 + index * (right - left - 28) / steps for index in range(len(known))]
    for index, (x, (_, score)) in enumerate(zip(places, known, strict=True)):
        y = y_of(score.result.value or 0.0)
        first, last = _ends(score)
        canvas.line((x, x), (y_of(first), y_of(last)), "model0", 1.5)
        canvas.dot(x, y, 4, "model0")
        if index:
            before = known[index - 1][1].result.value or 0.0
            canvas.line((places[index - 1], x), (y_of(before), y), "muted", 1, order=1)
        if index in (0, len(known) - 1):
            canvas.text(x, bottom + 15, labels[index], "muted", 11, ha="left" if index == 0 else "right")
            side = left - 6 if index == 0 else right
            canvas.text(side, y, score.value, "ink", 11.5, ha="right" if index == 0 else "left")
    return canvas.svg(f"{plain(label)} over time", "history")


def _ends(score: Score) -> tuple[float, float]:
    value = score.result.value or 0.0
    return (score.result.interval.low, score.result.interval.high) if score.result.interval else (value, value)
