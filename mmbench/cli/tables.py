"""Results as tables on the terminal."""

import math
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from mmbench.store.records import RepeatsRecord, Result


def number(result: Result, value: float | None) -> str:
    """Format a value of a metric; shares of one are shown as percent.

    >>> import math
    >>> from mmbench.store.records import Result
    >>> r = Result("qa", "x", "acc", "", 0.5, None, 2, 0, 0, "acc", True, (0.0, 1.0))
    >>> number(r, 0.5)
    '50.0'
    """
    if value is None:
        return "-"
    if result.range == (0.0, 1.0):
        return f"{value * 100:.1f}"
    if result.range == (0.0, 100.0) or 10 <= abs(value) < 1e5:
        return f"{value:.1f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.3g}"


class Groups:
    """Puts a line above the rows of each group of a table."""

    def __init__(self, table: Table) -> None:
        self._table, self._last = table, ""

    def head(self, label: str) -> None:
        """Say to which group the rows that follow belong; a group that goes on is not said again."""
        if label != self._last:
            self._table.add_section()
            self._table.add_row(f"[bold]{escape(label)}[/bold]")
            self._last = label


def results_table(results: Sequence[Result], title: str, slices: bool = False) -> Table:
    """Lay out results: a line a dataset, under it a line a metric; with ``slices``, a line a slice too."""
    table = Table(title=escape(title), title_justify="left", title_style="bold", header_style="bold")
    table.add_column("metric", no_wrap=True)
    for name in ("value", "95 % interval", "n", "errors"):
        table.add_column(name, justify="right", no_wrap=True)
    if {result.range for result in results} >= {(0.0, 1.0), (0.0, 100.0)}:
        table.caption, table.caption_justify = "Values without % are on their metric's own scale.", "left"
    groups = Groups(table)
    for result in results:
        if result.slice and not slices:
            continue
        groups.head(f"{result.task}:{result.dataset}")
        interval = result.interval
        bounds = f"{number(result, interval.low)} - {number(result, interval.high)}" if interval else "-"
        unit = " %" if result.range == (0.0, 1.0) and result.value is not None else "  "
        name = f"    {escape(result.slice)}" if result.slice else f"  {escape(result.metric)}"
        table.add_row(name, number(result, result.value) + unit, bounds, f"{result.n:,}", str(result.errors or ""))
        if result.repeats:
            table.add_row(*_variance(result, result.repeats))
    return table


def _variance(result: Result, repeats: RepeatsRecord) -> tuple[str, str, str]:
    """Say what the choice of samples and what the drawing of answers add to a value's standard error."""
    scale = 100 if result.range == (0.0, 1.0) else 1
    samples, draws = (math.sqrt(part) * scale for part in (repeats.between, repeats.within))
    return f"      standard error, {repeats.count} answers", f"samples {samples:.2f}", f"draws {draws:.2f}"
