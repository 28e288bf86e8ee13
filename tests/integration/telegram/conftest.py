"""Shops on Telegram: the whole application on a moved clock, and the network on loopback."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.app import Outside
from bot.model import Chat, ChatRef, Message
from bot.news import LocalNews
from bot.testing import FakeClock, FakeJobs, FakeModel
from config.settings import Settings
from tests.chaos.server import Chaos, serving
from tests.contract.telegram.updates import person, private
from tests.story.words import say
from tests.story.world import World

TOKEN = "42:AAE_test-token"  # noqa: S105  of a server on loopback
ADMIN = 900
PATIENCE = 20.0


@dataclass
class Shop(World):
    """Updates come by long polling, and what is sent goes out over HTTP."""

    chaos: Chaos = field(kw_only=True)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(11))
    _listening: list[asyncio.Task[None]] = field(default_factory=list)

    def _outside(self, worker: str) -> Outside:
        return Outside(
            database_url=self.url,
            jobs=self.jobs,
            news=LocalNews(),
            clock=self.clock,
            worker=worker,
            model=self.model,
            throttle=self.throttle,
        )

    async def open(self) -> None:
        await self.boot()
        listener = self.app.channels["tg"].listener
        assert listener is not None
        self._listening = [asyncio.create_task(listener.listen(self.app.inbox))]

    async def close(self) -> None:
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        await self.app.close()

    async def hears(self, *updates: dict[str, Any]) -> None:
        """These are stored and confirmed; then whatever runs at once runs."""
        for update in updates:
            self.chaos.telegram.push(TOKEN, update)
        end = asyncio.get_running_loop().time() + PATIENCE
        while self.chaos.telegram.unconfirmed(TOKEN):
            assert asyncio.get_running_loop().time() < end, "it was never confirmed"
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        await self.run()

    async def writes(self, text: str, who: int = 5) -> None:
        await self.hears(self.message(text, who))

    def message(self, text: str, who: int = 5) -> dict[str, Any]:
        date = int(self.clock.now().timestamp())
        number = next(self._numbers)
        about = {"chat": private(who), "from": person(who), "date": date, "text": text}
        return {"message": {"message_id": number, **about}}

    def delivered(self, who: int = 5) -> list[str]:
        """What that person got, in order."""
        return [each.text for each in self.chaos.log.entries() if each.chat == str(who)]

    async def chat(self, who: str = "5") -> Chat:
        chat = await self.app.runtime.chats.find(ChatRef("tg", who))
        assert chat is not None
        return chat

    async def why(self, who: str = "5") -> str:
        return await super().why(who)

    async def states(self, who: str = "5") -> list[str]:
        return await super().states(who)

    async def messages(self, who: str = "5") -> Sequence[Message]:
        return await super().messages(who)


Opened = Callable[..., Awaitable[Shop]]


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with serving(Chaos()) as chaos:
        chaos.dice.calm = True
        yield chaos


@pytest.fixture(params=["aiogram", "python-telegram-bot"])
async def shop(
    request: pytest.FixtureRequest,
    chaos: Chaos,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Opened]:
    """Call it with a chain for a shop; at the end no job may have failed unnoticed."""
    monkeypatch.setattr("channels.telegram.waiting._FIRST", 0.01)
    made: list[Shop] = []

    async def opened(chain: Sequence[dict[str, Any]], **options: Any) -> Shop:
        account = {"kind": "telegram", "employee": "anna", "token": TOKEN}
        account |= {"driver": request.param, "api_base": chaos.url, **options}
        settings = Settings(
            admins={"telegram": [ADMIN]},
            employees={"anna": {"followup": {"enabled": True, "steps": list(chain)}}},
            channels={"tg": account},
        )
        said = [say("First?"), say("Second?"), say("Third?")]
        shop = Shop(
            settings,
            f"sqlite:///{tmp_path}/shop.db",
            FakeClock(),
            FakeJobs(),
            FakeModel(structured=said, answers=["Yes, **we** do."]),
            chaos=chaos,
        )
        made.append(shop)
        await shop.open()
        return shop

    yield opened
    for each in made:
        await each.close()
    faults = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert faults == []
