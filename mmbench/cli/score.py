"""``mmbench score``: old answers, scored anew; no model is asked."""

from pathlib import Path
from typing import Annotated

import typer


def score(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            help="Instead of the run's own: a name, or name:option=value,... Repeatable.",
        ),
    ] = None,
    interval: Annotated[
        str,
        typer.Option(help="auto, wilson, bootstrap, bca or analytic, with :stratify=SLICE; else the run's own."),
    ] = "",
    slices: Annotated[bool, typer.Option("--slices", help="Show every slice.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the results as JSON to this file.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print results as JSON.")] = False,
) -> None:
    """Score a run's stored answers again, with its own metrics or others."""
    from mmbench.cli.console import standard_output
    from mmbench.cli.tables import results_table
    from mmbench.engine.rescore import rescore
    from mmbench.store.run import load_run
    from mmbench.store.run_folder import results_json, write_atomic

    opened = load_run(run)
    results = rescore(opened, metric or (), interval)
    document = results_json(opened.manifest.model.name, results)
    if out:
        write_atomic(out, document)
    if json_:
        typer.echo(document.decode(), nl=False)
    else:
        standard_output().print(results_table(results, f"{opened.manifest.model.name}, scored again", slices))
