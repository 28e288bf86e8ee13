"""The web channel of one account: HTTP in, server-sent events out."""

import asyncio
import hashlib
import logging
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.api import (
    Author,
    Channel,
    ChannelHost,
    Chat,
    ChatRef,
    Incoming,
    Message,
    NoChatError,
    SettingsError,
    validated,
)
from channels.web.assets import demo, widget
from channels.web.limits import Limits, WebLimits
from channels.web.origins import OriginGuard, origin, own_origins
from channels.web.problems import not_found, refused
from channels.web.shapes import NewMessage, NewVisitor, cursor, parsed, read_body, shown

if TYPE_CHECKING:
    from sse_starlette import JSONServerSentEvent

PAGE = 200
# News is a hint that may get lost, so a stream looks by itself now and then; not often, because
# each of a thousand does.
LOOK_AGAIN = timedelta(seconds=20)
HEARTBEAT = timedelta(seconds=15)
# Who takes nothing of what is sent for so long is gone, and does not know it.
STUCK = timedelta(seconds=30)
KNOWN = 100_000
"""So many visitors are remembered by a process: their messages are stored without a look first."""


class WebOptions(BaseModel):
    """The account's table in the settings; `origins` are the pages that may embed the widget."""

    model_config = ConfigDict(extra="forbid")

    origins: list[Annotated[str, AfterValidator(origin)]] = []
    limits: WebLimits = WebLimits()


class WebSender:
    """Sends nothing: visitors fetch what is stored, so storing a message delivers it."""

    async def send(self, chat: Chat, message: Message) -> str | None:
        """The stored message is the sent one; it needs no other id."""

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """Stored, so on its way to whoever looks."""
        return True

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """Always: visitors come and look."""
        return True


class WebAccount:
    """What visitors can ask of one account."""

    def __init__(self, account: str, host: ChannelHost, limits: Limits) -> None:
        self._account = account
        self._host = host
        self._limits = limits
        self._known: dict[str, int] = {}

    def routes(self) -> list[Route]:
        """The account's own paths."""
        return [
            Route("/visitors", self.visitors, methods=["POST"]),
            Route("/messages", self.messages, methods=["GET", "POST"]),
            Route("/events", self.events, methods=["GET"]),
        ]

    async def visitors(self, request: Request) -> Response:
        """Let somebody in; the token is all they will ever need, and only its hash is kept."""
        self._limits.enter(self._host.address(request), self._host.clock.now())
        visitor = parsed(await read_body(request), NewVisitor)
        token = secrets.token_urlsafe(32)
        chat = await self._host.receiver.open(self._ref(token), visitor.name)
        return _json({"token": token, "chat": str(chat.id)}, 201)

    async def messages(self, request: Request) -> Response:
        """What the client says, and a page of what was said."""
        return await (self._say(request) if request.method == "POST" else self._page(request))

    async def events(self, request: Request) -> Response:
        """What was said and what will be, for as long as somebody listens."""
        # It loads the web server, which a worker that only sends has no use for.
        from sse_starlette import EventSourceResponse  # noqa: PLC0415

        chat = await self._chat(request)
        after = cursor(request)
        self._limits.listen(chat.id)
        events = EventSourceResponse(
            self._follow(chat, after),
            ping=int(HEARTBEAT.total_seconds()),
            send_timeout=STUCK.total_seconds(),
        )
        return Counted(events, self._limits.line(chat.id))

    async def _say(self, request: Request) -> Response:
        self._limits.knock(self._host.address(request), self._host.clock.now())
        body = await read_body(request)
        ref = self._asked(request)
        self._limits.say(await self._key(ref), self._host.clock.now())
        said = parsed(body, NewMessage)
        incoming = Incoming(
            ref,
            said.id,
            Author.CLIENT,
            said.text,
            self._host.clock.now(),
            zone=said.zone,
            opens=False,
        )
        try:
            receipt = await self._host.receiver.receive(incoming)
        except NoChatError:
            self._known.pop(ref.address, None)
            raise _unknown() from None
        return _json(shown(receipt.message), 201 if receipt.new else 200)

    async def _page(self, request: Request) -> Response:
        chat = await self._chat(request)
        page = await self._host.chats.messages(chat.id, cursor(request), PAGE)
        return _json({"messages": [shown(message) for message in page]})

    async def _follow(self, chat: Chat, after: int) -> AsyncIterator["JSONServerSentEvent"]:
        from sse_starlette import JSONServerSentEvent  # noqa: PLC0415  as above

        with self._host.news.follow(chat.id) as news:
            while True:
                news.clear()
                page = await self._host.chats.messages(chat.id, after, PAGE)
                for message in page:
                    after = message.n
                    yield JSONServerSentEvent(shown(message), id=str(message.n))
                # What was said meanwhile is news already.
                if len(page) < PAGE:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(news.wait(), LOOK_AGAIN.total_seconds())

    async def _chat(self, request: Request) -> Chat:
        """The chat that the token opens. Raises HTTPException 401."""
        found = await self._host.chats.find(self._asked(request))
        if found is None:
            raise _unknown()
        return found

    async def _key(self, ref: ChatRef) -> int:
        """The chat's number, looked up once: storing a message looks anyway whether it is there.

        Raises HTTPException 401.
        """
        key = self._known.get(ref.address)
        if key is None:
            found = await self._host.chats.find(ref)
            if found is None:
                raise _unknown()
            key = self._known[ref.address] = found.id
            if len(self._known) > KNOWN:
                del self._known[next(iter(self._known))]
        return key

    def _asked(self, request: Request) -> ChatRef:
        """The address that the token stands for. Raises HTTPException 401."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unknown()
        return self._ref(token.strip())

    def _ref(self, token: str) -> ChatRef:
        return ChatRef(self._account, hashlib.sha256(token.encode()).hexdigest()[:40])


def _unknown() -> HTTPException:
    told = "The token is missing or unknown."
    return HTTPException(401, told, {"WWW-Authenticate": "Bearer"})


class Counted(Response):
    """A response that is counted for as long as it lasts."""

    def __init__(self, response: ASGIApp, count: AbstractContextManager[None]) -> None:
        self._response = response
        self._count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the response."""
        with self._count:
            await self._response(scope, receive, send)


class LastResort(Route):
    """A route that is taken only when no other fits, wherever it stands in the list."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Never more than a partial match, which the router keeps for the end."""
        match, child = super().matches(scope)
        return (Match.PARTIAL if match is Match.FULL else match), child


def channel(account: str, options: Mapping[str, object], host: ChannelHost) -> Channel:
    """One web account. Raises SettingsError."""
    where = f"channels.{account}"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", account):
        raise SettingsError(f"{where}: a web channel's name takes letters, digits, '-' and '_'")
    table = validated(WebOptions, options, where)
    # The library shows whole events, so clients' texts, at its debug level.
    logging.getLogger("sse_starlette.sse").setLevel(logging.INFO)
    return Channel(
        sender=WebSender(),
        routes=_routes(account, table, host),
        links={"Demo page": f"/web/{account}/demo"},
    )


def _routes(account: str, options: WebOptions, host: ChannelHost) -> list[BaseRoute]:
    routes = [*WebAccount(account, host, Limits(options.limits)).routes(), *demo(account)]
    app: ASGIApp = Router(routes, redirect_slashes=False)
    app = ExceptionMiddleware(app, {HTTPException: refused})
    app = OriginGuard(app, own_origins(host.public_url) | set(options.origins))
    return [
        widget(),
        Mount(f"/web/{account}", app),
        LastResort("/web/{rest:path}", not_found),
    ]


def _json(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status, {"Cache-Control": "no-store"})
