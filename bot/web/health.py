"""How a process is: for load balancers, for Prometheus, and for whoever is on call."""

import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass

from opentelemetry.trace import SpanKind
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.telemetry.meters import Meters
from bot.telemetry.readings import Readings
from bot.telemetry.tracing import span
from bot.web.guard import LOOPBACK, is_direct

_REFUSAL = "The measures are for this machine, or for whoever has the token: metrics.token."
_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
_AREAS = frozenset({"web", "static", "followup", "chats", "employees", "api", "telegram"})


@dataclass(frozen=True, slots=True)
class Health:
    """`/healthz`: it runs; `/readyz`: it can work; `/metrics`: for whoever has the token.

    Without a token the measures are for this machine alone.
    """

    readings: Readings
    meters: Meters
    token: SecretStr | None = None

    def routes(self) -> Sequence[BaseRoute]:
        """The three of them."""
        return (
            Route("/healthz", self._alive),
            Route("/readyz", self._ready),
            Route("/metrics", self._measures),
        )

    async def _alive(self, _request: Request) -> Response:
        return PlainTextResponse("ok")

    async def _ready(self, _request: Request) -> Response:
        health = await self.readings.health()
        ready = not any(health.values())
        parts = {part: fault or "ok" for part, fault in health.items()}
        return JSONResponse({"ready": ready, **parts}, 200 if ready else 503)

    async def _measures(self, request: Request) -> Response:
        if not self._may(request):
            return PlainTextResponse(_REFUSAL, 403)
        text = self.meters.text(await self.readings.measures())
        return Response(text, media_type=_FORMAT)

    def _may(self, request: Request) -> bool:
        if self.token is None:
            here = request.client is not None and request.client.host in LOOPBACK
            return here and is_direct(request)
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(
            given.encode(), f"Bearer {self.token.get_secret_value()}".encode()
        )


class Measured:
    """Times each request, and puts a span around it."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, streams = 500, False

        async def tell(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                streams = (b"content-type", b"text/event-stream") in _first_words(message)
            await send(message)

        area, method = _area(scope["path"]), _method(scope["method"])
        began = time.perf_counter()
        with span(f"{method} {area}", SpanKind.SERVER, area=area) as current:
            try:
                await self._app(scope, receive, tell)
            finally:
                current.set_attribute("http.response.status_code", status)
                if not streams:
                    took = time.perf_counter() - began
                    self._meters.requests.labels(area, method, f"{status // 100}xx").observe(took)


def _first_words(start: Message) -> list[tuple[bytes, bytes]]:
    return [(name.lower(), value.split(b";")[0]) for name, value in start.get("headers", ())]


def _area(path: str) -> str:
    """The first part of the path, if it is one of ours: a stranger makes no labels."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in _AREAS else "other"


def _method(method: str) -> str:
    return method if method in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} else "other"
