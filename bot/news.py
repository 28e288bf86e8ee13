"""Tells whoever looks at a chat that something new was said there. A hint: it may get lost."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from bot.ports import EVERY_CHAT
from bot.redis_link import OUTAGE, longer, rest

log = logging.getLogger(__name__)

_CHANNEL = "followup:news"
# Beyond this many chats nobody hears of each: their pages look again by themselves.
_ROOM = 10_000


class LocalNews:
    """News within one process; used from its event loop only."""

    def __init__(self) -> None:
        self._events: dict[int, set[asyncio.Event]] = {}

    def publish(self, chat: int) -> None:
        """As `ports.News.publish`."""
        for key in (chat, EVERY_CHAT):
            for event in self._events.get(key, ()):
                event.set()

    def publish_all(self) -> None:
        """Have everybody look again: some news may have been missed."""
        for chat in self._events:
            self.publish(chat)

    @contextmanager
    def follow(self, chat: int) -> Iterator[asyncio.Event]:
        """As `ports.News.follow`."""
        event = asyncio.Event()
        self._events.setdefault(chat, set()).add(event)
        try:
            yield event
        finally:
            self._events[chat].discard(event)
            if not self._events[chat]:
                del self._events[chat]


class RedisNews:
    """News over all processes that share a Redis; without it, within this process still.

    `run` must be running for news to leave and arrive; the client is closed at its end.
    """

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._local = LocalNews()
        self._origin = uuid4().hex
        self._leaving: dict[int, None] = {}
        self._news = asyncio.Event()

    def publish(self, chat: int) -> None:
        """As `ports.News.publish`; those in this process hear it at once."""
        self._local.publish(chat)
        if len(self._leaving) < _ROOM:
            self._leaving[chat] = None
            self._news.set()

    @contextmanager
    def follow(self, chat: int) -> Iterator[asyncio.Event]:
        """As `ports.News.follow`."""
        with self._local.follow(chat) as event:
            yield event

    async def run(self) -> None:
        """Carry news until cancelled, through any outage of Redis."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear())
                group.create_task(self._tell())
        finally:
            await self._redis.aclose()

    async def _hear(self) -> None:
        pause = 0.0
        while True:
            try:
                async with self._redis.pubsub() as radio:
                    await radio.subscribe(_CHANNEL)
                    if pause:
                        log.info("news from other processes arrive again")
                        pause = 0.0
                    await self._listen(radio)
            except OUTAGE as error:
                if not pause:
                    log.warning("no news from other processes (%s)", type(error).__name__)
                pause = longer(pause)
                await rest(pause)

    async def _listen(self, radio: PubSub) -> None:
        while True:
            # None after the timeout; a quiet line is asked whether it is still there.
            message = await radio.get_message(timeout=10)
            if message is None:
                await radio.ping()
            elif message["type"] == "subscribe":
                # Also after a reconnection, which the client makes by itself.
                self._local.publish_all()
            elif message["type"] == "message":
                self._arrived(message["data"])

    def _arrived(self, payload: bytes) -> None:
        origin, _, chat = payload.decode(errors="replace").partition(":")
        if origin != self._origin and chat.isdecimal():
            self._local.publish(int(chat))

    async def _tell(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            leaving, self._leaving = self._leaving, {}
            try:
                async with self._redis.pipeline(transaction=False) as pipe:
                    for chat in leaving:
                        _ = pipe.publish(_CHANNEL, f"{self._origin}:{chat}")
                    await pipe.execute()
            except OUTAGE as error:
                # `_hear` warns of the outage.
                log.debug("news lost (%s)", type(error).__name__)
                await rest(0.25)
