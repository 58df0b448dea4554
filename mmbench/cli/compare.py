"""``mmbench compare``: is B really better than A? And who leads, among more?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mmbench.engine.ranking import Ranking
    from mmbench.store.run import Run

CORRECTIONS = ("holm", "bh", "none")


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Run folders or baseline files: A, B, and more for a ranking.", metavar="A B"),
    ],
    slices: Annotated[bool, typer.Option("--slices", help="Compare slices too.")] = False,
    details: Annotated[
        bool, typer.Option("--details", help="Tell effect sizes, power and the samples that differ most.")
    ] = False,
    correction: Annotated[str, typer.Option(help="For many tests at once: holm, bh or none.")] = "holm",
    seed: Annotated[int, typer.Option(help="Of bootstrap and randomisation.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the runs side by side as a page.")] = None,
) -> None:
    """Compare runs on the samples they share: two with paired tests, more with all pairs and rank intervals."""
    from mmbench.cli import compare_tables as tables
    from mmbench.cli.console import say, standard_output
    from mmbench.engine.compare import compare as compare_runs
    from mmbench.engine.comparison import Report
    from mmbench.errors import UsageError
    from mmbench.store.baseline import load_run_or_baseline

    if len(runs) < 2:
        raise UsageError("name at least two runs: mmbench compare A B.")
    if correction not in CORRECTIONS:
        raise UsageError(f"--correction must be holm, bh or none, not '{correction}'.")
    opened = [load_run_or_baseline(path) for path in runs]
    found: Report | Ranking = compare_runs(*opened, correction=correction, seed=seed, slices=slices)  # type: ignore[call-overload]
    if html:
        _write_page(opened, html)
    if json_:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    console = standard_output()
    if isinstance(found, Report):
        console.print(tables.report_table(found, wide=console.width >= 110))
        lines = tables.report_details(found) if details else []
    else:
        console.print(tables.ranking_table(found))
        lines = tables.ranking_details(found) if details else []
    for line in lines:
        say(console, line)
    for note in found.notes:
        say(console, ("note:", "yellow"), f" {note}")


def _write_page(runs: "list[Run]", page: Path) -> None:
    from mmbench import plugins
    from mmbench.errors import UsageError

    if lean := [str(run.path) for run in runs if not run.keeps_answers]:
        raise UsageError(f"--html shows prompts and answers, which {lean[0]} does not keep: name its run folder.")
    plugins.load("renderers", "html")(runs, page)
    typer.echo(f"report: {page}", err=True)
