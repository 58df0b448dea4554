"""Results as tables on the terminal."""

from collections.abc import Sequence

from rich.table import Table

from mmbench.store.records import Result


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
    return f"{value:.1f}" if abs(value) < 1e5 else f"{value:.3g}"


def results_table(results: Sequence[Result], title: str, slices: bool = False) -> Table:
    """Lay out results, one row a metric; with ``slices``, one row a slice too."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    table.add_column("task")
    table.add_column("metric")
    if slices:
        table.add_column("slice")
    for name in ("value", "95 % interval", "n", "errors"):
        table.add_column(name, justify="right")
    last = ""
    for result in results:
        if result.slice and not slices:
            continue
        label = f"{result.task}:{result.dataset}"
        interval = result.interval
        bounds = f"{number(result, interval.low)} - {number(result, interval.high)}" if interval else "-"
        cells = [label if label != last else "", result.metric]
        cells += [result.slice or "all"] if slices else []
        unit = " %" if result.range == (0.0, 1.0) and result.value is not None else "  "
        cells += [number(result, result.value) + unit, bounds, f"{result.n:,}", str(result.errors or "")]
        if label != last and last:
            table.add_section()
        table.add_row(*cells)
        last = label
    return table
