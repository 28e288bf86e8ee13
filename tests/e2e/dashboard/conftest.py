"""A shop with an employee and clients, behind a real server, and browsers that look at it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from bot.testing import FakeClock, FakeJobs
from tests.e2e.conftest import bound, serving
from tests.story.words import settings_of, steps, weekdays
from tests.story.world import World

_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""


@dataclass
class Desk:
    """A browser at the dashboard; `complaints` is what it found wrong with pages."""

    address: str
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str = "/followup") -> Page:
        await self.context.add_init_script(_WATCH)
        page = await self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: m.type == "error" and self.complaints.append(m.text))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        await page.goto(self.address + path)
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Anna with two steps, who works from nine to six."""
    settings = settings_of(
        steps("4h", "24h"), working_hours=weekdays("09:00-18:00"), timezone="Europe/Berlin"
    )
    url = f"sqlite:///{tmp_path}/shop.db"
    world = World(settings, url, FakeClock(), FakeJobs(), model=None)
    await world.boot()
    yield world
    await world.app.close()


@pytest_asyncio.fixture(loop_scope="session")
async def address(world: World) -> AsyncIterator[str]:
    async with serving(world.app.web, bound()) as address:
        yield address


@pytest_asyncio.fixture(loop_scope="session")
async def desks(browser: Browser, address: str) -> AsyncIterator[Any]:
    """Makes browsers; they go before the server, so that no stream holds it up."""
    made: list[BrowserContext] = []

    async def desks(**options: Any) -> Desk:
        made.append(await browser.new_context(**{"timezone_id": "Europe/Berlin", **options}))
        return Desk(address, made[-1])

    yield desks
    for context in made:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(desks: Any) -> Desk:
    return await desks()
