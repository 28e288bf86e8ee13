"""A whole business on Telegram on a moved clock: the application as `build` makes it, one driver,
and a Bot API on loopback."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn

from bot.app import Outside
from bot.model import Chat, ChatRef, Message
from bot.news import LocalNews
from config.settings import Settings
from tests.chaos.server import Chaos
from tests.story.world import World

TOKEN = "42:AAE_test-token_of_thirty-five_signs__"  # noqa: S105  a test's
SECRET = "a_Secret-1"  # noqa: S105
ADMIN, CLIENT = 900, "5"
PATIENCE = 20.0


def settings_on(
    base: str, chain: Sequence[dict[str, Any]], public: str, **options: Any
) -> Settings:
    """Anna with that chain on Telegram."""
    account = {"kind": "telegram", "employee": "anna", "token": TOKEN, "api_base": base}
    return Settings(
        web={"public_url": public},
        admins={"telegram": [ADMIN]},
        employees={"anna": {"name": "Anna", "followup": {"enabled": True, "steps": list(chain)}}},
        channels={"tg": account | options},
    )


@dataclass
class Shop(World):
    """Clients write by polling or webhook; whatever is due at once then runs."""

    chaos: Chaos = field(kw_only=True)
    public: str = field(kw_only=True)
    listening: asyncio.Task[None] | None = None
    http: httpx2.AsyncClient = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(11))

    def _outside(self, worker: str) -> Outside:
        return Outside(
            database_url=self.url,
            jobs=self.jobs,
            news=LocalNews(),
            clock=self.clock,
            worker=worker,
            throttle=self.throttle,
            model=self.model,
            public_url=self.public,
        )

    def update(self, text: str, who: int = 5, **more: Any) -> dict[str, Any]:
        person = {"id": who, "first_name": "Ann", "is_bot": False}
        chat = {"id": int(CLIENT), "type": "private", "first_name": "Ann"}
        date = int(self.clock.now().timestamp())
        message = {"message_id": next(self._numbers), "date": date, "chat": chat, "from": person}
        kind = "business_message" if "business_connection_id" in more else "message"
        return {kind: {**message, "text": text, **more}}

    async def client_writes(self, text: str = "Do you repair e-bikes?", **more: Any) -> None:
        await self.happens(self.update(text, **more))

    async def happens(self, *updates: Mapping[str, Any]) -> None:
        """The bot asks for these, and confirms them."""
        for update in updates:
            self.chaos.telegram.push(TOKEN, update)
        if self.listening is None:
            self.listen()
        await self.until_seen(lambda: not self.chaos.telegram.unconfirmed(TOKEN))
        await self.run()

    async def posted(self, update: Mapping[str, Any], secret: str = SECRET) -> int:
        """Telegram brings it by webhook."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        url = f"{self.public}/telegram/tg/webhook"
        answer = await self.http.post(url, json={"update_id": 1, **update}, headers=headers)
        await self.run()
        return answer.status_code

    def listen(self) -> None:
        listener = self.app.channels["tg"].listener
        assert listener is not None
        self.listening = asyncio.create_task(listener.listen(self.app.inbox))

    async def until_seen(self, done: Callable[[], object]) -> None:
        end = asyncio.get_running_loop().time() + PATIENCE
        while not done():
            if self.listening is not None and self.listening.done():
                self.listening.result()
            assert asyncio.get_running_loop().time() < end, "it never came"
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.01)

    async def chat(self, who: str = CLIENT) -> Chat:
        chat = await self.app.runtime.chats.find(ChatRef("tg", who))
        assert chat is not None
        return chat

    async def messages(self, who: str = CLIENT) -> Sequence[Message]:
        return await super().messages(who)

    async def states(self, who: str = CLIENT) -> list[str]:
        return await super().states(who)

    async def why(self, who: str = CLIENT) -> str:
        return await super().why(who)

    @property
    def heard(self) -> list[str]:
        """What the client read."""
        return [each.text for each in self.chaos.log.entries()]


@asynccontextmanager
async def open_for_business(shop: Shop, door: socket.socket) -> AsyncIterator[Shop]:
    """Its web server runs until the block ends, in this very loop: so does the database."""
    app = await shop.boot()
    config = uvicorn.Config(app.web, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([door]))
    async with httpx2.AsyncClient() as shop.http:
        try:
            yield shop
        finally:
            if shop.listening is not None:
                shop.listening.cancel()
                await asyncio.wait({shop.listening})
            server.should_exit = True
            await serving
            await shop.app.close()
