"""How many requests may be under way at once: more while all goes well, half when the server is overloaded."""

import asyncio
from collections import deque

ROUND = 16
"""The fewest answers from which anything is concluded."""
SHARE = 0.2
"""More failures than this share of a round mean overload; a server that fails now and then gains nothing from
fewer requests, and one that is overloaded refuses most of what exceeds its capacity."""
STEPS = 16
"""Rounds from nothing to the most."""


class Limit:
    """Additive increase, multiplicative decrease.

    A round is as many answers as requests may be under way (at least ``ROUND``). After a round with few failures
    the limit grows by a sixteenth of the most allowed. As soon as failures exceed ``SHARE`` of a round it is
    halved, once: requests that were under way at that moment say nothing about the new limit, so their failures do
    not halve it again.
    """

    def __init__(self, most: int) -> None:
        self.most = self.now = most
        self._busy = 0
        self._cuts = 0
        self._answers = self._failures = 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> int:
        """Wait for a place, first come, first served; return a mark for :meth:`leave`."""
        if self._busy < self.now and not self._queue:
            self._busy += 1
            return self._cuts
        place = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # a place was given in the moment of cancelling
                self._busy -= 1
                self._admit()
            raise
        return self._cuts

    def leave(self, mark: int, failed: bool | None) -> None:
        """Free a place; ``failed`` says whether the server was overloaded (None: cannot tell)."""
        self._busy -= 1
        if failed is not None and mark == self._cuts:
            self._learn(failed)
        self._admit()

    def _learn(self, failed: bool) -> None:
        span = max(self.now, ROUND)
        self._answers += 1
        self._failures += failed
        if self._failures > SHARE * span:
            self.now = max(1, self.now // 2)
            self._cuts += 1
        elif self._answers >= span:
            self.now = min(self.most, self.now + max(1, self.most // STEPS))
        else:
            return
        self._answers = self._failures = 0

    def _admit(self) -> None:
        while self._queue and self._busy < self.now:
            place = self._queue.popleft()
            if not place.done():
                self._busy += 1
                place.set_result(None)
