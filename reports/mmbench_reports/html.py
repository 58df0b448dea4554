"""The HTML report: one file that opens from disk, offline, and trusts nothing that a model wrote."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup

from mmbench.store.run import Run
from mmbench.store.run_folder import write_atomic
from mmbench_reports.ablation import Factor
from mmbench_reports.numbers import count_text, counted, delta_text, interval_text, seconds_text, value_text
from mmbench_reports.page import BUDGET, Page, page_of, with_fewer_samples
from mmbench_reports.plain import plain, shortened
from mmbench_reports.svg import MODEL_INKS, ink_of
from mmbench_reports.texts import media_marks

MOST_BYTES = 4_900_000
"""How large a report becomes, unless one asks for more samples."""


def render(runs: Sequence[Run], out: Path, *, budget: int | None = None, factors: Sequence[Factor] = ()) -> None:
    """Write a report of one run, or of several side by side.

    Args:
        runs: run folders; order is that of the columns.
        out: the file, which is replaced as a whole.
        budget: about how many bytes of it may be samples; None for 4 MB.
        factors: choices in which runs differ from the first; the report then begins with what each is worth.

    Raises:
        StoreError: a run folder cannot be read, or the file cannot be written.
        UsageError: a factor names a model that has no run.
    """
    write_atomic(out, html_of(runs, budget, factors).encode())


def html_of(runs: Sequence[Run], budget: int | None = None, factors: Sequence[Factor] = ()) -> str:
    """Return the report as text; equal runs give equal text."""
    page = page_of(runs, budget, factors)
    text = _text(page)
    excess = len(text.encode()) - MOST_BYTES
    if budget is None and excess > 0:  # much else to show, of many runs
        text = _text(with_fewer_samples(page, max(0, BUDGET - 2 * excess)))
    return text


def _text(page: Page) -> str:
    style = asset("report.css")
    early, *late = asset("theme.js"), asset("report.js"), asset("browsing.js") + asset("samples.js")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            page=page,
            style=Markup(style),
            early=Markup(early),
            late=[Markup(script) for script in late],
            policy=policy(style, early, *late),
        )
    )


def policy(style: str, *scripts: str) -> str:
    """Allow nothing but our own style and scripts, each by its hash, and media inside the page."""
    hashes = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {hashes}; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def asset(name: str) -> str:
    """Return one of our own styles or scripts."""
    return files("mmbench_reports").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def environment() -> jinja2.Environment:
    """Return the environment of all pages: every text is escaped, and shown through :func:`plain`."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mmbench_reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        count=count_text,
        counted=counted,
        seconds=seconds_text,
        shortened=shortened,
        media_marks=media_marks,
        json=lambda value: msgspec.json.encode(value).decode(),
        swatch=lambda column: ink_of(column.index) + (" ring" if column.index >= MODEL_INKS else ""),
    )
    environment.globals.update(
        value_text=value_text, interval_text=interval_text, delta_text=delta_text, svg=Markup
    )
    return environment


def _finalize(value: Any) -> Any:
    """Pass every text that a template shows through :func:`plain`, so that none can be forgotten."""
    return plain(value) if type(value) is str else value
