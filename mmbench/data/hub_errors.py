"""What ``datasets`` and the Hub raise: tried again where that may help, else one line that says what to do."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from mmbench.errors import DataError

T = TypeVar("T")

PAUSES = (1.0, 3.0)
"""Seconds to wait before the second and the third attempt."""

_LONGEST = 400
_MIRROR = "set MMBENCH_DATA_DIR to a mirror that holds it"
_LOGIN = "log in with `hf auth login`"
_ASIDE = re.compile(r" \((?:OfflineModeIsEnabled|LocalEntryNotFoundError)\)")
_BROKEN = (
    "ChunkedEncodingError",
    "ConnectError",
    "ConnectionError",
    "ConnectTimeout",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "Timeout",
)
"""Broken connections, as the HTTP libraries that the Hub's client has used call them."""


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turn what goes wrong inside into a DataError about the dataset ``name``."""
    try:
        yield
    except DataError:
        raise
    except expected() as error:
        raise DataError(f"dataset '{name}': {advice(error)}") from error


def persist(attempt: Callable[[], T]) -> T:
    """Call ``attempt`` up to three times, as long as it fails for reasons that may pass."""
    for pause in PAUSES:
        try:
            return attempt()
        except expected() as error:
            if not passing(error):
                raise
            time.sleep(pause)
    return attempt()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars and logs of ``datasets`` and the Hub; the terminal is ours."""
    import datasets
    from huggingface_hub.utils import logging as hub_logging

    bars = datasets.are_progress_bars_disabled()
    level, hub_level = datasets.logging.get_verbosity(), hub_logging.get_verbosity()
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)
    hub_logging.set_verbosity(datasets.logging.CRITICAL)
    try:
        yield
    finally:
        datasets.logging.set_verbosity(level)
        hub_logging.set_verbosity(hub_level)
        if not bars:
            datasets.enable_progress_bars()


def passing(error: BaseException) -> bool:
    """Tell whether the same request may succeed a little later."""
    causes = list(_causes(error))
    if any("OfflineModeIsEnabled" in (type(cause).__name__, *re.findall(r"\w+", str(cause))) for cause in causes):
        return False
    return any(
        type(cause).__name__ in _BROKEN or _status(cause) in (408, 429) or _status(cause) >= 500 or _short(cause)
        for cause in causes
    )


def advice(error: Exception) -> str:
    """Return what went wrong as one line, and what to do about it."""
    text = " ".join(str(error).split()) or type(error).__name__
    status = max(map(_status, _causes(error)))
    if status == 429:
        return f"the Hub had too many requests from here (429). Wait some minutes, {_LOGIN}, or {_MIRROR}."
    if status >= 500:
        return f"the Hub answers with error {status}. Try again later, or {_MIRROR}."
    if "gated" in text.lower():
        return f"{text} Accept its terms on the Hub and {_LOGIN}."
    if text.startswith(("Unknown split", "Bad split")):
        return f"{text}. Choose one with --set split=NAME."
    if any(map(_short, _causes(error))):
        return f"a file arrived cut short three times. Try again later, or {_MIRROR}."
    if any(type(cause).__name__ in _BROKEN for cause in _causes(error)) or isinstance(error, ConnectionError):
        return f"{_ASIDE.sub('', text).rstrip('.')}. Go online, or {_MIRROR}."
    if isinstance(error, FileNotFoundError):
        return f"{text} Check the name, {_LOGIN}, or {_MIRROR}."
    cause = " ".join(str(error.__cause__ or "").split())
    return _cut(f"{text} ({cause})" if cause and cause not in text else text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def expected() -> tuple[type[Exception], ...]:
    """Return what ``datasets``, the Hub's client, its HTTP library and Arrow raise when data cannot be had."""
    from datasets.exceptions import DatasetsError
    from huggingface_hub.errors import HfHubHTTPError
    from pyarrow import ArrowException

    # the base of all errors of the HTTP library in use, which differs between versions
    transport: type[Exception] = HfHubHTTPError.__bases__[0]
    return (DatasetsError, ArrowException, OSError, ValueError, RuntimeError, transport)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _status(error: BaseException) -> int:
    """Return the HTTP status that an error carries, 0 if none."""
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)


def _short(error: BaseException) -> bool:
    return isinstance(error, OSError) and "Consistency check failed" in str(error)
