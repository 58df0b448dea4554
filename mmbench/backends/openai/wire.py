"""HTTP to one server, through the ``openai`` client.

Its address, headers, authentication, proxies and connections serve every request. The many that are asked for one
whole answer are put onto its connections directly: checking a body that is made and read here takes the client
longer than all the rest.
"""

import asyncio
import errno
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
import openai

from mmbench.backends.openai.streaming import FIELDS, gather
from mmbench.backends.openai.trouble import Trouble, one_line, refused, unusable

Body = dict[str, Any]

CONNECT = 30.0
"""Seconds for a connection, and for pages that cost the server nothing."""
NO_KEY = "EMPTY"
"""What servers without keys get."""
_DROPPED = (errno.ECONNRESET, errno.EPIPE)


def _library() -> Any:
    """Return the HTTP library that this version of openai is built on."""
    base = openai.DefaultAioHttpClient.__mro__[-2]
    return sys.modules[base.__module__.partition(".")[0]]


_HTTP = _library()


class Wire:
    """Sends requests and decodes their answers; whatever else happens is a Trouble. Made in an event loop."""

    def __init__(self, url: str, key: str | None, timeout: float) -> None:
        """``timeout``: seconds until a request counts as lost."""
        limits = openai.Timeout(None, connect=CONNECT)
        self._timeout = timeout
        self._http: Any = openai.DefaultAioHttpClient(timeout=limits)
        self._openai = openai.AsyncOpenAI(
            base_url=url, api_key=key or NO_KEY, max_retries=0, timeout=limits, http_client=self._http
        )
        told = {**self._openai.auth_headers, **self._openai.default_headers}
        self._headers = _HTTP.Headers({name: value for name, value in told.items() if isinstance(value, str)})
        self._extensions = {"timeout": limits.as_dict()}
        self._url, self._urls = url, dict[str, Any]()

    async def get(self, path: str) -> Any:
        """Return a page of the server."""
        return await self._within(min(self._timeout, CONNECT), self._openai.get(path, cast_to=object))

    async def post(self, path: str, body: Body, *, streamed: bool) -> Any:
        """Return the answer to a request, whole also where it is streamed."""
        return await self._within(self._timeout, self._receive(path, body) if streamed else self._ask(path, body))

    async def close(self) -> None:
        """Close connections."""
        await self._openai.close()

    async def _ask(self, path: str, body: Body) -> Any:
        if path not in self._urls:
            self._urls[path] = _HTTP.URL(self._url + path)
        content = json.dumps(body, separators=(",", ":")).encode()
        request = _HTTP.Request(
            "POST", self._urls[path], headers=self._headers, content=content, extensions=self._extensions
        )
        request.headers.encoding = "ascii"  # else it is found out again at every look
        answer = await self._http.send(request)
        if answer.status_code >= 400:
            raise refused(answer.status_code, _decoded(answer), answer.headers)
        return json.loads(answer.content)

    async def _receive(self, path: str, body: Body) -> Any:
        started = time.perf_counter()
        kind = openai.AsyncStream[object]
        stream = await self._openai.post(path, cast_to=object, body=body | FIELDS, stream=True, stream_cls=kind)
        async with stream:
            return await gather(stream, started)

    async def _within(self, seconds: float, work: Any) -> Any:
        try:
            async with asyncio.timeout(seconds):
                raw = await work
        except TimeoutError:
            reason = f"no answer within {seconds:g} s."
            raise Trouble(reason, again=True, overload=True, billed=True) from None
        except openai.APIStatusError as error:
            raise refused(error.status_code, error.body, error.response.headers) from None
        except (openai.APIConnectionError, _HTTP.HTTPError, aiohttp.ClientError, OSError) as error:
            raise _unreached(error) from None
        except openai.APIError as error:  # told in the middle of a stream
            raise refused(500, error.body, {}) from None
        except ValueError as error:
            raise unusable(f"no JSON ({one_line(str(error))}).") from None
        return _whole(raw)


def _decoded(answer: Any) -> object:
    """Return the body of an error: JSON where it is some, else its text."""
    try:
        return json.loads(answer.content)
    except ValueError:
        return answer.text


def _unreached(error: BaseException) -> Trouble:
    """Read a broken connection. One that was dropped without a word had most likely been idle for too long."""
    reason = f"no connection: {one_line(str(error.__cause__ or error) or type(error).__name__)}"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ServerDisconnectedError) or getattr(cause, "errno", None) in _DROPPED:
            return Trouble(reason, again=True, dropped=True, billed=True)
        cause = cause.__cause__
    return Trouble(reason, again=True, overload=True, billed=True)


def _whole(raw: Any) -> Any:
    """Return a decoded answer, unless it is an error that came with the status of a success."""
    if not isinstance(raw, Mapping):
        raise unusable("no JSON object.")
    error = raw.get("error")
    if error and not raw.get("choices"):
        code = error.get("code") if isinstance(error, Mapping) else None
        raise refused(code if isinstance(code, int) and 400 <= code < 600 else 500, raw, {})
    return raw
