"""How results spread over wordings of the prompt, as a table on the terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from mmbench.store.run import Run


def spread_tables(run: "Run") -> "list[Table]":
    """Return a table of means and spreads; none for a run that asked in one wording only."""
    if not run.spreads:
        return []
    from rich.markup import escape
    from rich.table import Table

    from mmbench.cli.tables import Groups, number

    count = len(run.spreads[0].values)
    table = Table(
        title=f"over {count} wordings of the prompt", title_justify="left", title_style="bold", header_style="bold"
    )
    table.add_column("metric", no_wrap=True)
    for name in ("the prompt", "mean", "sd", "min - max"):
        table.add_column(name, justify="right", no_wrap=True)
    whole = {(entry.task, entry.dataset, entry.metric): entry for entry in run.entries if not entry.slice}
    groups = Groups(table)
    for spread in run.spreads:
        groups.head(f"{spread.task}:{spread.dataset}")
        result = whole[spread.task, spread.dataset, spread.metric]
        prompt, mean, sd, low, high = (
            number(result, value) for value in (spread.values[0], spread.mean, spread.sd, spread.min, spread.max)
        )
        table.add_row(f"  {escape(spread.metric)}", prompt, mean, sd, f"{low} - {high}")
    return [table]
