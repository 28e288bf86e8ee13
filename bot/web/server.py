"""Puts the routes of channels and plugins together; pages are behind the guard."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from asgi_correlation_id import CorrelationIdMiddleware
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.web.guard import Gate, Guard
from bot.web.health import Health, Measured
from bot.web.languages import LOOK
from bot.web.patience import Patience

log = logging.getLogger(__name__)

# The last per cent cost as much time as all the rest.
_LEVEL = 5

Framed = Callable[[Request, int, str], Response]


def web_app(
    channels: Iterable[BaseRoute],
    pages: Sequence[BaseRoute],
    start: str | None,
    gate: Gate,
    *,
    health: Health,
    problem: Framed | None = None,
) -> Starlette:
    """The whole site; `start` is the page that `/` leads to, `problem` makes pages of refusals."""
    routes: list[BaseRoute] = [*health.routes(), *_distinct(channels), _look()]
    if start is not None:
        routes.append(Route("/", lambda _request: RedirectResponse(start)))
    zipped = Middleware(GZipMiddleware, compresslevel=_LEVEL)
    routes.append(Mount("", routes=pages, middleware=[zipped, Middleware(Guard, gate=gate)]))
    handlers: Mapping[Any, Any] = {
        HTTPException: partial(_refused, problem),
        OperationalError: _overloaded,
    }
    return Starlette(
        routes=routes,
        exception_handlers=handlers,
        middleware=[
            Middleware(CorrelationIdMiddleware, header_name="X-Request-ID"),
            Middleware(Measured, meters=health.meters),
            Middleware(Patience),
        ],
    )


def health_app(health: Health) -> Starlette:
    """What a process without pages serves to those who look after it."""
    handlers: Mapping[Any, Any] = {HTTPException: partial(_refused, None)}
    return Starlette(routes=[*health.routes()], exception_handlers=handlers)


def _look() -> Mount:
    """What the frame of all pages needs of the browser; the same for everybody."""
    files = StaticFiles(packages=[(LOOK, "static")])
    return Mount("/static", files, middleware=[Middleware(GZipMiddleware)])


def _distinct(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Accounts of one kind may bring the same path; the first one serves it."""
    paths: dict[object, BaseRoute] = {}
    for route in routes:
        paths.setdefault(getattr(route, "path", route), route)
    return list(paths.values())


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


async def _refused(framed: Framed | None, request: Request, error: Exception) -> Response:
    """Pages for people, problems for programs."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else "Something went wrong."
    headers = error.headers if isinstance(error, HTTPException) else None
    if "text/html" in request.headers.get("accept", ""):
        if framed is not None and hasattr(request.state, "visitor"):
            page = framed(request, status, detail)
            page.headers.update(headers or {})
            return page
        return PlainTextResponse(detail, status, headers)
    return _problem(status, detail, headers)
