"""``mmbench gate``: may this model go in?"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mmbench.gating import Early, Outcome, Policy
    from mmbench.store.run import Run

EXIT = {"pass": 0, "fail": 1, "undecided": 3}


def gate(
    run: Annotated[Path | None, typer.Argument(help="The candidate's run folder; none with --sequential.")] = None,
    *,
    policy: Annotated[Path, typer.Option(help="The policy file (TOML).")],
    baseline: Annotated[Path | None, typer.Option(help="The run folder or baseline file to compare with.")] = None,
    baseline_model: Annotated[
        str | None,
        typer.Option(
            help="With --sequential: a model to compare with, run on the same samples beside the candidate."
        ),
    ] = None,
    sequential: Annotated[
        bool, typer.Option("--sequential", help="Run --model only until every rule is decided.")
    ] = False,
    model: Annotated[str | None, typer.Option("--model", "-m", help="Candidate of --sequential.")] = None,
    tasks: Annotated[
        list[str] | None, typer.Option("--tasks", "-t", help="Tasks of --sequential; else the baseline's.")
    ] = None,
    model_set: Annotated[
        list[str] | None, typer.Option(help="Model option key=value of --sequential. Repeatable.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", help="A further metric of --tasks: name or name:option=value,... Repeatable."),
    ] = None,
    limit: Annotated[int | None, typer.Option(help="First N rows of each of --tasks.")] = None,
    seed: Annotated[int, typer.Option(help="Of the random order of samples.")] = 0,
    out: Annotated[Path, typer.Option(help="Where --sequential makes its run folder.")] = Path("runs"),
    cache: Annotated[str | None, typer.Option(help="Response store, or 'off'; else OUT/responses.sqlite.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown for a pull-request comment.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Judge a run by a policy: exit 0 pass, 1 fail, 2 misuse, 3 undecided."""
    from mmbench.errors import UsageError
    from mmbench.gating import gate as judge
    from mmbench.gating import load_policy
    from mmbench.store.baseline import load_run_or_baseline
    from mmbench.store.run import load_run

    rules, other = load_policy(policy), load_run_or_baseline(baseline) if baseline else None
    early = None
    if sequential:
        if run or not model:
            raise UsageError("--sequential runs the candidate itself: give --model and no run folder.")
        if other and baseline_model:
            raise UsageError("give --baseline or --baseline-model, not both.")
        early = _run_until_decided(
            rules, model, other, baseline_model, tasks, metric, model_set, limit, seed, out, cache
        )
        candidate, outcome, other = early.run, early.outcome, early.baseline or other
    else:
        if run is None or model or tasks or baseline_model:
            raise UsageError("give the candidate's run folder, or --sequential with --model (and --tasks).")
        candidate = load_run(run)
        outcome = judge(rules, candidate, other)
    _tell(outcome, early, candidate, other, junit, markdown, json_)
    raise typer.Exit(EXIT[outcome.verdict.value])


def _run_until_decided(
    policy: "Policy",
    model: str,
    baseline: "Run | None",
    baseline_model: str | None,
    tasks: list[str] | None,
    metrics: list[str] | None,
    model_set: list[str] | None,
    limit: int | None,
    seed: int,
    out: Path,
    cache: str | None,
) -> "Early":
    from dataclasses import replace

    from rich.console import Console

    from mmbench.cli.progress import ProgressView
    from mmbench.cli.run import literal, pairs
    from mmbench.engine.again import extra_metrics, selections_of, settings_of
    from mmbench.engine.evaluate import Settings
    from mmbench.engine.options import load_metric
    from mmbench.engine.select import select
    from mmbench.errors import UsageError
    from mmbench.gating import gate_sequential

    options = {key: literal(value) for key, value in pairs("--model-set", model_set).items()}
    if tasks:
        setup = Settings(limit=limit, out=out, cache=cache, metrics=tuple(metrics or ()))
        selections, extra = select(tasks, {}), [load_metric(name) for name in setup.metrics]
    elif baseline is not None:
        if limit is not None or metrics:
            raise UsageError("--limit and --metric go with --tasks; without them the baseline's are taken.")
        setup = settings_of(baseline.manifest, out, cache)
        selections = selections_of(baseline.manifest)
        extra = extra_metrics(baseline.manifest, selections)
    else:
        raise UsageError("--sequential needs --tasks, or a --baseline whose tasks are run.")
    against = baseline_model or baseline
    setup = replace(setup, seed=seed, model_options=options)
    with ProgressView(Console(stderr=True)) as view:
        return gate_sequential(policy, model, selections, setup, against, extra=extra, on_event=view)


def _tell(
    outcome: "Outcome",
    early: "Early | None",
    candidate: "Run",
    baseline: "Run | None",
    junit: Path | None,
    markdown: Path | None,
    as_json: bool,
) -> None:
    """Print the outcome and write the files that were asked for."""
    from mmbench.cli.console import say, standard_output
    from mmbench.gating import outputs
    from mmbench.store.run_folder import write_atomic

    text = outputs.markdown(
        outcome, candidate.manifest.model.name, baseline.manifest.model.name if baseline else "", early
    )
    if junit:
        write_atomic(junit, outputs.junit(outcome))
    if markdown:
        write_atomic(markdown, text.encode())
    if as_json:
        typer.echo(outputs.as_json(outcome, early), nl=False)
    else:
        console = standard_output()
        console.print(_table(outcome))
        for line in (*outputs.effort(early), *(f"note: {note}" for note in outcome.notes)):
            say(console, line)
    _tell_github(outcome, text)


def _tell_github(outcome: "Outcome", text: str) -> None:
    """Inside a GitHub workflow: annotations on standard error, the table in the job's summary."""
    from mmbench.gating import outputs

    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for line in outputs.annotations(outcome):
        typer.echo(line, err=True)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a") as file:
            file.write(text)


def _table(outcome: "Outcome") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    colour = {"pass": "green", "fail": "red", "undecided": "yellow"}
    verdict = outcome.verdict.value
    table = Table(title=f"gate: [{colour[verdict]}]{verdict}[/]", title_justify="left", header_style="bold")
    for title in ("verdict", "task", "rule", "found"):
        table.add_column(title, no_wrap=title in ("verdict", "task"))
    for item in outcome.judged:
        mark = f"[{colour[item.verdict.value]}]{item.verdict.value}[/]"
        found = " ".join(part for part in (f"{item.reason}.", item.advice) if part)
        table.add_row(mark, escape(item.task), escape(item.rule), escape(found))
    return table
