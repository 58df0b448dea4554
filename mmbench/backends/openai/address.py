"""Which model on which server."""

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mmbench.errors import UsageError

HOSTED = "https://api.openai.com/v1"
_FORM = re.compile(r"(?P<model>.*?)(?:@(?P<url>https?://.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """A model's name ("" for the only one that the server has) and its server's base URL."""

    model: str
    url: str

    @classmethod
    def parse(cls, spec: str) -> "Address":
        """Read ``MODEL@URL``, ``MODEL`` or ``@URL``; a URL without a path means ``/v1``.

        >>> Address.parse("org/name@http://localhost:8000")
        Address(model='org/name', url='http://localhost:8000/v1')

        Raises:
            UsageError: it has another form, or the URL holds a password or a query, which would be written into
                the manifest.
        """
        found = _FORM.fullmatch(spec)
        assert found is not None
        model, named = found["model"], found["url"]
        url = named or os.environ.get("OPENAI_BASE_URL") or HOSTED
        if not model and not named:
            raise UsageError(
                "'openai:' should have the form openai:MODEL@URL, such as openai:m@http://host:8000/v1."
            )
        if model.startswith(("http://", "https://")):
            raise UsageError("'openai:' should have the form openai:MODEL@URL: the '@' is missing.")
        return cls(model, _checked(url))

    @property
    def place(self) -> str:
        """Host, port and path."""
        parts = urlsplit(self.url)
        return parts.netloc + parts.path

    @property
    def hosted(self) -> bool:
        """Whether this is OpenAI's own server."""
        return urlsplit(self.url).hostname == urlsplit(HOSTED).hostname


def _checked(url: str) -> str:
    """Return the URL in one form; never tell a URL that holds a secret."""
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError("the URL of an openai: model must hold no user, password or query; set OPENAI_API_KEY.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"'{url}' is no URL of a server, such as http://localhost:8000/v1.")
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/') or '/v1'}"
