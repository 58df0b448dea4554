"""Work beside the model: what comes next is made ready in one thread, what came back is scored in another."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")
Job = Callable[[], None]

WAITING = 8
"""Jobs that may wait for the worker; whoever hands in one more waits too, so that memory stays bounded."""


class Worker:
    """Does jobs one after another in a thread of its own; a context manager.

    The first job that fails is the last: what it raised is raised again where the next job is handed in, or at the
    end of the context. A context that is left by an error drops the jobs that wait.
    """

    def __init__(self) -> None:
        self._jobs: Queue[Job | None] = Queue(WAITING)
        self._failure: BaseException | None = None
        self._dropping = False
        self._thread = threading.Thread(target=self._work, name="mmbench-scoring", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dropping = error is not None
        self._jobs.put(None)
        self._thread.join()
        if error is None:
            self._raise()

    def submit(self, job: Job) -> None:
        """Hand in a job.

        Raises:
            Exception: what a job before it has raised.
        """
        self._raise()
        self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._dropping or self._failure is not None:
                continue
            try:
                job()
            except BaseException as error:  # raised again in the thread that hands in jobs
                self._failure = error

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure


def ahead(items: Generator[T, None, None]) -> Generator[T, None, None]:
    """Yield items, each made in a thread while the one before it is in use."""
    end = object()
    with ThreadPoolExecutor(1, thread_name_prefix="mmbench-data") as pool:
        try:
            coming = pool.submit(next, items, end)
            while (item := coming.result()) is not end:
                coming = pool.submit(next, items, end)
                yield item  # type: ignore[misc]  # only the end is no item
        finally:
            pool.shutdown(cancel_futures=True)
            items.close()
