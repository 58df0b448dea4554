"""``mmbench compare``: is B really better than A?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mmbench.engine.compare import Comparison, Report


def compare(
    a: Annotated[Path, typer.Argument(help="The run folder or baseline file to compare with.")],
    b: Annotated[Path, typer.Argument(help="The run folder or baseline file that may be better.")],
    slices: Annotated[bool, typer.Option("--slices", help="Compare slices too.")] = False,
    correction: Annotated[str, typer.Option(help="For many tests at once: holm, bh or none.")] = "holm",
    seed: Annotated[int, typer.Option(help="Of bootstrap and randomisation.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Compare two runs on the samples they share, with paired tests."""
    from mmbench.cli.console import standard_output
    from mmbench.engine.compare import compare as compare_runs
    from mmbench.errors import UsageError
    from mmbench.store.baseline import load_run_or_baseline

    if correction not in ("holm", "bh", "none"):
        raise UsageError(f"--correction must be holm, bh or none, not '{correction}'.")
    left, right = load_run_or_baseline(a), load_run_or_baseline(b)
    report = compare_runs(left, right, correction=correction, seed=seed, slices=slices)  # type: ignore[arg-type]
    if json_:
        import msgspec

        typer.echo(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
        return
    console = standard_output()
    console.print(_table(report, wide=console.width >= 110))
    for note in report.notes:
        console.print(f"[yellow]note:[/yellow] {note}", highlight=False)


def _table(report: "Report", wide: bool) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=f"B = {escape(report.b)} against A = {escape(report.a)}", title_justify="left", header_style="bold"
    )
    table.add_column("metric", no_wrap=True)
    titles = ["A", "B", "B - A", "95 % interval", "p adj.", "better/worse", "could see", "verdict"]
    shown = [title for title in titles if wide or title not in ("A", "better/worse", "could see")]
    for title in shown:
        table.add_column(title, justify="left" if title == "verdict" else "right", no_wrap=True)
    last = ""
    for item in report.comparisons:
        label = f"{item.task}:{item.dataset}"
        if label != last:
            table.add_section()
            table.add_row(f"[bold]{escape(label)}[/bold]")
            last = label
        cells = dict(zip(titles, _cells(item), strict=True))
        name = f"    {escape(item.slice)}" if item.slice else f"  {escape(item.metric)}"
        table.add_row(name, *(cells[title] for title in shown))
    return table


def _cells(item: "Comparison") -> list[str]:
    scale = 100 if item.percent else 1
    found = item.difference
    bounds = found.interval
    interval = f"{bounds.low * scale:+.1f} to {bounds.high * scale:+.1f}" if bounds else "-"
    p_value = found.p_value if item.adjusted_p is None else item.adjusted_p
    return [
        f"{found.a * scale:.1f}",
        f"{found.b * scale:.1f}",
        f"{found.delta * scale:+.1f}",
        interval,
        f"{p_value:.4f}" if p_value >= 0.0001 else "<.0001",
        f"{item.better}/{item.worse}",
        f"{item.detectable * scale:.1f}" if item.detectable == item.detectable else "-",
        _verdict(item, p_value),
    ]


def _verdict(item: "Comparison", p_value: float) -> str:
    if p_value >= 0.05:
        return "no difference shown"
    ahead = (item.difference.delta > 0) == item.higher_is_better
    return "[green]B is better[/green]" if ahead else "[red]B is worse[/red]"
