"""How values spread over wordings of the prompt, as a table: a block a task, a line a metric and run."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmbench.store.records import Spread
from mmbench.store.run_folder import RESULTS
from mmbench_reports.columns import Column
from mmbench_reports.numbers import Bounds, value_text
from mmbench_reports.tables import Block


@dataclass(frozen=True)
class Wording:
    """One metric of one run over all wordings, as text."""

    column: Column
    metric: str
    count: int
    prompt: str
    mean: str
    sd: str
    low: str
    high: str


def wordings_of(columns: Sequence[Column], blocks: Sequence[Block]) -> list[tuple[Block, list[Wording]]]:
    """Gather the spreads of the runs that asked in several wordings; nothing if none did."""
    found = [(column, spread) for column in columns for spread in _spreads(column)]
    tables = []
    for block in blocks:
        bounds = {line.metric: line.bounds for line in block.lines}
        mine = [(column, spread) for column, spread in found if (spread.task, spread.dataset) == block.place]
        ordered = sorted(mine, key=lambda pair: list(bounds).index(pair[1].metric))
        if lines := [_wording(column, spread, bounds[spread.metric]) for column, spread in ordered]:
            tables.append((block, lines))
    return tables


def _spreads(column: Column) -> list[Spread]:
    return column.run.spreads if (column.run.path / RESULTS).is_file() else []


def _wording(column: Column, spread: Spread, bounds: Bounds) -> Wording:
    told = (spread.values[0], spread.mean, spread.sd, spread.min, spread.max)
    return Wording(column, spread.metric, len(spread.values), *(value_text(value, bounds) for value in told))
