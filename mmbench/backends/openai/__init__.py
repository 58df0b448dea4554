"""``openai:MODEL@URL``: any server that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, Ollama, TGI, hosted).

Nothing heavy is imported before :func:`load` is called.
"""

from typing import TYPE_CHECKING, Any

from mmbench.backends.openai.address import Address
from mmbench.backends.openai.options import Options
from mmbench.errors import ModelError

if TYPE_CHECKING:
    from mmbench.model import Model

__all__ = ["Address", "Options", "load"]


def load(spec: str, **options: Any) -> "Model":
    """Connect to the model that ``MODEL@URL`` names; ``options`` are the fields of :class:`Options`.

    Without ``@URL`` the server is the one in OPENAI_BASE_URL, else api.openai.com; without ``MODEL`` it is the
    only model of the server.

    Raises:
        UsageError: the string has another form, there is no such option, or it has no such value.
        ModelError: the client is not installed, there is no key, or no server answers.
    """
    chosen = Options.parse(options)
    address = Address.parse(spec)
    try:
        from mmbench.backends.openai.connecting import connect
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mmbench"):
            raise
        raise ModelError(f"openai: needs the package {error.name}. Run: pip install 'mmbench[openai]'.") from error
    return connect(address, chosen)
