"""What a package of models ships, found without importing it: checkpoints in ``weights/``, ``recipes/``."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from mmbench.training import RecipeInfo, recipes_in


@dataclass(frozen=True, slots=True)
class Shipped:
    """A checkpoint.

    Attributes:
        name: its folder's, which follows the loader's name and a colon in a model string.
        parameters: how many numbers its weights hold, tied ones once.
        size: its weights on disk, in bytes.
    """

    name: str
    parameters: int
    size: int

    @property
    def about(self) -> str:
        """Say how large it is.

        >>> Shipped("tiny", 2_425_000, 9_700_000).about
        '2.4 M parameters, 9.7 MB'
        """
        return f"{self.parameters / 1e6:.1f} M parameters, {self.size / 1e6:.1f} MB"


def shipped(point: EntryPoint) -> Iterator[Shipped]:
    """Yield the checkpoints beside a loader, by name."""
    for place in _folders(point):
        for config in sorted(place.glob("weights/*/config.json")):
            files = sorted(config.parent.glob("*.safetensors"))
            counts = map(_parameters, files)
            yield Shipped(config.parent.name, sum(counts), sum(file.stat().st_size for file in files))


def shipped_recipes(point: EntryPoint) -> list[RecipeInfo]:
    """Return the recipes of a trainer's package, by name; none if it keeps them elsewhere."""
    return [recipe for place in _folders(point) for recipe in recipes_in(place / "recipes")]


def _folders(point: EntryPoint) -> list[Path]:
    """Return where a plug-in's package lies."""
    spec = find_spec(point.module.partition(".")[0])
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []


def _parameters(path: Path) -> int:
    """Count the numbers in a safetensors file by its header alone."""
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
