"""Lets people in: who has signed in, or, before anybody can, this machine alone."""

import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.people import Account
from bot.site import Notice, PersonRole
from bot.web.cookies import Cookies, zone_of
from bot.web.languages import LANGUAGES
from bot.web.visitor import LOCAL, SESSION, VISIT, Choice, Visitor

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# What proxies add to what they pass on; no browser sends any of it by itself.
_FORWARDED: Final = (
    *("forwarded", "via", "x-forwarded-", "x-real-ip", "x-client-ip", "x-original-"),
    *("cf-", "true-client-ip", "fastly-", "x-envoy-", "x-amzn-", "x-azure-"),
)
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+))(?::[0-9]{1,5})?")
# So nginx passes on what it is not told anything about.
_OLD: Final = "1.0"
_REFUSAL: Final = (
    "The dashboard is only served to this machine until somebody can sign in. Make the first user "
    "with: followup users add NAME --role admin"
)


async def _nothing() -> Sequence[Notice]:
    return ()


class Guests(Protocol):
    """Knows who is signed in, see `bot.sessions`."""

    async def anybody(self) -> bool:
        """Whether there is anybody who could sign in."""
        ...

    async def find(self, secret: str) -> Account | None:
        """Whose session that is."""
        ...


@dataclass(frozen=True, slots=True)
class Gate:
    """What the guard goes by: `host` is where the server listens, `public` what all may see."""

    cookies: Cookies
    host: str
    guests: Guests
    public: Sequence[str] = ()
    notices: Callable[[], Awaitable[Sequence[Notice]]] = _nothing

    @property
    def takes_guests(self) -> bool:
        """Whether only this machine reaches the server, as far as the settings tell.

        Where there is a public address a proxy passes on what the whole world asks.
        """
        public = self.cookies.public_url
        return self.host in LOOPBACK and (
            public is None or _name(urlsplit(public).netloc) in LOOPBACK
        )

    async def visitor(self, request: Request) -> Visitor:
        """Who asks: somebody with a session, this machine before there is anybody, or a stranger.

        A session counts for what it says now: whoever was removed, or may do less, notices at once.
        """
        choice = self.cookies.choice(request)
        session = self.cookies.secret(request, SESSION)
        account = await self.guests.find(session) if session else None
        if session and account is not None:
            chosen = _chosen(account, choice)
            return Visitor(
                chosen,
                session,
                name=account.name,
                role=account.role,
                account=account.id,
            )
        secret = self.cookies.secret(request, VISIT)
        stranger = Visitor(choice, secret or secrets.token_urlsafe(32), met=bool(secret))
        if self.takes_guests and is_direct(request) and not await self.guests.anybody():
            return replace(stranger, name=LOCAL, role=PersonRole.ADMIN)
        return stranger

    async def refusal(self, request: Request, visitor: Visitor) -> Response | None:
        """What a stranger gets; None if they may pass. Raises HTTPException for programs."""
        path = request.url.path
        if visitor.person is not None or any(_is_under(path, each) for each in self.public):
            return None
        if not await self.guests.anybody():
            return PlainTextResponse(_REFUSAL, 403)
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            wanted = f"{path}?{request.url.query}" if request.url.query else path
            return RedirectResponse(f"/sign-in?next={quote(wanted, safe='')}", 303)
        raise HTTPException(401, "Sign in first.")


class Guard:
    """Finds out who asks, for the pages behind it; who may not is sent to the sign-in."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or refuse it."""
        if scope["type"] == "http":
            request = Request(scope)
            request.state.visitor = await self._gate.visitor(request)
            refusal = await self._gate.refusal(request, request.state.visitor)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            if "text/html" in request.headers.get("accept", ""):
                request.state.notices = await self._gate.notices()
        await self._app(scope, receive, send)


def is_direct(request: Request) -> bool:
    """Whether it comes by the loopback name, and through no proxy.

    The name is checked because a foreign page can point its own name at this machine.
    """
    if request.scope.get("http_version") == _OLD:
        return False
    proxied = any(header.startswith(_FORWARDED) for header in request.headers)
    return not proxied and _name(request.headers.get("host", "")) in LOOPBACK


def _name(host: str) -> str | None:
    """The name in "name:port"; none where there is no sense in it."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else None


def _is_under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _chosen(account: Account, choice: Choice) -> Choice:
    """What they chose, and where they chose nothing, what their browser prefers."""
    zone: ZoneInfo | None = zone_of(account.zone or "")
    return Choice(
        account.language if account.language in LANGUAGES else choice.language,
        zone or choice.zone,
        choice.theme if account.theme is None else account.theme,
    )
