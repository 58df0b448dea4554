"""``mmbench verify``: is a run folder what it says it is?"""

from pathlib import Path
from typing import Annotated

import typer


def verify(
    runs: Annotated[list[Path], typer.Argument(help="Run folders.")],
    download: Annotated[
        bool,
        typer.Option("--download", help="Fetch datasets that are not here, to compare the samples with them."),
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Compute all scores again from the stored answers: exit 0 verified, 1 refused, 2 misuse."""
    from rich.markup import escape

    from mmbench.cli.console import standard_output
    from mmbench.engine.verify import verify as verify_run
    from mmbench.store.run import load_run

    outcomes = [verify_run(opened, download=download) for opened in [load_run(run) for run in runs]]
    if json_:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(outcomes), indent=2).decode())
        raise typer.Exit(0 if all(outcome.ok for outcome in outcomes) else 1)
    console = standard_output()
    for outcome in outcomes:
        mark = "[green]verified[/green]" if outcome.ok else "[red]refused[/red]"
        told = f"{outcome.samples:,} answers scored again, {outcome.values:,} values compared"
        compared = sum(outcome.datasets.values())
        told += f", samples of {compared} of {len(outcome.datasets)} tasks compared with their dataset"
        console.print(f"{mark}  {escape(outcome.run)}  {told}", highlight=False, soft_wrap=True)
        for fault in outcome.faults:
            console.print(f"  {escape(str(fault))}", highlight=False, soft_wrap=True)
        for note in outcome.notes:
            console.print(f"  [yellow]note:[/yellow] {escape(note)}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(outcome.ok for outcome in outcomes) else 1)
