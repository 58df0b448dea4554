"""Whether the Hub can be reached at all: a second to find out, where its client would try for half a minute."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies

_PATIENCE = 5.0
"""Seconds to wait for a connection."""


@contextmanager
def offline_if_unreachable() -> Iterator[None]:
    """Within this, the Hub's libraries use what is in their caches at once if no connection can be made."""
    import datasets
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or _reachable(constants.ENDPOINT):
        yield
        return
    before = datasets.config.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = False, before


def _reachable(endpoint: str) -> bool:
    """Tell whether the Hub's machine takes a connection; behind a proxy that cannot be told and counts as yes."""
    address = urlsplit(endpoint)
    if getproxies().get(address.scheme):
        return True
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        socket.create_connection((address.hostname or "", port), timeout=_PATIENCE).close()
    except OSError:
        return False
    return True
