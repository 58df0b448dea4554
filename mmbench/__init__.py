"""mmbench: evaluation of multimodal language models.

>>> import mmbench
>>> run = mmbench.evaluate("oracle", "sentiment", limit=20, out="runs")  # doctest: +SKIP
>>> run.results, run.samples                                             # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmbench.engine.compare import compare
    from mmbench.engine.evaluate import evaluate
    from mmbench.engine.verify import Verification, verify
    from mmbench.gating import gate
    from mmbench.store.run import Run, load_run

__all__ = ["Run", "Verification", "compare", "evaluate", "gate", "load_run", "verify"]

_HOMES = {
    "Run": "mmbench.store.run",
    "Verification": "mmbench.engine.verify",
    "compare": "mmbench.engine.compare",
    "evaluate": "mmbench.engine.evaluate",
    "gate": "mmbench.gating",
    "load_run": "mmbench.store.run",
    "verify": "mmbench.engine.verify",
}


def __getattr__(name: str) -> Any:
    """Import public names when they are first used, so that ``import mmbench`` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mmbench' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
