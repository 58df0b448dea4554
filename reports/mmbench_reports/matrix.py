"""How every run differs from the first, all on one page: a row a run, a column a task, and one for all tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mmbench.stats.intervals import Interval
from mmbench_reports.columns import Column
from mmbench_reports.forest import reaches_of
from mmbench_reports.numbers import Bounds, delta_text
from mmbench_reports.overall import Overall, counted, overall_of
from mmbench_reports.tables import Block, Contrast

_SHARE: Bounds = (0, 1)
_HALF = 36.0
"""Half the width of a strip, in pixels."""


@dataclass(frozen=True)
class Step:
    """One difference as it is shown: ``side`` is "better" or "worse" where chance does not explain it, else ""."""

    delta: str
    interval: str
    side: str
    strip: Markup


@dataclass(frozen=True)
class Matrix:
    """Differences by run. ``blocks`` head the columns; ``overall`` is the mean over ``tasks``, if runs have one.

    ``steps`` are those of each run in the order of the blocks, None where it was not compared; ``means`` those of
    the mean.
    """

    blocks: list[Block]
    tasks: list[Block]
    overall: dict[int, Overall]
    steps: dict[int, list[Step | None]]
    means: dict[int, Step]


def matrix_of(columns: Sequence[Column], blocks: Sequence[Block]) -> Matrix:
    """Compare all runs with the first.

    Raises:
        StoreError: samples.parquet of a run cannot be read.
    """
    compared = [block for block in blocks if block.contrasts]
    tasks = counted(compared)
    overall = overall_of(columns, compared) if len(tasks) > 1 else {}
    reaches = reaches_of(compared)
    steps = {
        column.index: [
            _step(found, reaches[block.place]) if (found := block.contrast_of(column.index)) else None
            for block in compared
        ]
        for column in columns[1:]
    }
    return Matrix(compared, tasks, overall, steps, _means(overall))


def _means(overall: Mapping[int, Overall]) -> dict[int, Step]:
    ends = [max(abs(one.delta), *_ends(one.interval)) for one in overall.values()]
    reach = max(ends, default=0.0) or 1.0
    return {
        index: Step(
            delta_text(one.delta, _SHARE),
            ends_text(one.interval, _SHARE),
            ("better" if one.delta > 0 else "worse") if one.is_clear else "",
            _strip(one.delta, one.interval, reach),
        )
        for index, one in overall.items()
    }


def _ends(interval: Interval | None) -> tuple[float, float]:
    return (abs(interval.low), abs(interval.high)) if interval else (0.0, 0.0)


def _step(contrast: Contrast, reach: float) -> Step:
    found = contrast.difference
    return Step(
        delta_text(found.delta, contrast.bounds),
        ends_text(found.interval, contrast.bounds),
        contrast.side if contrast.is_clear else "",
        _strip(found.delta, found.interval, reach if contrast.higher_is_better else -reach),
    )


def ends_text(interval: Interval | None, bounds: Bounds) -> str:
    """Format the ends of a difference's interval; "" for none."""
    return f"{delta_text(interval.low, bounds)} to {delta_text(interval.high, bounds)}" if interval else ""


def _strip(delta: float, interval: Interval | None, reach: float) -> Markup:
    """Draw a difference about the line of no difference, to the right better; ``reach`` is half the width."""

    def x_of(value: float) -> float:
        return _HALF + _HALF * max(-1.0, min(1.0, value / reach))

    low, high = sorted((x_of(interval.low), x_of(interval.high))) if interval else (x_of(delta), x_of(delta))
    return Markup(
        '<svg class="strip" viewBox="0 0 72 10" aria-hidden="true"><path class="s-edge" d="M36 0V10"/>'
        '<path class="bar" d="M{:.1f} 5H{:.1f}"/><circle cx="{:.1f}" cy="5" r="2.5"/></svg>'
    ).format(low, high, x_of(delta))
