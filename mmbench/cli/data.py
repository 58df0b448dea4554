"""``mmbench data``: look at a dataset, pin what it is, copy it for a machine without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mmbench.data.curate import Check
    from mmbench.engine.select import Selection

_MOST_REASONS = 5

data = typer.Typer(no_args_is_help=True, help="Look at datasets, pin them, copy them.")

Set = Annotated[
    list[str] | None, typer.Option("--set", help="Task option key=value, e.g. split=train. Repeatable.")
]


@data.command("check")
def check(
    name: Annotated[str, typer.Argument(help="task:dataset, or a file: my.yaml, vqa:my.csv ...")],
    set_: Set = None,
) -> None:
    """Read all of a dataset: its columns, first rows, prompts, licence, and whether it is what was pinned."""
    from rich.console import Console

    from mmbench.data.curate import check as look
    from mmbench.errors import DataError

    for chosen in _selected([name], set_):
        with Console(stderr=True).status(f"reading {chosen.label}"):
            found = look(chosen.task, chosen.dataset, chosen.label, _options(chosen))
        _show_check(found, chosen)
        if found.difference:
            raise DataError(found.difference)


@data.command("pin")
def pin(
    names: Annotated[list[str] | None, typer.Argument(help="task:dataset, task:* ... or files.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every standard dataset that can be had.")] = False,
    set_: Set = None,
    lock: Annotated[Path | None, typer.Option(help="The lock; else MMBENCH_LOCK, else datasets.lock.")] = None,
) -> None:
    """Read datasets whole and write what they are into datasets.lock; a change is refused from then on."""
    from rich.table import Table

    from mmbench.cli.console import standard_output
    from mmbench.data.curate import pin as keep
    from mmbench.data.lock import NAME, lock_path, read_lock
    from mmbench.errors import UsageError

    if not names and not all_:
        raise UsageError("name a dataset to pin, or use --all. `mmbench list datasets` shows them.")
    path = lock or lock_path() or Path(NAME)
    before = read_lock(path)
    table = Table(header_style="bold", title=str(path), title_justify="left", title_style="bold")
    for title in ("dataset", "rows", "fingerprint", "files", ""):
        table.add_column(
            title, justify="right" if title in ("rows", "files") else "left", no_wrap=title == "dataset"
        )

    def one(chosen: "Selection") -> None:
        label, found = keep(chosen.dataset, chosen.label, _options(chosen), path)
        old = before.get(label)
        state = "new" if old is None else "as before" if old == found else "changed"
        table.add_row(label, f"{found.rows:,}", found.fingerprint[:16], str(len(found.files)), state)

    failed = _each(_selected([*(names or ()), *(["*:standard"] if all_ else ())], set_), "reading", one)
    if table.row_count:
        standard_output().print(table)
    _tell_failed(failed, table.row_count)


@data.command("pull")
def pull(
    names: Annotated[list[str], typer.Argument(help="task:dataset, task:* ...")],
    to: Annotated[Path, typer.Option("--to", help="The mirror's folder; what it holds already stays.")],
    set_: Set = None,
) -> None:
    """Copy datasets into a folder laid out like the Hub, for machines without a network."""
    from rich.table import Table

    from mmbench.cli.console import standard_output
    from mmbench.data.mirror import pull as copy

    table = Table(header_style="bold")
    for title in ("dataset", "folder", "files", "MB"):
        table.add_column(title, justify="right" if title in ("files", "MB") else "left", no_wrap=True)

    def one(chosen: "Selection") -> None:
        folder = copy(chosen.dataset, chosen.label, _options(chosen), to)
        files = [path for path in folder.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        table.add_row(chosen.label, str(folder), str(len(files)), f"{size / 1e6:,.1f}")

    failed = _each(_selected(names, set_), "copying", one)
    if table.row_count:
        standard_output().print(table)
        typer.echo(f"On the other machine: MMBENCH_DATA_DIR={to} mmbench run ...")
    _tell_failed(failed, table.row_count)


@data.command("export")
def export(
    name: Annotated[str, typer.Argument(help="task or task:dataset.")],
    to: Annotated[Path, typer.Option("--to", help="The folder to write.")],
    limit: Annotated[int | None, typer.Option(help="The first N rows; else all that an evaluation takes.")] = None,
    set_: Set = None,
) -> None:
    """Write a dataset's rows as plain files (rows.jsonl, media/) with a Croissant record that describes them."""
    from mmbench.data import open_dataset
    from mmbench.data.croissant import export as write
    from mmbench.errors import UsageError

    chosen, *others = _selected([name], set_)
    if others:
        raise UsageError(f"'{name}' names {len(others) + 1} datasets; export one at a time.")
    rows = open_dataset(chosen.dataset, name=chosen.label, limit=limit, options=_options(chosen))
    record = write(rows, to)
    typer.echo(f"{record}: {chosen.label}, fingerprint {rows.fingerprint}")
    typer.echo(f"Run it: mmbench run --tasks {chosen.task.name}:{record.with_name('rows.jsonl')} --model ...")


def _selected(names: list[str], set_: list[str] | None) -> "list[Selection]":
    from mmbench.cli.run import pairs
    from mmbench.engine.select import select

    return select(names, pairs("--set", set_))


def _options(chosen: "Selection") -> dict[str, object]:
    from mmbench.engine.plan import options_of

    return options_of(chosen)


def _each(chosen: "list[Selection]", doing: str, work: "Callable[[Selection], None]") -> list[str]:
    """Do the work for each dataset; return the reasons of those for which it could not be done."""
    from rich.console import Console

    from mmbench.errors import MMBenchError, StoreError

    failed = []
    with Console(stderr=True).status("") as status:
        for one in chosen:
            status.update(f"{doing} {one.label}")
            try:
                work(one)
            except StoreError:
                raise
            except MMBenchError as error:
                failed.append(str(error))
    return failed


def _tell_failed(failed: list[str], done: int) -> None:
    """Name what could not be done: exit code 2 if that is all, 3 if it is some."""
    from mmbench.errors import DataError

    if not failed:
        return
    if not done and len(failed) == 1:
        raise DataError(failed[0])
    for reason in failed[:_MOST_REASONS]:
        typer.echo(f"error: {reason}", err=True)
    if len(failed) > _MOST_REASONS:
        typer.echo(f"error: and {len(failed) - _MOST_REASONS} more that could not be had.", err=True)
    raise typer.Exit(3 if done else 2)


def _show_check(found: "Check", chosen: "Selection") -> None:
    from rich.rule import Rule
    from rich.text import Text

    from mmbench.cli.console import say, standard_output

    console = standard_output()
    say(console, (chosen.label, "bold"), f"  {found.found.source}")
    console.print(_facts(found, chosen))
    console.print(_rows(found))
    for number, prompt in enumerate(found.prompts, 1):
        console.print(Rule(f"prompt {number}", align="left", style="dim"))
        console.print(Text(prompt))


def _facts(found: "Check", chosen: "Selection") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for title, text in _told(found, chosen):
        if text:
            table.add_row(title, text if title == "pinned" else escape(text))
    return table


def _told(found: "Check", chosen: "Selection") -> Iterator[tuple[str, str]]:
    from mmbench.data.lock import MIRROR
    from mmbench.dataset import Embedded

    dataset = chosen.dataset
    expected = f"; the whole split has {dataset.size:,}" if dataset.size not in (None, found.found.rows) else ""
    yield "rows", f"{found.found.rows:,}{expected}"
    yield "fingerprint", found.found.fingerprint
    yield "revision", found.found.revision or ""
    if found.pinned is None and isinstance(dataset.source, Embedded):
        version = found.found.source.partition("@")[2].split()[0]
        yield "pinned", f"by its generator, version {version}"
    elif found.pinned is None:
        name, *chosen_by = found.name.removesuffix(MIRROR).split()
        yield "pinned", f"no; pin it with: {' --set '.join([f'mmbench data pin {name}', *chosen_by])}"
    else:
        yield (
            "pinned",
            "[red]yes, and it has changed[/red]" if found.difference else "[green]yes, unchanged[/green]",
        )
    yield "licence", dataset.license
    yield "citation", dataset.citation
    yield "published", dataset.published
    yield "notes", dataset.notes
    yield ", ".join(found.described.sources), found.described.told(found.split)
    columns = (f"{column}: {kind}" + (f" -> {field}" if field else "") for column, kind, field in found.columns)
    yield "columns", ", ".join(columns)


def _rows(found: "Check") -> "Table":
    """Lay the first rows out, a line a field: few rows have many fields."""
    from rich.table import Table
    from rich.text import Text

    table = Table(header_style="bold")
    table.add_column("field", no_wrap=True)
    for number in range(len(found.first)):
        table.add_column(f"row {number}", overflow="fold", ratio=1)
    for field in dict.fromkeys(name for row in found.first for name in row):
        table.add_row(field, *(Text(row.get(field, "")) for row in found.first))
    return table
