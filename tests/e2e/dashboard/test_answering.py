"""A manager answers a visitor of the web chat, and hands the chat back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.testing import FakeClock, FakeJobs
from tests.e2e.axe import faults
from tests.e2e.conftest import bound, serving
from tests.story.words import settings_of, steps
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[World]:
    url = f"sqlite:///{tmp_path}/shop.db"
    yield World(settings_of(steps("4h")), url, FakeClock(), FakeJobs(), model=None)


@pytest_asyncio.fixture(loop_scope="session")
async def address(world: World) -> AsyncIterator[str]:
    """The widget talks to the address that the settings name, and to no other."""
    listening = bound()
    world.public_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    await world.boot()
    async with serving(world.app.web, listening) as address:
        yield address
    await world.app.close()


async def test_a_manager_answers_the_widget_shows_it_and_the_chat_is_handed_back(
    world: World, desk: Any, address: str
) -> None:
    visitor = await desk.context.new_page()
    await visitor.goto(f"{address}/web/site/demo")
    await visitor.get_by_role("button", name="Open chat").click()
    await visitor.get_by_role("textbox").fill("Do you have a blue one?")
    await visitor.keyboard.press("Enter")
    chat = visitor.get_by_role("log")
    await expect(chat).to_contain_text("blue one")
    await expect(chat.locator(".client.sent")).to_have_count(1)
    page = await desk.open("/followup/chats/1")
    await expect(page.locator("#live")).to_have_text("Live")

    await page.get_by_label("Answer as a colleague").fill("Yes, I keep it for you. Kim")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await expect(page.locator(".holder")).to_contain_text("A colleague has the chat since")
    await expect(chat.locator(".said.employee").last).to_contain_text("Yes, I keep it for you.")
    await expect(chat.locator(".meta .human")).to_have_text("A human colleague")
    await visitor.get_by_role("textbox").fill("Thank you, Kim!")
    await visitor.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Thank you, Kim!")
    await world.run()
    assert len(world.sender.sent) == 1
    await page.get_by_role("button", name="Hand back to the employee").click()
    await expect(page.locator(".holder")).to_have_text("The employee has the chat.")
    assert await faults(page) == []
    assert desk.complaints == []
