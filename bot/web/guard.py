"""Lets people in: who has signed in, or, before anybody can, this machine alone."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.site import PersonRole
from bot.web.cookies import Cookies
from bot.web.visitor import LOCAL, VISIT, Visitor

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")
_REFUSAL: Final = (
    "The dashboard is only served to this machine until somebody can sign in. Make the first user "
    "with: followup users add NAME --role admin"
)


@dataclass(frozen=True, slots=True)
class Gate:
    """What the guard goes by: `host` is where the server listens, `public` what all may see."""

    cookies: Cookies
    host: str
    public: Sequence[str] = ()


class Guard:
    """Finds out who asks, for the pages behind it; who may not is sent to the sign-in."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or refuse it."""
        if scope["type"] == "http":
            request = Request(scope)
            visitor = await self._visitor(request)
            request.state.visitor = visitor
            refusal = self._refusal(request, visitor)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _visitor(self, request: Request) -> Visitor:
        cookies = self._gate.cookies
        secret = cookies.secret(request, VISIT)
        found = Visitor(cookies.choice(request), secret or secrets.token_urlsafe(32), bool(secret))
        if self._is_local(request):
            return Visitor(found.choice, found.secret, found.met, LOCAL, PersonRole.ADMIN)
        return found

    def _refusal(self, request: Request, visitor: Visitor) -> Response | None:
        if visitor.person is not None or request.url.path.startswith(tuple(self._gate.public)):
            return None
        return PlainTextResponse(_REFUSAL, 403)

    def _is_local(self, request: Request) -> bool:
        """Whether it comes by the loopback name, and through no proxy.

        The name is checked because a foreign page can point its own name at this machine.
        """
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname
        proxied = any(header in request.headers for header in _FORWARDED)
        return self._gate.host in LOOPBACK and name in LOOPBACK and not proxied
