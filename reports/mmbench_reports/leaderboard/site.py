"""Writes the site: pages, downloads, badges, feed. Equal submissions give equal files."""

import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markupsafe import Markup

from mmbench.engine.verify import Verification, verify
from mmbench.errors import StoreError
from mmbench.store.run import Run
from mmbench.store.run_folder import MANIFEST, write_atomic
from mmbench_reports.checkpoints import card_of, shipped
from mmbench_reports.columns import Column
from mmbench_reports.html import asset, environment, policy
from mmbench_reports.leaderboard.badge import badge
from mmbench_reports.leaderboard.board import Board, Entry, Score, Submission, board_of, scores_of
from mmbench_reports.leaderboard.data import as_csv, as_json, as_parquet
from mmbench_reports.leaderboard.feed import atom
from mmbench_reports.leaderboard.plots import history, pareto
from mmbench_reports.plain import plain
from mmbench_reports.plots import NARROW, WIDE


def render(
    runs: Sequence[Run],
    out: Path,
    *,
    title: str = "Leaderboard",
    url: str = "",
    download: bool = False,
    damaged: Sequence[Verification] = (),
) -> list[Verification]:
    """Verify runs and write a site of those that pass; the others are listed with the reasons.

    Args:
        runs: submissions in any order.
        out: the site's folder; pages of models that are no longer there are removed from it.
        title: what the site is called.
        url: where it will be published, for the feed and the badges; "" if that is not known.
        download: fetch datasets to compare samples with; see :func:`mmbench.verify`.
        damaged: submissions that could not even be opened, which are refused.

    Returns:
        What was found of each submission.

    Raises:
        StoreError: the folder cannot be written.
    """
    outcomes = [(run, verify(run, download=download)) for run in _distinct(runs)]
    accepted = [Submission(run, one) for run, one in outcomes if one.ok]
    found = [*(one for _, one in outcomes), *damaged]
    refused = sorted((one for one in found if not one.ok), key=lambda one: one.run)
    _write(board_of(accepted, refused, title), out, url.rstrip("/"))
    return found


def _distinct(runs: Sequence[Run]) -> list[Run]:
    """Leave out runs that were submitted twice, as a folder and packed, say."""
    found = {(run.path / MANIFEST).read_bytes(): run for run in reversed(runs)}
    return list(reversed(found.values()))


def _write(board: Board, out: Path, url: str) -> None:
    files: dict[str, bytes] = {
        "index.html": _page("index", "", board, url=url).encode(),
        "feed.xml": atom(board, url),
        "leaderboard.csv": as_csv(board),
        "leaderboard.json": as_json(board),
        "leaderboard.parquet": as_parquet(board),
    }
    for entry in board.entries:
        files[f"models/{entry.slug}.html"] = _model_page(board, entry, url).encode()
        files[f"badges/{entry.slug}.svg"] = badge(board, entry).encode()
    try:
        for folder in (out / "models", out / "badges"):
            folder.mkdir(parents=True, exist_ok=True)
            for old in sorted(folder.glob("*")):
                if f"{folder.name}/{old.name}" not in files and old.suffix in (".html", ".svg"):
                    old.unlink()
    except OSError as error:
        raise StoreError(f"cannot write the site to {out}: {error.strerror}. Choose another folder.") from error
    for name, data in files.items():
        write_atomic(out / name, data)


def _model_page(board: Board, entry: Entry, url: str) -> str:
    columns = [
        Column(0, one.run.path.name, one.run, one.manifest, tuple(one.run.entries))
        for one in reversed(entry.submissions)
    ]
    past = [(one, scores_of(one)) for one in entry.submissions]
    charts = {}
    for contest in board.contests:
        points = [(one.manifest.finished, found[contest]) for one, found in past if contest in found]
        if len(points) > 1:
            charts[contest] = Markup(history(points, f"{contest.task} {contest.metric}"))
    return _page(
        "model",
        "../",
        board,
        url=url,
        entry=entry,
        past=list(reversed(past)),
        charts=charts,
        badge=Markup(badge(board, entry)),
        card=Markup(_card(entry)),
        page={"columns": columns, "several": len(columns) > 1},
    )


def _card(entry: Entry) -> str:
    """Return the card of a reference model as HTML; HTML in it stays text, links stay safe."""
    from markdown_it import MarkdownIt

    folder = shipped(entry.latest.manifest)
    text = plain(card_of(folder)) if folder else ""
    reader = MarkdownIt("js-default", {"html": False}).disable("image")
    found = reader.render(re.sub(r"^(#+) ", r"##\1 ", text, flags=re.MULTILINE))
    for tag in ("pre", "table"):  # these scroll where they are wider than a phone: keys must reach them
        found = found.replace(f"<{tag}>", f'<{tag} tabindex="0">')
    return str(found)


def _page(name: str, root: str, board: Board, **values: Any) -> str:
    style = asset("report.css") + asset("leaderboard.css")
    early, *late = (asset(script) for script in ("theme.js", "report.js", "leaderboard.js"))
    plots = [Markup(chart) for layout in (WIDE, NARROW) if (chart := pareto(board, layout))]
    return (
        environment()
        .get_template(f"leaderboard/{name}.html.j2")
        .render(
            board=board,
            root=root,
            plots=plots,
            strip=_strip,
            version=version("mmbench"),
            style=Markup(style),
            early=Markup(early),
            late=[Markup(script) for script in late],
            policy=policy(style, early, *late),
            **values,
        )
    )


def _strip(score: Score | Entry) -> Markup:
    """Draw a rank interval: a track of places, the interval as a bar, the rank as a dot."""
    rank = score.rank
    if rank is None or rank.of < 2:
        return Markup("")
    step = 64 / rank.of
    low, high, middle = (rank.low - 1) * step, rank.high * step, (rank.rank - 0.5) * step
    return Markup(
        '<svg class="strip" viewBox="0 0 64 10" aria-hidden="true">'
        '<rect class="f-grid" x="0" y="4" width="64" height="2" rx="1"/>'
        '<rect class="f-model0 span" x="{:.2f}" y="2" width="{:.2f}" height="6" rx="3"/>'
        '<circle class="f-model0" cx="{:.2f}" cy="5" r="3"/></svg>'
    ).format(low, high - low, middle)
