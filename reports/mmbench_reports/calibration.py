"""Does a model that is 70 % sure get 70 % right? Confidence, as far as models tell it, against outcome.

Confidence is the softmax of the options' log-probabilities at the option chosen, or, for an answer that was
written, the product of its tokens' probabilities. Only tasks whose samples are right or wrong, and nothing
between, are shown.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmbench.stats.intervals import Interval, wilson
from mmbench_reports.columns import Column
from mmbench_reports.plain import plain
from mmbench_reports.rows import Samples
from mmbench_reports.scores import Scorer, scorer_of
from mmbench_reports.svg import Canvas, ink_of
from mmbench_reports.tables import Block

BINS = 10
LEAST, MOST = 20, 20_000
"""Samples without which a curve says nothing, and beyond which no more are read."""
_SIDE, _LEFT, _TOP, _BOTTOM = 250.0, 40.0, 8.0, 40.0


@dataclass(frozen=True)
class Bin:
    """Samples of like confidence: how many, their mean confidence, the share that is right and its interval."""

    count: int
    confidence: float
    accuracy: float
    interval: Interval


@dataclass(frozen=True)
class Curve:
    """One run's calibration on one task; ``error`` is the mean distance of confidence and accuracy over bins."""

    column: Column
    n: int
    bins: tuple[Bin, ...]
    error: float


def curves_of(columns: Sequence[Column], block: Block) -> list[Curve]:
    """Return a curve of every run that tells its confidence; none where samples are partly right.

    Raises:
        StoreError: samples.parquet cannot be read.
    """
    found = []
    for column in columns:
        if not block.lines or block.lines[0].cells[column.index].result is None:
            continue
        told = _confidences(Samples(column.run, block.place), scorer_of(block, column.index))
        if len(told) >= LEAST:
            found.append(_curve(column, told))
    return found


def _confidences(samples: Samples, scorer: Scorer) -> list[tuple[float, bool]]:
    found = []
    for row in samples.said(MOST):
        told = _confidence(row, scorer)
        if told is None:
            return []
        found.append(told)
    return found


def _confidence(row: Mapping[str, Any], scorer: Scorer) -> tuple[float, bool] | None:
    """Return confidence and outcome of one answer; None if either is not known."""
    responses, choices = row["responses"] or [], row["choices"] or []
    logs = responses[0]["logprobs"] if len(responses) == 1 else []
    if not logs or not all(math.isfinite(log) for log in logs):
        return None
    if len(choices) > 1 and len(logs) == len(choices):
        top = max(logs)
        return 1 / sum(math.exp(log - top) for log in logs), choices[logs.index(top)] == row["answer"]
    verdict = scorer.verdict(row["statistics"], None)
    return (math.exp(min(0.0, sum(logs))), verdict == "right") if verdict in ("right", "wrong") else None


def _curve(column: Column, told: Sequence[tuple[float, bool]]) -> Curve:
    groups: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in told:
        groups.setdefault(min(BINS - 1, int(confidence * BINS)), []).append((confidence, right))
    bins = tuple(_bin(group) for _, group in sorted(groups.items()))
    error = sum(one.count * abs(one.confidence - one.accuracy) for one in bins) / len(told)
    return Curve(column, len(told), bins, error)


def _bin(group: Sequence[tuple[float, bool]]) -> Bin:
    right = sum(outcome for _, outcome in group)
    mean = sum(confidence for confidence, _ in group) / len(group)
    return Bin(len(group), mean, right / len(group), wilson(right, len(group)))


def chart(block: Block, curves: Sequence[Curve]) -> str:
    """Draw the curves of one task as inline SVG; the diagonal is perfect calibration."""
    canvas = Canvas(_LEFT + _SIDE + 12, _TOP + _SIDE + _BOTTOM)

    def place(x: float, y: float) -> tuple[float, float]:
        return _LEFT + _SIDE * x, _TOP + _SIDE * (1 - y)

    _frame(canvas)
    for shift, curve in enumerate(curves):
        ink = ink_of(curve.column.index)
        before: tuple[float, float] | None = None
        for one in curve.bins:
            x, y = place(one.confidence, one.accuracy)
            _, low = place(0, one.interval.low)
            _, high = place(0, one.interval.high)
            canvas.line((x, x), (low, high), ink, 1)
            if before:
                canvas.line((before[0], x), (before[1], y), ink, 1.75, order=2 + shift)
            before = x, y
            canvas.mark(x, y, 2.5 + 4 * math.sqrt(one.count / curve.n), curve.column.index)
    return canvas.svg(f"Calibration of {plain(block.name)}: accuracy against confidence.", "calibration")


def _frame(canvas: Canvas) -> None:
    bottom, right = _TOP + _SIDE, _LEFT + _SIDE
    for part in range(5):
        share, text = part / 4, f"{25 * part}%"
        y, x = bottom - _SIDE * share, _LEFT + _SIDE * share
        canvas.line((_LEFT, right), (y, y), "grid", 1, order=0)
        canvas.text(_LEFT - 6, y, text, "muted", 11, ha="right")
        canvas.text(x, bottom + 12, text, "muted", 11, ha="center")
    canvas.line((_LEFT, right), (bottom, _TOP), "muted", 1, order=0)
    canvas.text(_LEFT + _SIDE / 2, bottom + 30, "confidence", "muted", 11.5, ha="center")


def each(blocks: Sequence[Block], columns: Sequence[Column]) -> Iterator[tuple[Block, list[Curve], str]]:
    """Yield the tasks that have curves, with them and their chart."""
    for block in blocks:
        if curves := curves_of(columns, block):
            yield block, curves, chart(block, curves)
