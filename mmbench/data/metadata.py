"""What a folder says about its dataset: a Croissant record, the record of ``datasets``, the head of its card.

All of them are read; for each fact the first one that states it counts.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmbench.errors import DataError

CARD = "README.md"
CROISSANT = "croissant.json"
_BIBTEX_FIELD = re.compile(
    r"\b(author|year|title)\s*=\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|\"([^\"]*)\"|(\d+))", re.IGNORECASE
)
_INFOS = ("dataset_infos.json", "dataset_info.json")


@dataclass(frozen=True)
class Metadata:
    """What is said; "" or nothing where nothing is.

    Attributes:
        license: as it stands there, e.g. ``"cc-by-4.0"``.
        citation: on one line; of BibTeX its author, year and title.
        notes: the description, on one line.
        sizes: split -> rows.
        sources: the files that said something.
    """

    license: str = ""
    citation: str = ""
    notes: str = ""
    sizes: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def told(self, split: str = "") -> str:
        """Return all but the notes as one line, "" if nothing is known; the size is that of ``split``."""
        sizes = {split: self.sizes[split]} if split in self.sizes else self.sizes
        parts = [
            f"licence {self.license}" if self.license else "",
            ", ".join(f"{rows:,} rows in {name}" for name, rows in sizes.items()),
            self.citation,
        ]
        return "; ".join(part for part in parts if part)


def read_metadata(folder: Path, config: str = "default") -> Metadata:
    """Read what a folder says about one config of its dataset.

    Raises:
        DataError: a file that should say it cannot be read.
    """
    found = Metadata()
    for name, read in _READERS.items():
        path = folder / name
        if path.is_file():
            said = read(path, config)
            if said != Metadata():
                found = Metadata(
                    found.license or said.license,
                    found.citation or said.citation,
                    found.notes or said.notes,
                    found.sizes or said.sizes,
                    (*found.sources, name),
                )
    return found


def read_card(path: Path) -> tuple[dict[str, Any], str]:
    """Return the YAML head of a card and the text below it.

    Raises:
        DataError: the head is no YAML mapping.
    """
    text = path.read_text(encoding="utf-8", errors="replace")
    if not text.startswith("---"):
        return {}, text
    import yaml

    _, head, body = [*text.split("---", 2), "", ""][:3]
    try:
        parsed = yaml.safe_load(head) or {}
    except yaml.YAMLError as error:
        raise DataError(f"cannot read the head of {path}: {error}") from error
    if not isinstance(parsed, dict):
        raise DataError(f"cannot read the head of {path}: it holds no keys and values.")
    return parsed, body.removeprefix("\n")


def entry_of(entries: Any, config: str) -> dict[str, Any]:
    """Return a card's entry of a config; a card with one config only may give it without a list."""
    entries = entries if isinstance(entries, list) else [entries or {}]
    found = (entry for entry in entries if isinstance(entry, dict))
    return next((dict(entry) for entry in found if entry.get("config_name", "default") == config), {})


def _croissant(path: Path, config: str) -> Metadata:  # noqa: ARG001
    found = _json(path)
    conforms = found.get("conformsTo") or found.get("dct:conformsTo", "") if isinstance(found, dict) else ""
    if "mlcommons.org/croissant" not in str(conforms):
        raise DataError(
            f"{path} is no Croissant record: it does not say that it conforms to "
            "http://mlcommons.org/croissant/1.0."
        )
    return Metadata(
        _line(found.get("license", "")),
        _cited(found.get("citeAs") or found.get("citation", "")),
        _line(found.get("description", "")),
    )


def _info(path: Path, config: str) -> Metadata:
    """Read the record that ``datasets`` writes: one config's, or those of all configs by name."""
    found = _json(path)
    if isinstance(found, dict) and not {"license", "citation", "splits", "description"} & found.keys():
        found = found.get(config) or (next(iter(found.values())) if len(found) == 1 else {})
    if not isinstance(found, dict):
        raise DataError(f"cannot read {path}: it is no record of a dataset.")
    return Metadata(
        _line(found.get("license", "")),
        _cited(found.get("citation", "")),
        _line(found.get("description", "")),
        _sizes(found.get("splits")),
    )


def _card(path: Path, config: str) -> Metadata:
    head, body = read_card(path)
    info = entry_of(head.get("dataset_info"), config)
    license = _line(head.get("license_name") or head.get("license", ""))
    return Metadata(license, _bibtex(" ".join(body.split())), "", _sizes(info.get("splits")))


_READERS: dict[str, Callable[[Path, str], Metadata]] = {
    CROISSANT: _croissant,
    **dict.fromkeys(_INFOS, _info),
    CARD: _card,
}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {error}.") from error


def _sizes(splits: Any) -> dict[str, int]:
    """Return split -> rows from a list of splits, or a mapping of them."""
    listed = splits.values() if isinstance(splits, dict) else splits or ()
    named = [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("num_examples"), int)]
    return {str(entry.get("name", "")): entry["num_examples"] for entry in named if entry.get("name")}


def _cited(value: Any) -> str:
    """Return a citation on one line; of BibTeX, the first entry's author, year and title."""
    text = _line(value)
    return _bibtex(text) or text


def _bibtex(text: str) -> str:
    """Return author, year and title of the first BibTeX entry in a text, "" if there is none.

    >>> _bibtex("Cite: @article{a, title = {On {Cats}}, author = {Ann Lee and Bo Ek}, year = 2024}")
    'Ann Lee et al. 2024, On Cats'
    """
    entry = re.search(r"@\w+\s*\{[^@]*", text)
    if not entry:
        return ""
    facts = {
        key: (braces or quotes or digits).replace("{", "").replace("}", "")
        for key, braces, quotes, digits in _BIBTEX_FIELD.findall(entry[0])
    }
    author = facts.get("author", "").split(" and ")[0].strip(" ,")
    several = " et al." if " and " in facts.get("author", "") else ""
    parts = [f"{author}{several} {facts.get('year', '')}".strip(), facts.get("title", "").strip(" ,")]
    return ", ".join(part for part in parts if part)


def _line(value: Any) -> str:
    """Return text, the name or address of a thing, or a list of such, as one line."""
    if isinstance(value, list):
        return ", ".join(_line(item) for item in value)
    if isinstance(value, dict):
        value = value.get("name") or value.get("url") or value.get("@id", "")
    return " ".join(str(value or "").split())
