"""The report as Markdown (GitHub's dialect): headline, what is missing, results, slices, provenance."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import Column, columns_of
from mmbench_reports.plain import plain
from mmbench_reports.tables import Block, Cell, Line, Problem, problems_of
from mmbench_reports.verdict import verdict_of

_SPECIAL = re.compile(r"([\\`*_\[\]|~$])|(^[#+\-=]|(?<=^\d)[.)])")
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def render(runs: Sequence[Run], out: Path) -> None:
    """Write a report of one run, or of several side by side.

    Args:
        runs: run folders; order is that of the columns.
        out: the file, which is replaced as a whole.

    Raises:
        StoreError: a run folder cannot be read, or the file cannot be written.
    """
    write_atomic(out, text_of(columns_of(runs)).encode())


def text_of(columns: Sequence[Column]) -> str:
    """Return the report as text.

    Raises:
        StoreError: a run folder cannot be read.
    """
    return "\n".join(_lines(columns))


def escape(text: str) -> str:
    r"""Make a text mean itself, on one line, and keep it from calling people: ``@name`` is no mention.

    >>> escape("a|b\n<b> *c*")
    'a\\|b &lt;b&gt; \\*c\\*'
    """
    flat = _SPECIAL.sub(r"\\\g<0>", " ".join(plain(text).split()))
    for letter, entity in _ENTITIES:
        flat = flat.replace(letter, entity)
    return flat.replace("@", "@<!-- -->")


def _lines(columns: Sequence[Column]) -> Iterator[str]:
    blocks = blocks_of(columns)
    verdict = verdict_of(columns, blocks)
    yield f"# {escape(verdict.headline)}\n"
    for sentence in verdict.details:
        yield f"{escape(sentence)}\n"
    yield from _problems(problems_of(columns), len(columns) > 1)
    yield "## Results\n"
    yield from table(columns, [(block.label, line) for block in blocks for line in block.lines], "Task")
    if len(columns) > 1:
        yield "Bold: better than all others in its row on the same samples (paired test, p < 0.05 after Holm).\n"
    for block in blocks:
        yield from _slices(columns, block)
    yield "## Provenance\n"
    for column in columns:
        yield from _provenance(column)


def _problems(problems: Sequence[Problem], several: bool) -> Iterator[str]:
    if not problems:
        return
    yield "## What is missing\n"
    for problem in problems:
        who = [problem.column.label] if several else []
        where = [" · ".join(problem.place)] if problem.place else []
        yield f"- **{escape(': '.join([*who, *where, problem.status]))}** {escape(problem.reason)}"
    yield ""


def table(columns: Sequence[Column], rows: Sequence[tuple[str, Line]], first: str) -> Iterator[str]:
    """Yield the lines of a table, a row a named line; ``first`` heads the names."""
    if not rows:
        yield "No results.\n"
        return
    heads = [escape(column.label) for column in columns] if len(columns) > 1 else ["Value"]
    yield row([first, "Metric", *heads, "n"])
    yield row(["---", "---", *["---:"] * len(heads), "---:"])
    for name, line in rows:
        metric = escape(line.metric) + ("" if line.higher_is_better else " ↓")
        caveat = f" ({line.caveat})" if line.caveat else ""
        yield row([escape(name), metric + caveat, *(_cell(cell) for cell in line.cells), line.n])
    yield ""


def _cell(cell: Cell) -> str:
    if cell.result is None:
        return escape(cell.note)
    value = f"**{cell.value}**" if cell.best else cell.value
    return f"{value} ({cell.interval})" if cell.interval else value


def row(cells: Sequence[str]) -> str:
    """Return a line of a table."""
    return f"| {' | '.join(cells)} |"


def _slices(columns: Sequence[Column], block: Block) -> Iterator[str]:
    if not block.slices:
        return
    yield f"<details><summary>Slices of {escape(block.label)}</summary>\n"
    rows = [(name.replace("=", ": ", 1), line) for name, lines in block.slices.items() for line in lines]
    yield from table(columns, rows, "Slice")
    yield "</details>\n"


def _provenance(column: Column) -> Iterator[str]:
    manifest = column.manifest
    fingerprint = manifest.model.fingerprint or "none"
    versions = ", ".join(f"{name} {version}" for name, version in manifest.versions.items())
    yield f"- **{escape(column.label)}**: {escape(manifest.model.spec)}, fingerprint {escape(fingerprint)},"
    yield f"  run {escape(column.run.path.name)}, seed {manifest.seed}, {escape(versions)}"
    for task in manifest.tasks:
        source = task.dataset.source or "not opened"
        told = f"{task.name} · {task.dataset.name}: {source}, {task.dataset.rows:,} rows"
        yield f"  - {escape(told)}, fingerprint {escape(task.dataset.fingerprint or 'none')}"
    yield ""
