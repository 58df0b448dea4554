"""The table of results for a paper: LaTeX with booktabs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import Column, columns_of
from mmbench_reports.plain import plain
from mmbench_reports.tables import Block, Cell, Line

_MEANT = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "⟨": r"\textless{}",
    "⟩": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    "−": "$-$",
    "·": r"\textperiodcentered{}",
    "…": r"\dots{}",
}


def render(runs: Sequence[Run], out: Path) -> None:
    r"""Write a table of one run, or of several side by side, to be read with ``\input``.

    Args:
        runs: run folders; order is that of the columns.
        out: the file, which is replaced as a whole.

    Raises:
        StoreError: a run folder cannot be read, or the file cannot be written.
    """
    columns = columns_of(runs)
    write_atomic(out, "\n".join(_lines(columns, blocks_of(columns))).encode())


def escape(text: str) -> str:
    r"""Make a text mean itself, on one line.

    >>> escape(r"50% of a_b \input{x}")
    '50\\% of a\\_b \\textbackslash{}input\\{x\\}'
    """
    return "".join(_MEANT.get(letter, letter) for letter in " ".join(plain(text).split()))


def _lines(columns: Sequence[Column], blocks: Sequence[Block]) -> Iterator[str]:
    several = len(columns) > 1
    yield r"% Needs \usepackage{booktabs}."
    yield r"\begin{table}[t]"
    yield r"  \centering"
    yield f"  \\caption{{{_caption(columns, several)}}}"
    yield f"  \\begin{{tabular}}{{ll{'r' * len(columns)}r}}"
    yield r"    \toprule"
    heads = [escape(column.label) for column in columns] if several else ["Value"]
    yield _row(["Task", "Metric", *heads, "$n$"])
    for block in blocks:
        if block.lines:
            yield r"    \midrule"
        for number, line in enumerate(block.lines):
            name = "" if number else escape(block.name)
            yield _row([name, _metric(line), *(_cell(cell) for cell in line.cells), escape(line.n)])
    yield r"    \bottomrule"
    yield r"  \end{tabular}"
    yield r"\end{table}"
    yield ""


def _caption(columns: Sequence[Column], several: bool) -> str:
    who = "" if several else f" of {escape(columns[0].label)}"
    bold = " Bold: better than all others in its row (paired test, $p < 0.05$, Holm)." if several else ""
    return rf"Results{who}, with 95\% confidence intervals.{bold}"


def _metric(line: Line) -> str:
    unit = r" (\%)" if line.bounds == (0, 1) else ""
    direction = "" if line.higher_is_better else r" $\downarrow$"
    caveat = rf" \emph{{({escape(line.caveat)})}}" if line.caveat else ""
    return escape(line.metric) + unit + direction + caveat


def _cell(cell: Cell) -> str:
    if cell.result is None:
        return rf"\emph{{{escape(cell.note)}}}"
    value = escape(cell.value.removesuffix("%"))
    value = rf"\textbf{{{value}}}" if cell.best else value
    return rf"{value} {{\scriptsize {escape(cell.interval)}}}" if cell.interval else value


def _row(cells: Sequence[str]) -> str:
    return f"    {' & '.join(cells)} \\\\"
