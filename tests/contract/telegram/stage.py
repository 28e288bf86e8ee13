"""One Telegram account on a real driver, against our own server; the runtime is a fake."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.api import Arrival, ChannelError
from bot.model import Author, Chat, ChatRef, Incoming, Message, Receipt
from bot.plugin import Channel, ChannelHost
from bot.testing import FakeClock
from channels.telegram import channel
from tests.chaos.server import Chaos

TOKEN = "42:AAE_test-token"  # noqa: S105 - of a server on loopback
SECRET = "a_Secret-1"  # noqa: S105
ADMIN = 900
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENCE = 20.0


@dataclass
class FakeRuntime:
    """Receiver, desk and reports: keeps what it is told."""

    said: dict[tuple[ChatRef, str], Incoming] = field(default_factory=dict)
    commands: list[tuple[Incoming, str | None]] = field(default_factory=list)
    gone: list[tuple[ChatRef, datetime]] = field(default_factory=list)
    moves: list[tuple[ChatRef, str]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    again: int = 0

    async def receive(self, incoming: Incoming) -> Receipt:
        if self.failures:
            raise self.failures.pop(0)
        key = (incoming.ref, incoming.id)
        new = key not in self.said
        self.again += not new
        self.said.setdefault(key, incoming)
        return Receipt(chat_at(incoming.ref.address), message(incoming.text), new)

    async def open(self, ref: ChatRef, name: str | None = None) -> Chat:
        return chat_at(ref.address)

    async def move(self, ref: ChatRef, address: str) -> None:
        self.moves.append((ref, address))

    async def take(self, incoming: Incoming, edits: str | None = None) -> bool:
        if incoming.sender != str(ADMIN) or not incoming.text.startswith("/followup"):
            return False
        self.commands.append((incoming, edits))
        return True

    async def arrived(self, account: str, message: int, arrival: Arrival) -> None:
        raise AssertionError("Telegram tells nothing like it")

    async def refused(self, account: str, message: int, error: ChannelError) -> None:
        raise AssertionError("Telegram tells nothing like it")

    async def unreachable(self, ref: ChatRef, at: datetime) -> None:
        self.gone.append((ref, at))

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.said.values()]


def chat_at(address: str, **more: Any) -> Chat:
    return Chat(1, ChatRef("tg", address), "anna", **more)


def message(text: str) -> Message:
    return Message(7, 1, 2, Author.EMPLOYEE, text, NOW)


@dataclass
class Stage:
    """`options` are added to the account's table."""

    chaos: Chaos
    driver: str
    options: dict[str, object] = field(default_factory=dict)
    runtime: FakeRuntime = field(default_factory=FakeRuntime)
    public_url: str = "https://bot.example"
    public: bool = True
    admins: tuple[str, ...] = (str(ADMIN),)
    _made: Channel | None = None
    _listening: asyncio.Task[None] | None = None
    _site: uvicorn.Server | None = None
    _serving: asyncio.Task[None] | None = None

    @property
    def telegram(self) -> Any:
        return self.chaos.telegram

    @property
    def channel(self) -> Channel:
        if self._made is None:
            table: dict[str, object] = {"token": TOKEN, "driver": self.driver}
            table |= {"api_base": self.chaos.url, **self.options}
            self._made = channel("tg", table, self._host())
        return self._made

    def _host(self) -> ChannelHost:
        runtime: Any = self.runtime
        nothing: Any = None
        return ChannelHost(
            employee="anna",
            clock=FakeClock(NOW),
            receiver=runtime,
            desk=runtime,
            reports=runtime,
            chats=nothing,
            news=nothing,
            public_url=self.public_url,
            public=self.public,
            admins=self.admins,
            commands={"followup": "Follow-up reminders"},
        )

    async def send(self, text: str, address: str = "5", **more: Any) -> str | None:
        return await self.channel.sender.send(chat_at(address, **more), message(text))

    @property
    def sent(self) -> list[Mapping[str, Any]]:
        """The fields of every sendMessage that was asked for."""
        return self.telegram.asked("sendMessage")

    @property
    def delivered(self) -> list[tuple[str, str]]:
        return [(each.chat, each.text) for each in self.chaos.log.entries()]

    def listen(self) -> None:
        assert self.channel.listener is not None
        runtime: Any = self.runtime
        self._listening = asyncio.create_task(self.channel.listener.listen(runtime))

    async def hears(self, *updates: Mapping[str, Any]) -> None:
        """These come, and are confirmed."""
        for update in updates:
            self.telegram.push(TOKEN, update)
        if self._listening is None:
            self.listen()
        await self.until(lambda: not self.telegram.unconfirmed(TOKEN))

    async def until(self, done: Callable[[], object]) -> None:
        """Both sides are real: look again and again."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while not done():
            if self._listening is not None and self._listening.done():
                self._listening.result()
            assert asyncio.get_running_loop().time() < end, "it never came"
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.01)

    async def opens(self) -> None:
        """The web server is there, and Telegram has been told where."""
        door = socket.create_server(("127.0.0.1", 0))
        self.public_url = f"http://127.0.0.1:{door.getsockname()[1]}"
        self.options |= {"mode": "webhook", "secret": SECRET}
        app = Starlette(routes=list(self.channel.routes))
        self._site = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        self._serving = asyncio.create_task(self._site.serve([door]))
        self.listen()
        await self.until(lambda: self.telegram._bots[TOKEN].hook)

    async def posts(self, update: Mapping[str, Any], secret: str | None = None) -> int:
        """Telegram brings it; the status that it gets."""
        return int(await asyncio.to_thread(self.telegram.post, TOKEN, update, secret))

    async def close(self) -> None:
        if self._site is not None and self._serving is not None:
            self._site.should_exit = True
            await self._serving
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        if self._made is not None and self._made.close is not None:
            await self._made.close()


async def probed(stage: Stage) -> list[str]:
    assert stage.channel.probe is not None
    return list(await stage.channel.probe())
