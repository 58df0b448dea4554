"""``mmbench reproduce``: does the same come out again?"""

from pathlib import Path
from typing import Annotated

import typer


def reproduce(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    out: Annotated[Path, typer.Option(help="Where the new run folder is made.")] = Path("runs"),
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="In place of the manifest's, if it has moved.")
    ] = None,
    cache: Annotated[str, typer.Option(help="Response store; 'off' asks the model anew.")] = "off",
) -> None:
    """Repeat a run from its manifest: exit 0 if results.json is identical, 1 if not."""
    from rich.console import Console

    from mmbench.cli.progress import ProgressView
    from mmbench.engine.reproduce import reproduce as repeat
    from mmbench.store.run import load_run

    with ProgressView(Console(stderr=True)) as view:
        found = repeat(load_run(run), out, model=model, cache=cache, on_event=view)
    typer.echo("identical results" if found.identical else "the results differ:")
    for line in found.results:
        typer.echo(f"  {line}")
    if found.circumstances:
        typer.echo("circumstances that differ:")
    for line in found.circumstances:
        typer.echo(f"  {line}")
    if not found.identical:
        typer.echo(f"`mmbench diff {run} {found.run.path}` says why, and how many points each cause explains.")
    raise typer.Exit(0 if found.identical else 1)
