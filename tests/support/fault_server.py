"""An OpenAI-like server on 127.0.0.1 that misbehaves as its script says: real sockets, real HTTP/1.1.

A script is a function from a :class:`Call` to a :class:`Reply`; the server notes what it was asked and what it
answered, so that tests can count. It runs in a thread of its own, or alone (``python fault_server.py``) for the
benchmark.
"""

import asyncio
import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass
class Call:
    """One HTTP request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    number: int
    in_flight: int
    connection: int
    """The number of the connection that brought it."""
    status: int | None = None
    """What was answered in full; None while, or if, nothing was."""

    @property
    def prompt(self) -> str:
        """The text of the last turn, or of a completion's prompt."""
        if "prompt" in self.body:
            return str(self.body["prompt"])
        content = self.body["messages"][-1]["content"]
        return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


@dataclass
class Reply:
    """What the server does with a call.

    Attributes:
        delay: seconds before the first byte.
        cut: send only so many bytes of the body, then close the connection; 0 sends nothing at all.
        hang: never answer.
        backwards: wait until so many calls are there, then answer the last one first.
        pieces: server-sent events in place of ``body``, ``delay`` seconds before each.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None
    hang: bool = False
    backwards: int = 0
    pieces: Sequence[bytes] = ()


Script = Callable[[Call], Reply]
REASONS = {200: "OK", 400: "Bad Request", 429: "Too Many Requests", 500: "Internal Server Error"}


def chat(text: str | None, finish: str = "stop", **changes: Any) -> dict[str, Any]:
    """Build the body of a chat completion."""
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
    return body | changes


def pieces(*texts: str, finish: str | None = "stop", **changes: Any) -> list[bytes]:
    """Build the events of a chat completion that is streamed."""
    choices = [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]
    choices += [{"index": 0, "delta": {"content": text}, "finish_reason": None} for text in texts]
    choices += [{"index": 0, "delta": {}, "finish_reason": finish}]
    usage = {"prompt_tokens": 7, "completion_tokens": len(texts), "total_tokens": 7 + len(texts)}
    told: list[dict[str, Any]] = [{"choices": [choice]} for choice in choices]
    told += [{"choices": [], "usage": usage} | changes]
    return [f"data: {json.dumps(event)}\n\n".encode() for event in told] + [b"data: [DONE]\n\n"]


def refusal(message: str, **changes: Any) -> dict[str, Any]:
    """Build the body of an error."""
    return {"error": {"message": message, "type": "invalid_request_error", "code": None} | changes}


class FaultServer:
    """Serves a script; a context manager.

    ``/v1/models`` lists ``models`` and is not noted as a call; if they are None, the script answers it too.
    """

    def __init__(self, script: Script, models: Iterable[Mapping[str, Any]] | None = ({"id": "m"},)) -> None:
        self.script, self.models = script, None if models is None else list(models)
        self.calls: list[Call] = []
        self.answered: list[Call] = []
        """Calls that got a whole answer of status 200, in the order of their answers."""
        self._held: list[asyncio.Future[None]] = []
        self.url = ""
        self._in_flight = 0
        self._connections = itertools.count()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @property
    def asked(self) -> list[Call]:
        """Calls that ask for an answer."""
        return [call for call in self.calls if call.method == "POST"]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            connection = next(self._connections)
            while head := await reader.readuntil(b"\r\n\r\n"):
                call = await self._read(head, reader, connection)
                self._in_flight += 1
                try:
                    whole = await self._answer(call, writer)
                finally:
                    self._in_flight -= 1
                if not whole:
                    break
        writer.close()

    async def _read(self, head: bytes, reader: asyncio.StreamReader, connection: int) -> Call:
        first, *lines = head.decode().rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        body = json.loads(raw) if raw else None
        call = Call(method, path, headers, body, len(self.calls), self._in_flight + 1, connection)
        if path != "/v1/models":
            self.calls.append(call)
        return call

    async def _answer(self, call: Call, writer: asyncio.StreamWriter) -> bool:
        """Write the reply; False closes the connection."""
        listed = call.path == "/v1/models" and self.models is not None
        reply = Reply(body={"data": self.models}) if listed else self.script(call)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.hang:
            await asyncio.Event().wait()
        if reply.backwards:
            await self._turn(reply.backwards)
        if reply.cut == 0:
            return False
        if reply.pieces:
            return await self._stream(reply, call, writer)
        raw = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(raw)), **reply.headers}
        head = f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Status')}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        writer.write(head.encode() + (raw if reply.cut is None else raw[: reply.cut]))
        if reply.cut is not None:
            await writer.drain()
            return False
        call.status = reply.status
        if reply.status == 200 and call.method == "POST":
            self.answered.append(call)
        await writer.drain()
        return True

    async def _stream(self, reply: Reply, call: Call, writer: asyncio.StreamWriter) -> bool:
        """Write events in chunks; ``cut`` counts those that are sent before the connection is closed."""
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head.encode())
        for piece in reply.pieces[: reply.cut]:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
            await asyncio.sleep(reply.delay)
        if reply.cut is not None:
            return False
        writer.write(b"0\r\n\r\n")
        call.status = 200
        self.answered.append(call)
        await writer.drain()
        return True

    async def _turn(self, count: int) -> None:
        """Wait until so many calls are held, and until those that came later are answered."""
        turn = self._loop.create_future()
        self._held.append(turn)
        if len(self._held) == count:
            for held in reversed(self._held):
                held.set_result(None)
        await turn
