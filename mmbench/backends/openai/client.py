"""One server's client: an event loop in a thread of its own, with limit, budget, time-outs and repeats."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mmbench.backends.openai.address import Address
from mmbench.backends.openai.budget import Budget, Usage, prices_of
from mmbench.backends.openai.limit import Limit
from mmbench.backends.openai.options import Options
from mmbench.backends.openai.trouble import Trouble, pause
from mmbench.backends.openai.wire import Body, Wire
from mmbench.errors import MediaError

T = TypeVar("T")

PATIENCE = 32
"""So many requests given up in a row, with no answer in between, and the rest is not asked any more."""
SILENCE = 60.0
"""So many seconds, and twice the time-out, with failures alone, and the rest is not asked any more either."""


@dataclass(frozen=True, slots=True)
class Ask(Generic[T]):
    """A request to the server.

    Attributes:
        path: below the base URL.
        build: makes the body, when its turn has come: bodies with pictures are large.
        read: makes the answer from the decoded JSON; raises Trouble if it is none.
        guess: tokens that it may take.
        heavy: building takes long enough for a thread.
        streamed: let the answer come bit by bit.
    """

    path: str
    build: Callable[[], Body]
    read: Callable[[Any], T]
    guess: Usage
    heavy: bool = False
    streamed: bool = False


class Client:
    """Asks one server. Its coroutines run in its own thread; :meth:`submit` starts them from any other."""

    def __init__(self, address: Address, key: str | None, options: Options) -> None:
        """``key``: never told to anybody but the server."""
        self.limit = Limit(options.concurrency)
        self.budget = Budget(options, prices_of(options, address.model))
        self._options, self._key = options, key
        self._rng = random.Random(options.seed)
        self._patience = max(PATIENCE, options.concurrency)
        self._lost = 0  # requests in a row that were given up though the server might have answered them
        self._failing: float | None = None  # since when there were failures alone
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mmbench-openai", daemon=True)
        self._thread.start()
        self._wire = self.submit(self._connect(address.url)).result()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run a coroutine in the client's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def ask(self, ask: Ask[T]) -> tuple[T, float]:
        """Return the answer and the seconds that the attempt took which brought it.

        Raises:
            Trouble: there is no answer, after all attempts that make sense.
        """
        attempt = 0
        while True:
            try:
                answer = await self._attempt(ask)
            except Trouble as trouble:
                self._note(trouble)
                if not self._worth_waiting(trouble, attempt):
                    self._lost += trouble.again
                    raise self._explained(trouble, attempt) from None
                if attempt or not trouble.dropped:
                    await asyncio.sleep(pause(attempt, trouble.wait, self._rng))
                attempt += 1
            else:
                self._lost, self._failing = 0, None
                return answer

    def begin(self) -> None:
        """Forget since when the server fails: time in which it was not asked does not count."""
        self._failing = None

    async def get(self, path: str) -> Any:
        """Return the decoded JSON of a page of the server; free of charge, tried twice at most.

        Raises:
            Trouble: there is none.
        """
        try:
            return await self._wire.get(path)
        except Trouble as trouble:
            if not trouble.again:
                raise self._explained(trouble, 0) from None
        await asyncio.sleep(pause(0, None, self._rng))
        try:
            return await self._wire.get(path)
        except Trouble as trouble:
            raise self._explained(trouble, 1) from None

    def close(self) -> None:
        """Stop what is under way, close connections, end the thread."""
        if self._loop.is_closed():
            return
        self.submit(self._shut()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self, url: str) -> Wire:
        return Wire(url, self._key, self._options.timeout)

    async def _shut(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._wire.close()

    async def _attempt(self, ask: Ask[T]) -> tuple[T, float]:
        mark = await self.limit.enter()
        overload: bool | None = None
        try:
            self._check_alive()
            held = await self.budget.reserve(ask.guess)
            used = ask.guess  # until more is known
            try:
                body = await self._build(ask)
                started = time.perf_counter()
                raw = await self._wire.post(ask.path, body, streamed=ask.streamed)
                latency = time.perf_counter() - started
                overload, used = False, _usage(raw, ask.guess)
                return ask.read(raw), latency
            except Trouble as trouble:
                overload = trouble.overload
                used = used if trouble.billed else Usage()
                raise
            finally:
                self.budget.settle(ask.guess, held, used)
        finally:
            self.limit.leave(mark, overload)

    async def _build(self, ask: Ask[T]) -> Body:
        try:
            return await asyncio.to_thread(ask.build) if ask.heavy else ask.build()
        except MediaError as error:
            raise Trouble(str(error)) from error

    def _worth_waiting(self, trouble: Trouble, attempt: int) -> bool:
        in_time = trouble.wait is None or trouble.wait <= self._options.max_wait
        return trouble.again and attempt < self._options.retries and in_time

    def _explained(self, trouble: Trouble, attempt: int) -> Trouble:
        """Say how often a request was asked, and keep the key out of what the server said."""
        if trouble.wait is not None and trouble.wait > self._options.max_wait:
            trouble.reason += f" (told to wait {trouble.wait:.0f} s; max_wait={self._options.max_wait:g})"
        elif attempt:
            trouble.reason += f" (asked {attempt + 1} times)"
        if self._key:
            trouble.reason = trouble.reason.replace(self._key, "***")
        return trouble

    def _check_alive(self) -> None:
        if self._lost >= self._patience:
            raise Trouble(f"not asked: the server failed at the {self._patience} requests before.")
        if self._failing is not None:
            failing = time.monotonic() - self._failing
            if failing > 2 * self._options.timeout + SILENCE:
                raise Trouble(f"not asked: the server has only failed for {failing:.0f} s.")

    def _note(self, trouble: Trouble) -> None:
        if trouble.overload and self._failing is None:
            self._failing = time.monotonic()
        if trouble.overload is False and not trouble.again:
            self._lost, self._failing = 0, None


def _usage(raw: Any, guess: Usage) -> Usage:
    """Return the tokens that the server counted; the guess where it does not tell."""
    told = raw.get("usage")
    if not isinstance(told, Mapping):
        return guess
    read, written = told.get("prompt_tokens"), told.get("completion_tokens")
    return Usage(read, written) if isinstance(read, int) and isinstance(written, int) else guess
