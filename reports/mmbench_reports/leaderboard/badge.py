"""A badge to embed elsewhere: a small SVG that holds everything it needs."""

from markupsafe import Markup

from mmbench_reports.leaderboard.board import Board, Entry
from mmbench_reports.plain import plain, shortened

_LETTER, _PAD, _HEIGHT = 6.7, 9, 20


def badge(board: Board, entry: Entry) -> str:
    """Return a model's rank as a badge."""
    left, right = shortened(plain(board.title), 30), standing(entry)
    one, two = (round(len(text) * _LETTER + 2 * _PAD) for text in (left, right))
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" '
            'aria-label="{title}"><title>{title}</title>'
            '<rect width="{width}" height="{height}" rx="4" fill="#343b43"/>'
            '<path d="M{one} 0h{inner}a4 4 0 0 1 4 4v{side}a4 4 0 0 1-4 4h-{inner}z" fill="#0a5cad"/>'
            '<g fill="#fff" font-family="system-ui,Verdana,DejaVu Sans,sans-serif" font-size="11.5" '
            'text-anchor="middle"><text x="{first}" y="14">{left}</text>'
            '<text x="{second}" y="14" font-weight="600">{right}</text></g></svg>\n'
        ).format(
            width=one + two,
            height=_HEIGHT,
            title=f"{plain(entry.name)}: {right} · {left}",
            one=one,
            inner=two - 4,
            side=_HEIGHT - 8,
            first=one / 2,
            second=one + two / 2,
            left=left,
            right=right,
        )
    )


def standing(entry: Entry) -> str:
    """Say where a model stands, in few words."""
    if entry.is_baseline:
        return "baseline"
    if entry.rank is None:
        return "verified"
    return f"rank {entry.rank.text} of {entry.rank.of}"
