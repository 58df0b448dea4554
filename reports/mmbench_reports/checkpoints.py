"""What lies beside a run's model, where that is a checkpoint on this machine: its size and its training log."""

import csv
import json
import math
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from mmbench.store.records import Manifest

LOG, CARD = "log.csv", "README.md"
_LONGEST_CARD = 40_000
_HEADER_LIMIT = 100 * 2**20


def folder_of(manifest: Manifest) -> Path | None:
    """Return the checkpoint's folder; None if the model is none of ours and no folder here."""
    kind, _, rest = manifest.model.spec.partition(":")
    path = shipped(manifest) if kind == "reference" else Path(rest if kind == "hf" else manifest.model.spec)
    try:
        return path if path is not None and (path / "config.json").is_file() else None
    except (OSError, ValueError):  # a name that no file system takes
        return None


def shipped(manifest: Manifest) -> Path | None:
    """Return the folder of a reference model that ships; None for other models.

    This one may be asked for runs of strangers: what their manifests name lies nowhere else.
    """
    kind, _, rest = manifest.model.spec.partition(":")
    name = rest or manifest.model.name
    home = find_spec("mmbench_reference_models") if kind == "reference" else None
    if home is None or not home.submodule_search_locations or name != Path(name).name:
        return None
    return Path(next(iter(home.submodule_search_locations))) / "weights" / name


def parameters(folder: Path) -> int | None:
    """Count a checkpoint's parameters from the headers of its safetensors files; None without such files."""
    counts = [_count(path) for path in sorted(folder.glob("*.safetensors"))]
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _count(path: Path) -> int | None:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= _HEADER_LIMIT else {}
        shapes = [tensor["shape"] for name, tensor in header.items() if name != "__metadata__"]
        return sum(math.prod(shape) for shape in shapes) if shapes else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def card_of(folder: Path) -> str:
    """Return the text of a checkpoint's model card without its front matter; "" if it has none."""
    try:
        text = (folder / CARD).read_text(encoding="utf-8", errors="replace")[:_LONGEST_CARD]
    except OSError:
        return ""
    return re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL).strip()


@dataclass(frozen=True)
class Lesson:
    """One line of a training log. What was not measured at that step is None."""

    step: int
    loss: float | None
    validation_loss: float | None
    scores: dict[str, float]


def log_of(folder: Path) -> list[Lesson]:
    """Return the training log in a checkpoint's folder, or in the folder above (its training run); else nothing.

    Lines that cannot be read are left out: a log may be cut short.
    """
    path = next((place / LOG for place in (folder, folder.parent) if (place / LOG).is_file()), None)
    if path is None:
        return []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        found = [_lesson(row) for row in csv.DictReader(file)]
    return [lesson for lesson in found if lesson is not None]


def _lesson(row: dict[str, str | None]) -> Lesson | None:
    step = _number(row.get("step"))
    if step is None:
        return None
    pairs = [pair.rpartition("=") for pair in (row.get("scores") or "").split()]
    scores = {name: number for name, _, text in pairs if (number := _number(text)) is not None}
    return Lesson(int(step), _number(row.get("loss")), _number(row.get("validation_loss")), scores)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
