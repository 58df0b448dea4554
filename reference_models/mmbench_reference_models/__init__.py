"""The reference models: a family of small multimodal transformers, and checkpoints of it in ``weights/``.

Importing this package makes the family known to Transformers, so that checkpoints load as any other does:

    import mmbench_reference_models
    processor = transformers.AutoProcessor.from_pretrained(folder)
    model = transformers.AutoModelForImageTextToText.from_pretrained(folder)
"""

from pathlib import Path
from typing import Any

from mmbench.backends.hf import load as load_checkpoint
from mmbench.errors import UsageError, did_you_mean
from mmbench.model import Model
from mmbench_reference_models import auto as _auto  # noqa: F401  (registers)
from mmbench_reference_models.configuration import ReferenceConfig
from mmbench_reference_models.lstm import ReferenceLSTM
from mmbench_reference_models.modeling import ReferenceForConditionalGeneration
from mmbench_reference_models.processing import ReferenceProcessor
from mmbench_reference_models.span import ReferenceForQuestionAnswering
from mmbench_reference_models.vocabulary import train_tokenizer

__all__ = [
    "BEST",
    "WEIGHTS",
    "ReferenceConfig",
    "ReferenceForConditionalGeneration",
    "ReferenceForQuestionAnswering",
    "ReferenceLSTM",
    "ReferenceProcessor",
    "folder_of",
    "load",
    "names",
    "train_tokenizer",
]

WEIGHTS = Path(__file__).parent / "weights"
BEST = "mini"
"""What the bare name ``reference`` means."""


def names() -> list[str]:
    """Return the shipped reference models."""
    return sorted(path.parent.name for path in WEIGHTS.glob("*/config.json"))


def folder_of(name: str) -> Path:
    """Return where a reference model is; no name is the best one shipped.

    Raises:
        UsageError: there is no reference model of that name.
    """
    chosen = name or BEST
    if chosen not in names():
        raise UsageError(f"unknown reference model '{chosen}'.{did_you_mean(chosen, names())}")
    return WEIGHTS / chosen


def load(name: str, **options: Any) -> Model:
    """Load ``reference:NAME``; the bare ``reference`` is the best one shipped.

    Raises:
        UsageError: there is no reference model of that name.
        ModelError: it cannot be loaded.
    """
    return load_checkpoint(str(folder_of(name)), **options)
