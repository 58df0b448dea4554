"""Writes the generated pages of docs/. ``--check`` writes nothing and fails if a page is stale."""

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from mmbench.store.records import Manifest, Results

HERE = Path(__file__).parent


def schema(record: type[msgspec.Struct], title: str) -> str:
    """Return the JSON Schema (2020-12) of a record."""
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **msgspec.json.schema(record),
    }
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode() + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "reference/manifest.schema.json": lambda: schema(Manifest, "manifest.json of an mmbench run folder"),
    "reference/results.schema.json": lambda: schema(Results, "results.json of an mmbench run folder"),
}


def stale() -> list[str]:
    """Return the pages that are not what the code says."""
    pages = [(name, HERE / name, make()) for name, make in PAGES.items()]
    return [name for name, path, text in pages if not path.is_file() or path.read_text() != text]


def main() -> None:
    """Write or check."""
    outdated = stale()
    if "--check" in sys.argv:
        sys.exit(f"stale pages, run `make docs`: {', '.join(outdated)}" if outdated else 0)
    for name in outdated:
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGES[name]())


if __name__ == "__main__":
    main()
