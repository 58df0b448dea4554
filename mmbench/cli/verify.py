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
    from mmbench.cli.console import say, standard_output
    from mmbench.engine.verify import verify as verify_run
    from mmbench.store.run import load_run

    outcomes = [verify_run(opened, download=download) for opened in [load_run(run) for run in runs]]
    if json_:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(outcomes), indent=2).decode())
        raise typer.Exit(0 if all(outcome.ok for outcome in outcomes) else 1)
    console = standard_output()
    for outcome in outcomes:
        mark = ("verified", "green") if outcome.ok else ("refused", "red")
        told = f"{outcome.samples:,} answers scored again, {outcome.values:,} values compared"
        compared = sum(outcome.datasets.values())
        told += f", samples of {compared} of {len(outcome.datasets)} tasks compared with their dataset"
        say(console, mark, f"  {outcome.run}  {told}")
        for fault in outcome.faults:
            say(console, f"  {fault}")
        for note in outcome.notes:
            say(console, "  ", ("note:", "yellow"), f" {note}")
    raise typer.Exit(0 if all(outcome.ok for outcome in outcomes) else 1)
