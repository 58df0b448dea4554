"""The summary of a GitHub Actions job: headline, main metrics, differences; the whole report folded beneath."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmbench.errors import StoreError
from mmbench.store.run import Run
from mmbench.store.run_folder import cannot_write, write_atomic
from mmbench_reports import markdown
from mmbench_reports.blocks import blocks_of
from mmbench_reports.columns import Column, columns_of
from mmbench_reports.numbers import delta_text, p_text
from mmbench_reports.tables import Block

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
MOST = 1_000_000
"""GitHub cuts off nothing: it refuses a summary of more than 1 MiB."""


def render(runs: Sequence[Run], out: Path) -> None:
    """Write the summary; to the file that ``GITHUB_STEP_SUMMARY`` names it is appended.

    Args:
        runs: run folders; order is that of the columns.
        out: the file.

    Raises:
        StoreError: a run folder cannot be read, or the file cannot be written.
    """
    text = summary(runs)
    if os.environ.get(STEP_SUMMARY) != str(out):
        write_atomic(out, text.encode())
        return
    try:
        with out.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise cannot_write(out, error) from error


def summary(runs: Sequence[Run]) -> str:
    """Return the summary as Markdown, the folded part left out where it would be too long.

    Raises:
        StoreError: a run folder cannot be read.
    """
    columns = columns_of(runs)
    blocks = blocks_of(columns)
    whole = markdown.text_of(columns)
    headline, _, rest = whole.partition("\n## ")
    short = "\n".join([headline, *_mains(columns, blocks), *_differences(columns, blocks)])
    folded = f"{short}\n<details><summary>The whole report</summary>\n\n## {rest}\n\n</details>\n"
    if len(short.encode()) > MOST:
        raise StoreError(f"the summary of {len(columns)} runs is larger than GitHub takes. Name fewer runs.")
    return folded if len(folded.encode()) <= MOST else short


def _mains(columns: Sequence[Column], blocks: Sequence[Block]) -> Iterator[str]:
    yield ""
    yield from markdown.table(columns, [(block.label, block.lines[0]) for block in blocks if block.lines], "Task")


def _differences(columns: Sequence[Column], blocks: Sequence[Block]) -> Iterator[str]:
    rows = [(block, contrast) for block in blocks for contrast in block.contrasts]
    if not rows:
        return
    yield f"Differences from {markdown.escape(columns[0].label)}, on the samples that both answered:\n"
    yield "| Task | Model | Difference | |"
    yield "| --- | --- | ---: | --- |"
    for block, contrast in rows:
        mark = (
            {"better": "🟢 better", "worse": "🔴 worse"}.get(contrast.side, "") if contrast.is_clear else "chance?"
        )
        cells = [markdown.escape(block.label), markdown.escape(columns[contrast.index].label)]
        delta = delta_text(contrast.difference.delta, contrast.bounds)
        yield f"| {' | '.join(cells)} | {delta} | {mark}, {p_text(contrast.p_value)} |"
    yield ""
