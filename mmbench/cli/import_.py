"""``mmbench import``: result files of other harnesses as run folders."""

from pathlib import Path
from typing import Annotated

import typer


def import_runs(
    files: Annotated[
        list[Path],
        typer.Argument(help="results_*.json of lm-evaluation-harness or lmms-eval; tables of VLMEvalKit."),
    ],
    out: Annotated[Path, typer.Option(help="Where run folders are made.")] = Path("runs"),
    model: Annotated[str, typer.Option(help="The model's name, if the file does not tell it.")] = "",
    task: Annotated[str, typer.Option(help="The dataset's name, if the file does not tell it.")] = "",
) -> None:
    """Read old results, to compare them with each other; they are marked as imported and never verified."""
    from mmbench.cli.console import standard_output
    from mmbench.cli.tables import results_table
    from mmbench.engine.importing import import_files

    for run in import_files(files, out, model=model, task=task):
        standard_output().print(results_table(run.entries, run.manifest.model.name))
        typer.echo(f"run: {run.path}")
