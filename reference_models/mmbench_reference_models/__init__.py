"""The reference models: ordinary Transformers checkpoints in ``weights/``, loaded by the ``hf:`` backend."""

from pathlib import Path
from typing import Any

from mmbench.backends.hf import load as load_checkpoint
from mmbench.errors import UsageError, did_you_mean
from mmbench.model import Model

WEIGHTS = Path(__file__).parent / "weights"
BEST = "seeded"
"""What the bare name ``reference`` means."""


def names() -> list[str]:
    """Return the shipped reference models."""
    return sorted(path.parent.name for path in WEIGHTS.glob("*/config.json"))


def load(name: str, **options: Any) -> Model:
    """Load ``reference:NAME``; the bare ``reference`` is the best one shipped.

    Raises:
        UsageError: there is no reference model of that name.
        ModelError: it cannot be loaded.
    """
    chosen = name or BEST
    if chosen not in names():
        raise UsageError(f"unknown reference model '{chosen}'.{did_you_mean(chosen, names())}")
    return load_checkpoint(str(WEIGHTS / chosen), **options)
