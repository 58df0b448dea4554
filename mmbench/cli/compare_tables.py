"""Comparisons as tables and lines on the terminal."""

import math
from collections.abc import Iterator
from string import ascii_uppercase

from rich.markup import escape
from rich.table import Table

from mmbench.cli.tables import Groups
from mmbench.engine.comparison import Comparison, Report
from mmbench.engine.ranking import ALPHA, Contest, Ranking, Standing

_TITLES = ["A", "B", "B - A", "95 % interval", "p adj.", "better/same/worse", "could see", "verdict"]
_WIDE = ("A", "better/same/worse", "could see")


def report_table(report: Report, wide: bool) -> Table:
    """Lay out a comparison of two runs: a line a metric, under it a line a slice."""
    table = Table(
        title=f"B = {escape(report.b)} against A = {escape(report.a)}", title_justify="left", header_style="bold"
    )
    table.add_column("metric", no_wrap=True)
    shown = [title for title in _TITLES if wide or title not in _WIDE]
    for title in shown:
        table.add_column(title, justify="left" if title == "verdict" else "right", no_wrap=True)
    groups = Groups(table)
    for item in report.comparisons:
        groups.head(f"{item.task}:{item.dataset}")
        cells = dict(zip(_TITLES, _cells(item), strict=True))
        name = f"    {escape(item.slice)}" if item.slice else f"  {escape(item.metric)}"
        table.add_row(name, *(cells[title] for title in shown))
    return table


def report_details(report: Report) -> Iterator[str]:
    """Yield what the table has no room for, a paragraph a metric."""
    for item in report.comparisons:
        if item.slice:
            continue
        yield f"{item.task}:{item.dataset} {item.metric}"
        yield from (f"  {line}" for line in _paragraph(item, "A", "B"))


def ranking_table(ranking: Ranking) -> Table:
    """Lay out a ranking: a line a metric, under it a line a run, the best first."""
    table = Table(title=f"{len(ranking.models)} runs", title_justify="left", header_style="bold")
    for title in ("run", "value", "95 % interval", "rank", "ranks it may have"):
        table.add_column(title, justify="left" if title == "run" else "right", no_wrap=True)
    for contest in ranking.contests:
        table.add_section()
        table.add_row(f"[bold]{escape(_title(contest))}[/bold]", "", "", "", f"n = {contest.n:,}")
        order = sorted(enumerate(contest.standings), key=lambda pair: (pair[1].rank, pair[0]))
        for index, standing in order:
            table.add_row(*_standing(contest, index, standing))
    return table


def ranking_details(ranking: Ranking) -> Iterator[str]:
    """Yield every pair of runs, a line a pair."""
    for contest in ranking.contests:
        yield _title(contest)
        for pair in contest.pairs:
            a, b = ascii_uppercase[pair.a], ascii_uppercase[pair.b]
            first, *_ = _paragraph(pair.comparison, a, b)
            delta, _, interval, p_value = _numbers(pair.comparison)
            yield f"  {b} - {a}: {delta} ({interval}), p = {p_value}; {first}"


def _title(contest: Contest) -> str:
    where = f" [{contest.slice}]" if contest.slice else ""
    return f"{contest.task}:{contest.dataset} {contest.metric}{where}"


def _standing(contest: Contest, index: int, standing: Standing) -> list[str]:
    scale = 100 if contest.percent else 1
    bounds = standing.interval
    interval = f"{bounds.low * scale:.1f} - {bounds.high * scale:.1f}" if bounds else "-"
    ranks = f"{standing.best}" if standing.best == standing.worst else f"{standing.best} - {standing.worst}"
    name = f"  {ascii_uppercase[index]} = {escape(standing.model)}"
    return [name, f"{standing.value * scale:.1f}", interval, str(standing.rank), ranks]


def _paragraph(item: Comparison, a: str, b: str) -> Iterator[str]:
    scale = 100 if item.percent else 1
    counts = f"{b} better on {item.better:,} samples, worse on {item.worse:,}, equal on {item.equal:,}"
    effect = "" if math.isnan(item.effect) else f"; effect size {item.effect:+.2f} (d)"
    yield f"{counts}{effect}; {_superiority(item, a, b)}"
    if not math.isnan(item.detectable):
        needed = f"; {item.needed:,} samples would show this difference" if item.needed else ""
        yield f"could see {item.detectable * scale:.2f} points with 80 % power at n = {item.n:,}{needed}"
    method = item.difference.interval.method if item.difference.interval else "no interval"
    yield f"{item.difference.test}; {method}"
    for gap in item.extremes:
        yield f"differs most: {gap.id}  {a} {gap.a * scale:.4g}, {b} {gap.b * scale:.4g}"


def _superiority(item: Comparison, a: str, b: str) -> str:
    share = item.difference.superiority
    share = share if item.higher_is_better else 1 - share
    return (
        f"probability that {b} is the better one: {share:.1%}" if share == share else f"{a} and {b} have no order"
    )


def _numbers(item: Comparison) -> tuple[str, str, str, str]:
    """Return difference, value of B, interval and p-value as text."""
    scale = 100 if item.percent else 1
    found, bounds = item.difference, item.difference.interval
    interval = f"{bounds.low * scale:+.1f} to {bounds.high * scale:+.1f}" if bounds else "-"
    p_value = f"{item.p_value:.4f}" if item.p_value >= 0.0001 else "<.0001"
    return f"{found.delta * scale:+.1f}", f"{found.b * scale:.1f}", interval, p_value


def _cells(item: Comparison) -> list[str]:
    scale = 100 if item.percent else 1
    delta, value, interval, p_value = _numbers(item)
    detectable = "-" if math.isnan(item.detectable) else f"{item.detectable * scale:.1f}"
    counts = f"{item.better}/{item.equal}/{item.worse}"
    return [
        f"{item.difference.a * scale:.1f}",
        value,
        delta,
        interval,
        p_value,
        counts,
        detectable,
        _verdict(item),
    ]


def _verdict(item: Comparison) -> str:
    if item.p_value >= ALPHA:
        return "no difference shown"
    return "[green]B is better[/green]" if item.improves else "[red]B is worse[/red]"
