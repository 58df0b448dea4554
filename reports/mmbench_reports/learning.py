"""Learning curves of our own models: training loss, validation loss and scores over steps."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmbench_reports.checkpoints import Lesson, folder_of, log_of
from mmbench_reports.columns import Column
from mmbench_reports.plain import plain, shortened
from mmbench_reports.svg import MODEL_INKS, Canvas, ink_of

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 420.0, 230.0, 46.0, 96.0, 12.0, 38.0
POINTS = 160
"""Points of a line; longer logs are averaged."""
_Line = tuple[str, list[tuple[float, float]]]


@dataclass(frozen=True)
class Learning:
    """A model's curves as inline SVG; ``scores`` is "" where none were measured."""

    column: Column
    steps: int
    loss: str
    scores: str


def learning_of(columns: Sequence[Column]) -> list[Learning]:
    """Return the curves of every run whose checkpoint lies here with a log; of equal models once."""
    found: list[Learning] = []
    seen: set[str] = set()
    for column in columns:
        folder = folder_of(column.manifest)
        log = log_of(folder) if folder and str(folder) not in seen else []
        if len(log) < 2:
            continue
        seen.add(str(folder))
        name = plain(column.label)
        found.append(
            Learning(
                column,
                log[-1].step,
                _chart(_losses(log), f"Loss of {name} over training steps."),
                _chart(list(_scores(log)), f"Validation scores of {name} over training steps."),
            )
        )
    return found


def _losses(log: Sequence[Lesson]) -> list[_Line]:
    loss = [(float(one.step), one.loss) for one in log if one.loss is not None]
    held_out = [(float(one.step), one.validation_loss) for one in log if one.validation_loss is not None]
    return [(name, thinned(line)) for name, line in (("training", loss), ("validation", held_out)) if line]


def _scores(log: Sequence[Lesson]) -> Iterator[_Line]:
    names = list(dict.fromkeys(name for one in log for name in one.scores))
    for name in names[:MODEL_INKS]:
        yield name, thinned([(float(one.step), one.scores[name]) for one in log if name in one.scores])


def thinned(line: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Average neighbours until at most ``POINTS`` are left.

    >>> thinned([(1.0, 2.0), (2.0, 4.0)])
    [(1.0, 2.0), (2.0, 4.0)]
    """
    size = math.ceil(len(line) / POINTS)
    parts = [line[start : start + size] for start in range(0, len(line), size)]
    return [(sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part)) for part in parts]


def _chart(lines: Sequence[_Line], label: str) -> str:
    """Draw lines over steps; "" if there is none."""
    points = [point for _, line in lines for point in line]
    if len(points) < 2:
        return ""
    last = max(x for x, _ in points) or 1.0
    low, high = min(0.0, *(y for _, y in points)), max(y for _, y in points)
    high = high if high > low else low + 1.0
    canvas = Canvas(_WIDTH, _HEIGHT)
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + (right - _LEFT) * x / last, bottom - (bottom - _TOP) * (y - low) / (high - low)

    for part in range(5):
        value = low + (high - low) * part / 4
        _, y = place(0, value)
        canvas.line((_LEFT, right), (y, y), "grid", 1, order=0)
        canvas.text(_LEFT - 6, y, f"{value:.3g}", "muted", 11, ha="right")
    for share in (0.0, 0.5, 1.0):
        canvas.text(_LEFT + (right - _LEFT) * share, bottom + 13, f"{last * share:,.0f}", "muted", 11, ha="center")
    canvas.text((_LEFT + right) / 2, bottom + 30, "step", "muted", 11.5, ha="center")
    ends = {}
    for index, (_, line) in enumerate(lines):
        places = [place(x, y) for x, y in line]
        canvas.path([x for x, _ in places], [y for _, y in places], ink_of(index), 1.75)
        ends[index] = places[-1][1]
    for index, y in _spread(ends, bottom).items():
        name = shortened(plain(lines[index][0]), 15)
        canvas.text(right + 6, y, name, ink_of(index), 11.5, ha="left")
    return canvas.svg(label, "learning")


def _spread(ends: dict[int, float], bottom: float, gap: float = 14.0) -> dict[int, float]:
    """Move labels apart, and up again where they would run out at the bottom."""
    order = sorted(ends, key=lambda index: ends[index])
    placed: dict[int, float] = {}
    last = -math.inf
    for index in order:
        last = max(ends[index], last + gap)
        placed[index] = last
    limit = bottom
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed
