"""``mmbench list``: what is installed."""

import re
from enum import StrEnum
from typing import Annotated

import typer


class Kind(StrEnum):
    """What can be listed."""

    tasks = "tasks"
    models = "models"
    metrics = "metrics"
    datasets = "datasets"
    recipes = "recipes"


def list_names(
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    json_: Annotated[bool, typer.Option("--json", help="Print names as JSON.")] = False,
) -> None:
    """List tasks, models, metrics, datasets or recipes for training."""
    rows = _ROWS[kind]()
    if json_:
        import json

        typer.echo(json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]], indent=2))
        return
    from rich.markup import escape
    from rich.table import Table

    from mmbench.cli.console import standard_output

    table = Table(header_style="bold")
    for position, title in enumerate(rows[0]):
        table.add_column(title, no_wrap=position == 0, justify="right" if title == "rows" else "left")
    group = ""
    for row in rows[1:]:
        first = row[0].partition(":")[0] if kind is Kind.datasets else ""
        if first != group:
            table.add_section()
            group = first
        table.add_row(*map(escape, row))
    standard_output().print(table)


def _tasks() -> list[list[str]]:
    from mmbench import plugins

    rows = [["task", "datasets", "metrics", "about"]]
    for name, found in plugins.working("tasks"):
        if isinstance(found, plugins.BrokenPluginError):
            rows.append([name, "", "", f"broken: {found}"])
            continue
        task = found()
        metrics = ", ".join(metric.name for metric in task.metrics)
        rows.append([name, ", ".join(task.datasets), metrics, _first_line(found)])
    return rows


def _datasets() -> list[list[str]]:
    from mmbench import plugins
    from mmbench.data.listing import listed
    from mmbench.data.lock import lock_path, read_lock

    lock = read_lock(lock_path())
    rows = [["dataset", "rows", "licence", "pinned", "source"]]
    for name, found in plugins.working("tasks"):
        if isinstance(found, plugins.BrokenPluginError):
            continue
        for key, dataset in found().datasets.items():
            one = listed(f"{name}:{key}", dataset, lock)
            rows.append([one.name, one.rows, one.license, one.pinned, one.source])
    return rows


def _models() -> list[list[str]]:
    from mmbench import plugins
    from mmbench.cli.shipped import shipped

    rows = [["model", "from", "loader", "size"]]
    for name, point in plugins.names("models").items():
        owner = point.dist.name if point.dist else ""
        rows.append([name, owner, point.value, ""])
        rows += [[f"{name}:{one.name}", owner, point.value, one.about] for one in shipped(point)]
    return rows


def _metrics() -> list[list[str]]:
    from mmbench import plugins

    rows = [["metric", "from", "about"]]
    points = plugins.names("metrics")
    for name, found in plugins.working("metrics"):
        owner = points[name].dist
        about = f"broken: {found}" if isinstance(found, plugins.BrokenPluginError) else _first_line(found)
        rows.append([name, owner.name if owner else "", about])
    return rows


def _recipes() -> list[list[str]]:
    from mmbench import plugins
    from mmbench.cli.shipped import shipped_recipes

    rows = [["recipe", "trainer", "about"]]
    for name, point in plugins.names("trainers").items():
        try:
            recipes = shipped_recipes(point) or plugins.load("trainers", name)().recipes()
        except plugins.BrokenPluginError as error:
            rows.append(["", name, f"broken: {error}"])
            continue
        rows += [[recipe.name, name, recipe.about] for recipe in recipes]
    return rows


def _first_line(thing: object) -> str:
    """Return the first sentence of a docstring."""
    paragraph = " ".join((thing.__doc__ or "").strip().split("\n\n")[0].split())
    return re.split(r"(?<!\bal)\.(?: |$)", paragraph, maxsplit=1)[0]


_ROWS = {
    Kind.tasks: _tasks,
    Kind.datasets: _datasets,
    Kind.models: _models,
    Kind.metrics: _metrics,
    Kind.recipes: _recipes,
}
