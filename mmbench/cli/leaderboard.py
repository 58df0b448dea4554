"""``mmbench leaderboard``: a static site of verified runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mmbench.engine.verification import Verification
    from mmbench.store.run import Run

app = typer.Typer(no_args_is_help=True, help="Leaderboards of verified runs.")


@app.callback()
def leaderboard() -> None:
    """Leaderboards of verified runs."""


@app.command("build")
def build(
    folder: Annotated[Path, typer.Argument(help="Holds run folders, at any depth.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The site's folder.")] = Path("site"),
    title: Annotated[str, typer.Option(help="What the site is called.")] = "Leaderboard",
    url: Annotated[str, typer.Option(help="Where it will be published, for feed and badges.")] = "",
    download: Annotated[bool, typer.Option("--download", help="Fetch datasets that are not here.")] = False,
) -> None:
    """Verify every run and build the site: exit 0 all accepted, 3 some refused, 2 misuse."""
    from rich.markup import escape

    from mmbench import plugins
    from mmbench.cli.console import standard_output

    runs = _runs(folder, out)
    found: list[Verification] = plugins.load("renderers", "leaderboard")(
        runs, out, title=title, url=url, download=download
    )
    console = standard_output()
    for outcome in found:
        mark = "[green]accepted[/green]" if outcome.ok else "[red]refused[/red] "
        console.print(f"{mark}  {escape(outcome.run)}", highlight=False, soft_wrap=True)
        for fault in outcome.faults:
            console.print(f"  {escape(str(fault))}", highlight=False, soft_wrap=True)
    typer.echo(f"site: {out / 'index.html'}")
    raise typer.Exit(0 if all(outcome.ok for outcome in found) else 3)


def _runs(folder: Path, out: Path) -> "list[Run]":
    """Return the run folders in a folder, sorted by path; the site itself holds none."""
    from mmbench.errors import UsageError
    from mmbench.store.run import load_run
    from mmbench.store.run_folder import MANIFEST

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder. Name one that holds run folders.")
    places = sorted(path.parent for path in folder.rglob(MANIFEST) if out.resolve() not in path.resolve().parents)
    if not places:
        raise UsageError(f"no run folder in {folder}: none of its folders has a {MANIFEST}.")
    return [load_run(place) for place in places]
