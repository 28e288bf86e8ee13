"""An in-memory runtime for the web channel, and a server of it: `python world.py PORT`."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.api import (
    Author,
    Channel,
    ChannelHost,
    Chat,
    ChatRef,
    Delivery,
    Incoming,
    Message,
    NoChatError,
    Receipt,
)
from bot.testing import FakeDesk, FakeReports
from channels.web import channel


class MovedClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, by: timedelta) -> None:
        self.moment += by


class World:
    """Receiver, Chats and News at once; `voice` answers what clients write, if there is one."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.chats: dict[ChatRef, Chat] = {}
        self.said: dict[int, list[Message]] = {}
        self.followers: dict[int, set[asyncio.Event]] = {}
        self.voice: Callable[[str], str] | None = None
        self.silent_news = False
        self.zones: list[str | None] = []

    def channel(self, account: str = "site", **options: object) -> Channel:
        return channel(account, options, self.host())

    def host(self, public_url: str = "http://127.0.0.1:8080") -> ChannelHost:
        return ChannelHost(
            "anna", self.clock, self, FakeDesk(), FakeReports(), self, self, public_url
        )

    async def open(self, ref: ChatRef, name: str | None = None) -> Chat:
        if ref not in self.chats:
            self.chats[ref] = Chat(len(self.chats) + 1, ref, "anna", name)
            self.said[self.chats[ref].id] = []
        return self.chats[ref]

    async def receive(self, incoming: Incoming) -> Receipt:
        if incoming.ref not in self.chats and not incoming.opens:
            raise NoChatError("nobody")
        chat = await self.open(incoming.ref, incoming.name)
        for known in self.said[chat.id]:
            if known.external_id == incoming.id:
                return Receipt(chat, known, new=False)
        self.zones.append(incoming.zone)
        message = self.say(chat.id, incoming.text, incoming.author, incoming.id)
        if self.voice is not None:
            self.say(chat.id, self.voice(incoming.text))
        return Receipt(chat, message, new=True)

    def say(
        self,
        chat: int,
        text: str,
        author: Author = Author.EMPLOYEE,
        external_id: str | None = None,
    ) -> Message:
        n = len(self.said[chat]) + 1
        message = Message(chat * 1000 + n, chat, n, author, text, self.clock.now(), external_id)
        self.said[chat].append(message)
        if not self.silent_news:
            self.publish(chat)
        return message

    def deliver(self, message: Message, delivery: Delivery) -> None:
        self.said[message.chat][message.n - 1] = replace(message, delivery=delivery)

    def wipe(self) -> None:
        self.chats.clear()
        self.said.clear()

    async def find(self, ref: ChatRef) -> Chat | None:
        return self.chats.get(ref)

    async def messages(self, chat: int, after: int = 0, limit: int = 200) -> Sequence[Message]:
        arrived = [m for m in self.said.get(chat, ()) if m.delivery is not Delivery.FAILED]
        return [message for message in arrived if message.n > after][:limit]

    async def latest(self, chat: int, limit: int) -> Sequence[Message]:
        return (await self.messages(chat, limit=sys.maxsize))[-limit:]

    def publish(self, chat: int) -> None:
        for follower in self.followers.get(chat, ()):
            follower.set()

    @contextmanager
    def follow(self, chat: int) -> Iterator[asyncio.Event]:
        news = asyncio.Event()
        self.followers.setdefault(chat, set()).add(news)
        try:
            yield news
        finally:
            self.followers[chat].remove(news)


def app(*channels: Channel) -> Starlette:
    """The web app as the runtime builds it: of equal paths the first is taken."""
    routes: dict[object, BaseRoute] = {}
    for each in channels:
        for route in each.routes:
            routes.setdefault(getattr(route, "path", route), route)
    return Starlette(routes=list(routes.values()))


def client(served: Starlette) -> httpx2.AsyncClient:
    """A client of the app, without a server between."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=served), base_url="http://127.0.0.1:8080"
    )


def main(port: int) -> None:
    world = World()
    world.voice = lambda text: f"You said: {text}"
    host = world.host(f"http://127.0.0.1:{port}")
    uvicorn.run(app(channel("site", {}, host)), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
