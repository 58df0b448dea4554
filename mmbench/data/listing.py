"""A line about each dataset of a catalogue: what the command line and the documentation list."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmbench.data.lock import MIRROR, Pinned
from mmbench.dataset import Dataset, Embedded, Hub


@dataclass(frozen=True)
class Listed:
    """One dataset.

    Attributes:
        name: ``task:dataset``.
        source: the Hub's repository, "embedded" or "files".
        rows: how many the split has; "any" for rows made from a seed, "" where unknown.
        license: as the catalogue states it.
        pinned: "Hub" or "mirror", whichever ``datasets.lock`` holds; "revision" where the catalogue names one;
            "version" for rows made from a seed, which only change with their generator's; "" if nothing does.
    """

    name: str
    source: str
    rows: str
    license: str
    pinned: str


def listed(name: str, dataset: Dataset, lock: Mapping[str, Pinned]) -> Listed:
    """Describe one dataset; ``lock`` is what :func:`mmbench.data.lock.read_lock` returned."""
    source = dataset.source
    if isinstance(source, Embedded):
        return Listed(name, "embedded", "any", dataset.license, "version")
    rows = f"{dataset.size:,}" if dataset.size else ""
    if not isinstance(source, Hub):
        return Listed(name, "files", rows, dataset.license, "")
    return Listed(name, source.path, rows, dataset.license, ", ".join(_pins(name, source, lock)))


def _pins(name: str, source: Hub, lock: Mapping[str, Pinned]) -> list[str]:
    entries = [entry for entry in lock if entry.split()[0] == name]
    found = {
        "revision": source.revision is not None,
        "Hub": any(not entry.endswith(MIRROR) for entry in entries),
        "mirror": any(entry.endswith(MIRROR) for entry in entries),
    }
    return [where for where, is_so in found.items() if is_so]
