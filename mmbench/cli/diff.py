"""``mmbench diff``: why do two runs differ?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mmbench.engine.diff import TaskDiff


def diff(
    a: Annotated[Path, typer.Argument(help="A run folder.")],
    b: Annotated[Path, typer.Argument(help="Another run folder.")],
    json_: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Name why two runs differ, and how many points each cause explains."""
    from mmbench.cli.console import say, standard_output
    from mmbench.engine.diff import diff as explain
    from mmbench.store.baseline import load_run_or_baseline

    found = explain(load_run_or_baseline(a), load_run_or_baseline(b))
    if json_:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    console = standard_output()
    for task in found.tasks:
        say(console, (task.label, "bold"))
        for cause, shown in task.causes.items():
            say(console, f"  {cause.value}: {shown}")
        if not task.causes:
            say(console, "  no difference found")
        if any(metric.steps for metric in task.metrics):
            console.print(_table(task))
    for note in found.notes:
        say(console, ("note:", "yellow"), f" {note}")


def _table(task: "TaskDiff") -> "Table":
    from rich.table import Table

    table = Table(header_style="bold")
    for title in ("metric", "A", "B", "B - A", "of which"):
        table.add_column(title, justify="left" if title in ("metric", "of which") else "right")
    for metric in task.metrics:
        scale = 100 if metric.percent else 1
        parts = [
            f"{' + '.join(cause.value for cause in step.causes)} {step.points * scale:+.2f}"
            for step in metric.steps
        ]
        told = ", ".join(parts) + (f" ({metric.note})" if metric.note else "")
        numbers = (f"{metric.a * scale:.2f}", f"{metric.b * scale:.2f}", f"{(metric.b - metric.a) * scale:+.2f}")
        table.add_row(metric.metric, *numbers, told)
    return table
