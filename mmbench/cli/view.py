"""``mmbench view``: all samples of runs in a browser, served on this machine."""

from pathlib import Path
from typing import Annotated

import typer


def view(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, finished or going on.")],
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 0,
    browser: Annotated[bool, typer.Option("--open", help="Open the address in your browser.")] = False,
) -> None:
    """Browse every sample of runs, and watch runs that are going on. Ends with Ctrl-C."""
    from mmbench import plugins
    from mmbench.store.run import load_run

    opened = [load_run(run) for run in runs]
    plugins.load("renderers", "view")(
        opened, port=port, browser=browser, told=lambda address: typer.echo(f"view: {address}  (Ctrl-C ends it)")
    )
