"""``vllm:``: a checkpoint in vLLM's engine, in this process.

Nothing heavy is imported before :func:`load` is called.
"""

from typing import TYPE_CHECKING, Any

from mmbench.backends.vllm.options import Options
from mmbench.errors import ModelError

if TYPE_CHECKING:
    from mmbench.model import Model

__all__ = ["Options", "load"]


def load(spec: str, **options: Any) -> "Model":
    """Load the checkpoint in a folder, or of a Hub id; ``options`` are the fields of :class:`Options`.

    Raises:
        UsageError: there is no such option, or it has no such value.
        ModelError: vLLM is not installed, there is no checkpoint, or the engine does not take it.
    """
    chosen = Options.parse(options)
    try:
        from mmbench.backends.vllm.loading import load_model
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mmbench"):
            raise
        raise ModelError(
            f"vllm: needs the package {error.name}. Run: pip install 'mmbench[vllm]', or start a vLLM server "
            "and use openai:MODEL@URL."
        ) from error
    return load_model(spec, chosen)
