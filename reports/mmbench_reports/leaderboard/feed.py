"""An Atom feed (RFC 4287) of verified submissions, newest first."""

import uuid
import xml.etree.ElementTree as ElementTree

from mmbench_reports.leaderboard.badge import standing
from mmbench_reports.leaderboard.board import Board
from mmbench_reports.plain import plain

_ATOM = "http://www.w3.org/2005/Atom"
_MOST = 50
_NEVER = "1970-01-01T00:00:00Z"


def atom(board: Board, url: str) -> bytes:
    """Return the feed; without ``url`` its links are relative to where it lies."""
    root = f"{url}/" if url else ""
    feed = ElementTree.Element("feed", xmlns=_ATOM)
    _add(feed, "title", board.title)
    _add(feed, "id", _name("leaderboard", board.title, url))
    _add(feed, "updated", board.updated or _NEVER)
    _add(_add(feed, "author"), "name", "mmbench")
    _add(feed, "link", rel="self", href=f"{root}feed.xml")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{root}index.html")
    newest = sorted(
        ((one, entry) for entry in board.entries for one in entry.submissions),
        key=lambda pair: pair[0].order,
        reverse=True,
    )
    for one, entry in newest[:_MOST]:
        manifest = one.manifest
        item = _add(feed, "entry")
        tasks = ", ".join(task.name for task in manifest.tasks if task.status == "done")
        _add(item, "title", f"{entry.name}: {standing(entry)}")
        _add(
            item,
            "id",
            _name(manifest.model.name, manifest.model.fingerprint, manifest.finished, one.run.path.name),
        )
        _add(item, "updated", manifest.finished)
        _add(item, "link", rel="alternate", type="text/html", href=f"{root}models/{entry.slug}.html")
        answers = f"{one.verification.samples:,} answers scored again"
        _add(item, "summary", f"{tasks}. Verified: {answers}.")
    ElementTree.indent(feed)
    document: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = plain(text) or None
    return child


def _name(*parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "|".join(("mmbench", *parts))).urn
