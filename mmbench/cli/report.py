"""``mmbench report``: one or several runs as a page, a table or a data file, or into a tracker."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mmbench.store.run import Run

ENDINGS = {".html": "html", ".md": "markdown", ".tex": "latex", ".csv": "csv", ".json": "json", ".xml": "junit"}
FILES = {
    "eval-results": "eval_results.yaml",
    "model-index": "model_index.md",
    "every-eval-ever": "every_eval_ever.json",
    "lm-eval": "results_mmbench.json",
}
"""Where a format goes that has no ending of its own, if nobody says where."""


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run folders.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file to write.")] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="html, markdown, latex, csv, json, junit, github, eval-results, model-index, every-eval-ever, "
            "lm-eval or a plug-in's; else told by the file's ending.",
        ),
    ] = "",
    log: Annotated[
        list[str] | None, typer.Option("--log", help="Log to mlflow:URI or wandb:PROJECT in place of a file.")
    ] = None,
) -> None:
    """Render runs side by side, write them in another tool's format, or log them to a tracker."""
    from mmbench import plugins
    from mmbench.store.run import load_run

    opened = [load_run(run) for run in runs]
    for run in opened if log else []:
        log_run(run, log or [])
    if log and out is None and not format_:
        return
    name = format_ or _told_by(out)
    renderer = plugins.load("renderers", name)
    path = out or _default(name)
    renderer(opened, path)
    typer.echo(f"report: {path}")


def check_targets(targets: list[str]) -> None:
    """Find mistyped trackers before a run, not after it."""
    from mmbench import plugins

    for target in targets:
        plugins.load("loggers", target.partition(":")[0])


def log_run(run: "Run", targets: list[str]) -> None:
    """Log a run to trackers, each ``NAME:TARGET``."""
    from mmbench import plugins

    for target in targets:
        name, _, rest = target.partition(":")
        typer.echo(f"logged: {plugins.load('loggers', name)(run, rest)}", err=True)


def _told_by(out: Path | None) -> str:
    from mmbench.errors import UsageError

    name = ENDINGS.get(out.suffix, "") if out else "html"
    if not name:
        known = ", ".join([*ENDINGS.values(), "github", *FILES])
        raise UsageError(f"cannot tell the format of {out}; name one with --format ({known}).")
    return name


def _default(name: str) -> Path:
    """Return where a format goes if nobody says where."""
    if name == "github" and os.environ.get("GITHUB_STEP_SUMMARY"):
        return Path(os.environ["GITHUB_STEP_SUMMARY"])
    ending = next((ending for ending, known in ENDINGS.items() if known == name), ".md")
    return Path(FILES.get(name, f"report{ending}"))
