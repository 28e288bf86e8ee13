"""Businesses on Telegram, each with a Bot API, a database and a web server of its own."""

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.testing import FakeClock, FakeJobs, FakeModel
from tests.chaos.server import Chaos, serving
from tests.integration.telegram.shop import Shop, open_for_business, settings_on
from tests.story.words import sayings


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with serving(Chaos()) as chaos:
        chaos.dice.calm = True
        yield chaos


@pytest.fixture(params=["aiogram", "python-telegram-bot"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


Opened = Callable[..., Awaitable[Shop]]


@pytest.fixture
async def business(
    chaos: Chaos,
    driver: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Opened]:
    """Call it with a chain for a business; at the end nothing may have failed unnoticed."""
    monkeypatch.setattr("channels.telegram.waiting._FIRST", 0.01)
    async with AsyncExitStack() as stack:

        async def opened(chain: Sequence[dict[str, Any]], **options: Any) -> Shop:
            door = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            public = f"http://127.0.0.1:{door.getsockname()[1]}"
            base = options.pop("base", chaos.url)
            shop = Shop(
                settings=settings_on(base, chain, public, driver=driver, **options),
                url=f"sqlite:///{tmp_path}/shop.db",
                clock=FakeClock(),
                jobs=FakeJobs(),
                model=FakeModel(structured=sayings(), answers=["Yes, **we do**."]),
                chaos=chaos,
                public=public,
            )
            return await stack.enter_async_context(open_for_business(shop, door))

        yield opened
    faults = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert faults == []
