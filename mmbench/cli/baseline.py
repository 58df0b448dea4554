"""``mmbench baseline``: results that fit in a git repository."""

from pathlib import Path
from typing import Annotated

import typer

baseline = typer.Typer(
    no_args_is_help=True, help="Keep results as small signed files that fit in a git repository."
)


@baseline.command("save")
def save(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    path: Annotated[Path, typer.Argument(help="A name, a folder, or a file to write.")] = Path("baselines"),
) -> None:
    """Save a run as a baseline file: per-sample statistics, no prompts or answers."""
    from mmbench.store.baseline import SUFFIX, save_baseline
    from mmbench.store.run import load_run

    opened = load_run(run)
    if path.is_dir() or not path.suffix:
        path = path / f"{run.resolve().name}{SUFFIX}"
    kept = save_baseline(opened, path)
    typer.echo(f"{path}: {path.stat().st_size:,} bytes, sha256 {kept.signature}")


@baseline.command("list")
def list_files(
    folder: Annotated[Path, typer.Argument(help="Where baseline files are.")] = Path("baselines"),
) -> None:
    """List the baseline files of a folder; each is checked against its signature."""
    from rich.table import Table

    from mmbench.cli.console import standard_output
    from mmbench.errors import StoreError
    from mmbench.store.baseline import BaselineFile, baseline_files

    paths = baseline_files(folder)
    if not paths:
        raise StoreError(f"{folder} holds no baseline file. Make one with `mmbench baseline save RUN`.")
    table = Table(header_style="bold")
    for title in ("file", "model", "tasks", "samples", "finished", "sha256"):
        table.add_column(title, no_wrap=title == "file")
    for path in paths:
        kept = BaselineFile(path)
        done = [task for task in kept.manifest.tasks if task.status == "done"]
        tasks = ", ".join(f"{task.name}:{task.dataset.name}" for task in done)
        count = f"{sum(task.dataset.rows for task in done):,}"
        finished = kept.manifest.finished
        table.add_row(path.name, kept.manifest.model.name, tasks, count, finished, kept.signature[:12])
    standard_output().print(table)


@baseline.command("diff")
def diff_files(
    a: Annotated[Path, typer.Argument(help="A baseline file or run folder.")],
    b: Annotated[Path, typer.Argument(help="Another one.")],
) -> None:
    """Show which values of two baselines differ: exit 0 if none does, 1 if some do."""
    from mmbench.engine.reproduce import changed_results
    from mmbench.store.baseline import load_run_or_baseline

    lines = changed_results(load_run_or_baseline(a).entries, load_run_or_baseline(b).entries)
    for line in lines or ["no value differs"]:
        typer.echo(line)
    raise typer.Exit(1 if lines else 0)
