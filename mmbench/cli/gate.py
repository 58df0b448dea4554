"""``mmbench gate``: may this model go in?"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mmbench.gate import Outcome

EXIT = {"pass": 0, "fail": 1, "undecided": 3}


def gate(
    run: Annotated[Path, typer.Argument(help="The run folder of the candidate.")],
    policy: Annotated[Path, typer.Option(help="The policy file (TOML).")],
    baseline: Annotated[Path | None, typer.Option(help="The run folder to compare with.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML to this file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown for a pull-request comment.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Judge a run by a policy: exit 0 pass, 1 fail, 2 misuse, 3 undecided."""
    from mmbench.cli.console import standard_output
    from mmbench.gate import gate as judge
    from mmbench.gate import load_policy, outputs
    from mmbench.store.run import load_run
    from mmbench.store.run_folder import write_atomic

    candidate, other = load_run(run), load_run(baseline) if baseline else None
    outcome = judge(load_policy(policy), candidate, other)
    text = outputs.markdown(outcome, candidate.manifest.model.name, other.manifest.model.name if other else "")
    if junit:
        write_atomic(junit, outputs.junit(outcome))
    if markdown:
        write_atomic(markdown, text.encode())
    if json_:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(outcome), indent=2).decode())
    else:
        standard_output().print(_table(outcome))
    _tell_github(outcome, text)
    raise typer.Exit(EXIT[outcome.verdict.value])


def _tell_github(outcome: "Outcome", text: str) -> None:
    """Inside a GitHub workflow: annotations on standard error, the table in the job's summary."""
    from mmbench.gate import outputs

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
