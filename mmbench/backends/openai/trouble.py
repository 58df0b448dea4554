"""What can go wrong with a request, and whether and when to ask again."""

import email.utils
import math
import random
import time
from collections.abc import Mapping
from typing import Any

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds: the first and the longest wait between two attempts that no server has asked for."""
_AGAIN = (408, 409, 425, 429)
_FINAL_CODES = ("insufficient_quota", "billing_hard_limit_reached")
_LONGEST_REASON = 300


class Trouble(Exception):
    """A request without an answer, or without one that can be used.

    Attributes:
        reason: one line for the user.
        again: the same request may be answered if it is asked again.
        overload: whether the server showed that it has too much to do; None if nothing was seen of it.
        dropped: the server closed the connection without a word; on another one it may answer at once.
        wait: seconds that the server wants us to wait.
        billed: the server may have counted the tokens.
        status: the HTTP status; 0 if there is none.
    """

    def __init__(
        self,
        reason: str,
        *,
        again: bool = False,
        overload: bool | None = None,
        dropped: bool = False,
        wait: float | None = None,
        billed: bool = False,
        status: int = 0,
    ) -> None:
        super().__init__(reason)
        self.reason = one_line(reason)
        self.again, self.overload, self.wait = again, overload, wait
        self.dropped, self.billed, self.status = dropped, billed, status


def unusable(reason: str) -> Trouble:
    """Say that an answer came which is none: cut off, or not of the agreed form."""
    return Trouble(f"the server's answer cannot be used: {reason}", again=True, overload=False, billed=True)


def refused(status: int, body: object, headers: Mapping[str, str]) -> Trouble:
    """Read an HTTP status that is not a success."""
    message, code = _message(body)
    again = (status in _AGAIN or (status >= 500 and status != 501)) and code not in _FINAL_CODES
    if headers.get("x-should-retry") == "false":
        again = False
    return Trouble(
        f"HTTP {status}: {message}" if message else f"HTTP {status}",
        again=again,
        overload=status == 429 or status >= 500,
        wait=retry_after(headers),
        status=status,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server wants us to wait, from ``Retry-After`` (seconds or a date) or ``-Ms``."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    date = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None


def pause(attempt: int, wanted: float | None, rng: random.Random) -> float:
    """Return the seconds to wait after failure number ``attempt`` (from 0).

    What the server wants is what it gets; otherwise the wait doubles each time, and a random half of it keeps
    many clients from coming back at once.
    """
    if wanted is not None:
        return wanted
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 30)) * rng.uniform(0.5, 1.0)


def one_line(text: str) -> str:
    """Return a text without line breaks, cut to a length that fits a table."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


def _message(body: object) -> tuple[str, str]:
    """Find the message and code in the body of an error; servers differ in how they wrap it."""
    if isinstance(body, Mapping):
        inner: Any = body.get("error", body)
        if isinstance(inner, Mapping):
            message = inner.get("message") or inner.get("detail") or ""
            return str(message), str(inner.get("code") or inner.get("type") or "")
        return str(inner), ""
    return str(body or ""), ""
