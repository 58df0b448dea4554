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


@app.command("pack")
def pack(
    runs: Annotated[list[Path], typer.Argument(help="Run folders.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file, or a folder for several.")] = Path(),
    media: Annotated[bool, typer.Option("--media", help="Keep pictures and sounds too.")] = False,
) -> None:
    """Pack finished runs, each into one file, to be submitted."""
    from mmbench.errors import UsageError
    from mmbench.store.packed import pack as pack_run
    from mmbench.store.run import load_run

    if len(runs) > 1 and not out.is_dir():
        raise UsageError(f"{out} is no folder. Several runs need one, with a file for each.")
    for run in runs:
        typer.echo(f"packed: {pack_run(load_run(run), out, media=media)}")


@app.command("build")
def build(
    folder: Annotated[Path, typer.Argument(help="Holds run folders and packed runs, at any depth.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The site's folder.")] = Path("site"),
    title: Annotated[str, typer.Option(help="What the site is called.")] = "Leaderboard",
    url: Annotated[str, typer.Option(help="Where it will be published, for feed and badges.")] = "",
    download: Annotated[bool, typer.Option("--download", help="Fetch datasets that are not here.")] = False,
) -> None:
    """Verify every run and build the site: exit 0 all accepted, 3 some refused, 2 misuse."""
    import tempfile

    from mmbench import plugins
    from mmbench.cli.console import say, standard_output

    with tempfile.TemporaryDirectory(prefix="mmbench-") as scratch:
        runs, damaged = _submissions(folder, out, Path(scratch))
        found: list[Verification] = plugins.load("renderers", "leaderboard")(
            runs, out, title=title, url=url, download=download, damaged=damaged
        )
    console = standard_output()
    for outcome in found:
        mark = ("accepted", "green") if outcome.ok else ("refused ", "red")
        say(console, mark, f"  {outcome.run}")
        for fault in outcome.faults:
            say(console, f"  {fault}")
    typer.echo(f"site: {out / 'index.html'}")
    raise typer.Exit(0 if all(outcome.ok for outcome in found) else 3)


@app.command("publish")
def publish(
    site: Annotated[Path, typer.Argument(help="A site that was built.")],
    to: Annotated[
        str,
        typer.Option(
            "--to", help="A folder, git:REMOTE[#BRANCH] (gh-pages), hf:ORG/SPACE or hf:datasets/ORG/NAME."
        ),
    ],
) -> None:
    """Publish a site to a folder, a branch, or the Hub."""
    from mmbench import plugins

    kind, _, rest = to.partition(":")
    if kind not in plugins.names("publishers"):
        kind, rest = "folder", to
    typer.echo(f"published: {plugins.load('publishers', kind)(site, rest)}")


def _submissions(folder: Path, out: Path, scratch: Path) -> "tuple[list[Run], list[Verification]]":
    """Return the runs in a folder, unpacked where they are packed, sorted by path; and those that are damaged."""
    from mmbench.engine.verification import Fault, Verification
    from mmbench.errors import StoreError, UsageError
    from mmbench.store.packed import is_packed, unpack
    from mmbench.store.run import load_run
    from mmbench.store.run_folder import MANIFEST

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder. Name one that holds run folders.")
    mine = [path for path in sorted(folder.rglob("*")) if out.resolve() not in path.resolve().parents]
    runs = [load_run(path.parent) for path in mine if path.name == MANIFEST]
    damaged = []
    for number, path in enumerate(path for path in mine if is_packed(path) and path.is_file()):
        try:
            runs.append(unpack(path, scratch / str(number)))
        except StoreError as error:
            damaged.append(Verification(path.name, "", [Fault("file", "", str(error))], [], 0, 0, {}))
    if not runs and not damaged:
        raise UsageError(f"no run folder in {folder}: none of its folders has a {MANIFEST}, and no run is packed.")
    return runs, damaged
