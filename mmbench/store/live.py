"""live.json: how a run stands while it goes on, for whoever looks at its folder. It is gone when the run ends."""

import time
from contextlib import suppress
from pathlib import Path

import msgspec

from mmbench.errors import StoreError
from mmbench.store.run_folder import utc_now, write_atomic

LIVE = "live.json"
EVERY = 1.0
"""Seconds between two writings, at least."""


class LiveTask(msgspec.Struct):
    """One task so far. ``total`` is None if unknown; ``low`` and ``high`` are the ends of the score's interval."""

    label: str
    total: int | None = None
    samples: int = 0
    cached: int = 0
    status: str = "pending"
    metric: str = ""
    score: float | None = None
    low: float | None = None
    high: float | None = None
    range: tuple[float | None, float | None] = (None, None)


class Live(msgspec.Struct):
    """The whole of live.json; ``updated`` is the time of writing in UTC."""

    updated: str
    tasks: list[LiveTask]


class LiveFile:
    """Keeps live.json of a run folder up to date."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LIVE
        self._written = 0.0

    def tell(self, tasks: list[LiveTask], *, now: bool = False) -> None:
        """Write how the tasks stand, unless that was done a moment ago. A full disk stops no run here."""
        moment = time.monotonic()
        if now or moment - self._written >= EVERY:
            self._written = moment
            with suppress(StoreError):
                write_atomic(self._path, msgspec.json.encode(Live(utc_now(), tasks)))

    def remove(self) -> None:
        """Take the file away: the run has ended."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def read_live(folder: Path) -> Live | None:
    """Return how a run stands; None if it tells nothing."""
    try:
        return msgspec.json.decode((folder / LIVE).read_bytes(), type=Live)
    except (OSError, msgspec.MsgspecError):
        return None
