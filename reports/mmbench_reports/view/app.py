"""The pages of ``mmbench view``: for this machine only, and only with the token that was printed."""

import hmac
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mmbench.errors import MMBenchError
from mmbench_reports.html import asset, environment
from mmbench_reports.view.library import PAGE, Library, Sheet
from mmbench_reports.view.live import Standing, standings
from mmbench_reports.view.overview import overview_of
from mmbench_reports.view.search import ORDERS, Query

COOKIE = "mmbench-view"
_KINDS = {"css": "text/css", "js": "text/javascript"}
_ASSETS = ("report.css", "view.css", "theme.js", "report.js", "browsing.js", "view.js")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; media-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def application(library: Library, token: str) -> Starlette:
    """Make the server's application.

    Args:
        library: the runs.
        token: must come with the first request as ``?token=``; a cookie carries it from then on.
    """
    pages = Pages(library)
    routes = [
        Route("/", pages.home),
        Route("/samples", pages.samples),
        Route("/live", pages.live),
        Route("/assets/{name}", pages.asset),
    ]
    guards = [
        Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
        Middleware(Guard, token=token),
    ]
    return Starlette(routes=routes, middleware=guards, exception_handlers={MMBenchError: _told})


class Guard(BaseHTTPMiddleware):
    """Lets nobody in without the token, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        super().__init__(app)
        self._token = token

    async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Check the token."""
        given = request.query_params.get("token")
        if given is not None and request.url.path == "/" and self._fits(given):
            response: Response = RedirectResponse("/", status_code=303)
            response.set_cookie(COOKIE, self._token, httponly=True, samesite="strict")
        elif self._fits(request.cookies.get(COOKIE, "")):
            response = await call_next(request)
        else:
            message = "This needs the address that 'mmbench view' printed, with its token."
            response = PlainTextResponse(message, status_code=403)
        response.headers.update(_HEADERS)
        return response

    def _fits(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


class Pages:
    """One method an address. They are plain functions, so that the server runs them in threads."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def home(self, _: Request) -> Response:
        """Return the page itself; it asks for its samples."""
        self._library = self._library.renewed()
        page = overview_of(self._library.columns)
        live = standings(self._library.columns)
        return HTMLResponse(_rendered("view/page.html.j2", page=page, standings=live, is_live=_is_live(live)))

    def samples(self, request: Request) -> Response:
        """Return a page of samples, and how far the search is."""
        asked = request.query_params
        places = self._library.places
        task = _number(asked.get("task", ""), len(places) - 1) or 0
        model = _number(asked.get("model", ""), len(self._library.columns) - 1)
        query = Query(
            words=asked.get("words", ""),
            slice=asked.get("slice", ""),
            model=model,
            outcome=asked.get("outcome", ""),
            order=ORDERS.get(asked.get("order", ""), ""),
        )
        page = _number(asked.get("page", ""), 10**9) or 0
        sheet = self._library.sheet(places[task], query, page, asked.get("at", ""))
        return JSONResponse(self._answer(sheet, task))

    def live(self, _: Request) -> Response:
        """Return how unfinished runs stand."""
        live = standings(self._library.columns)
        return JSONResponse({"html": _rendered("view/live.html.j2", standings=live), "live": _is_live(live)})

    def asset(self, request: Request) -> Response:
        """Return one of our own styles and scripts."""
        name = request.path_params["name"]
        if name not in _ASSETS:
            return PlainTextResponse("there is no such file", status_code=404)
        return Response(asset(name), media_type=_KINDS[name.rpartition(".")[2]])

    def _answer(self, sheet: Sheet, task: int) -> dict[str, object]:
        page = {"several": len(self._library.columns) > 1}
        return {
            "html": _rendered("view/cards.html.j2", cards=sheet.cards, page=page, task=task),
            "size": PAGE,
            "total": sheet.total,
            "page": sheet.number,
            "lookedThrough": sheet.looked_through,
            "candidates": sheet.candidates,
            "indexed": sheet.is_indexed,
            "done": sheet.is_done,
            "slices": sheet.slices,
        }


def _rendered(template: str, **values: object) -> str:
    return environment().get_template(template).render(**values)


def _is_live(live: list[Standing]) -> bool:
    return any(standing.is_running for standing in live)


def _number(text: str, most: int) -> int | None:
    return min(int(text), most) if text.isdecimal() and len(text) < 12 else None


def _told(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422)
