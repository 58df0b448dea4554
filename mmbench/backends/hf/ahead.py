"""Batches made ready in a thread, ahead of the model: media of the next are decoded while this one is answered."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from mmbench.schema import Request

Ready = TypeVar("Ready")


class Ahead(Generic[Ready]):
    """Makes batches ready, at most one ahead of time, so that memory is bounded.

    All is done in one thread, as tokenizers are not made to be used by two.
    """

    def __init__(self, make: Callable[[Sequence[Request]], Ready]) -> None:
        self._make = make
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mmbench-prepare")
        self._begun: tuple[Sequence[Request], Future[Ready]] | None = None

    def begin(self, requests: Sequence[Request]) -> None:
        """Begin with a batch; one that was begun before and not taken is dropped."""
        if self._begun is None or not _same(self._begun[0], requests):
            self.drop()
            self._begun = (requests, self._pool.submit(self._make, requests))

    def take(self, requests: Sequence[Request]) -> Ready:
        """Return a batch when it is ready; errors of making it are raised here."""
        self.begin(requests)
        assert self._begun is not None
        (_, future), self._begun = self._begun, None
        return future.result()

    def drop(self) -> None:
        """Forget what was begun."""
        if self._begun is not None:
            self._begun[1].cancel()
            self._begun = None

    def close(self) -> None:
        """End the thread."""
        self.drop()
        self._pool.shutdown(cancel_futures=True)


def _same(first: Sequence[Request], second: Sequence[Request]) -> bool:
    """Compare by identity: equality would compare pictures."""
    return len(first) == len(second) and all(a is b for a, b in zip(first, second, strict=True))
