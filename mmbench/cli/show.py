"""``mmbench show``: a finished run on the terminal."""

from pathlib import Path
from typing import Annotated

import typer


def show(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    slices: Annotated[bool, typer.Option("--slices", help="Show every slice.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print results as JSON.")] = False,
) -> None:
    """Show the results and the provenance of a run."""
    from mmbench.cli.console import say, standard_output
    from mmbench.cli.efficiency import efficiency_lines
    from mmbench.cli.spread import spread_tables
    from mmbench.cli.tables import results_table
    from mmbench.store.run import load_run

    opened = load_run(run)
    if json_:
        typer.echo((run / "results.json").read_text(), nl=False)
        return
    manifest = opened.manifest
    console = standard_output()
    say(console, (manifest.model.name, "bold"), f"  {manifest.status}  {manifest.started}")
    if manifest.reason:
        say(console, (manifest.reason, "yellow"))
    if manifest.model.fingerprint:
        say(console, f"fingerprint {manifest.model.fingerprint[:24]}")
    console.print(results_table(opened.entries, "results", slices))
    for table in spread_tables(opened):
        console.print(table)
    for task in manifest.tasks:
        label = f"{task.name}:{task.dataset.name}"
        if task.status != "done":
            say(console, f"{label}  ", (task.status, "yellow"), f"  {task.reason}")
            continue
        say(console, f"{label}  {task.dataset.source}  rows {task.dataset.fingerprint[:12]}")
        for line in efficiency_lines(task):
            say(console, line)
