"""Puts the routes of channels and plugins together; plugin pages are for this machine alone."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class LocalOnly:
    """Lets in only who asks this machine by its loopback name, and through no proxy.

    Conversations are shown here and there is no sign-in yet. The name is checked because a
    foreign page can point its own name at this machine.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._bound_locally = host in LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or refuse it."""
        if scope["type"] == "http" and not self._is_local(Request(scope)):
            refusal = PlainTextResponse(
                "The dashboard is only served to this machine: bind web.host to 127.0.0.1 and "
                "open it by that address, not through a proxy.",
                status_code=403,
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_local(self, request: Request) -> bool:
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname
        proxied = any(header in request.headers for header in _FORWARDED)
        return self._bound_locally and name in LOOPBACK and not proxied


def web_app(
    channels: Iterable[BaseRoute], plugins: Sequence[BaseRoute], start: str | None, host: str
) -> Starlette:
    """The whole site; `start` is the page that `/` leads to."""
    routes: list[BaseRoute] = [Route("/healthz", _healthy), *_distinct(channels)]
    if start is not None:
        routes.append(Route("/", lambda _request: RedirectResponse(start)))
    routes.append(Mount("", routes=plugins, middleware=[Middleware(LocalOnly, host=host)]))
    handlers = {HTTPException: _refused, OperationalError: _overloaded}
    return Starlette(routes=routes, exception_handlers=handlers)


def _distinct(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Accounts of one kind may bring the same path; the first one serves it."""
    paths: dict[object, BaseRoute] = {}
    for route in routes:
        paths.setdefault(getattr(route, "path", route), route)
    return list(paths.values())


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _overloaded(_request: Request, error: Exception) -> Response:
    """The database is locked, full or away: nothing was stored, and the sender should try again."""
    log.error("the database failed: %s", type(error).__name__)
    return _problem(503, "Nothing was stored; try again.", {"Retry-After": "5"})


def _problem(status: int, detail: str, headers: Mapping[str, str] | None) -> Response:
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(problem, status, headers, media_type="application/problem+json")


async def _refused(request: Request, error: Exception) -> Response:
    """Pages for people, problems for programs."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else "Something went wrong."
    headers = error.headers if isinstance(error, HTTPException) else None
    if "text/html" in request.headers.get("accept", ""):
        return PlainTextResponse(detail, status, headers)
    return _problem(status, detail, headers)
