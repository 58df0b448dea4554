"""``mmbench report``: one or several runs as a page, a table or a data file."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run folders.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path("report.html"),
    format_: Annotated[str, typer.Option("--format", help="A renderer; else told by the file's ending.")] = "",
) -> None:
    """Render runs side by side: HTML, Markdown, LaTeX, CSV or JSON."""
    from mmbench import plugins
    from mmbench.errors import UsageError
    from mmbench.store.run import load_run

    endings = {".html": "html", ".md": "markdown", ".tex": "latex", ".csv": "csv", ".json": "json"}
    name = format_ or endings.get(out.suffix, "")
    if not name:
        raise UsageError(
            f"cannot tell the format of {out}; name one with --format ({', '.join(endings.values())})."
        )
    plugins.load("renderers", name)([load_run(run) for run in runs], out)
    typer.echo(f"report: {out}")
