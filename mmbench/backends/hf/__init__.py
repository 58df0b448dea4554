"""``hf:``: any Transformers checkpoint, from a local folder or the Hub.

Nothing heavy is imported before :func:`load` is called.
"""

from typing import TYPE_CHECKING, Any

from mmbench.backends.hf.options import Options

if TYPE_CHECKING:
    from mmbench.model import Model

__all__ = ["Options", "load"]


def load(spec: str, **options: Any) -> "Model":
    """Load the checkpoint in a folder, or of a Hub id; ``options`` are the fields of :class:`Options`.

    Raises:
        UsageError: there is no such option, or it has no such value.
        ModelError: there is no checkpoint, it cannot be loaded, or it is of a kind that is not supported.
    """
    chosen = Options.parse(options)
    from mmbench.backends.hf.loading import load_model

    return load_model(spec, chosen)
