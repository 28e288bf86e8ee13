"""Businesses on WhatsApp, each with a Twilio, a database and a web server of its own."""

import importlib.util
import logging
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.testing import FakeClock, FakeJobs, FakeModel
from tests.chaos.server import Chaos, serving
from tests.story.words import sayings


@pytest.fixture(scope="session")
def businesses() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "whatsapp_business", Path(__file__).with_name("business.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with serving(Chaos()) as chaos:
        chaos.dice.calm = True
        yield chaos


Opened = Callable[..., Awaitable[Any]]


@pytest.fixture
async def business(
    businesses: ModuleType, chaos: Chaos, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Opened]:
    """Call it with a chain for a business; at the end no job may have failed unnoticed."""
    async with AsyncExitStack() as stack:

        async def opened(chain: Sequence[dict[str, Any]], **options: Any) -> Any:
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            public = f"http://127.0.0.1:{listening.getsockname()[1]}"
            chaos.twilio.token, chaos.twilio.tells = businesses.TOKEN, False
            world = businesses.Business(
                settings=businesses.settings_on(
                    options.pop("base", chaos.url), chain, public, **options
                ),
                url=f"sqlite:///{tmp_path}/{listening.getsockname()[1]}.db",
                clock=FakeClock(),
                jobs=FakeJobs(),
                model=FakeModel(structured=sayings(), answers=["Yes, we do."]),
                twilio=chaos.twilio,
                public=public,
            )
            chaos.twilio.clock = world.clock
            return await stack.enter_async_context(businesses.open_for_business(world, listening))

        yield opened
    faults = [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert faults == []
