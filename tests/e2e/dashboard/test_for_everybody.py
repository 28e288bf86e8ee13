"""Every page of lists and conversations for everybody: axe, in each of the modes."""

from typing import Any

import pytest
from playwright.async_api import Browser

from bot.errors import ChatUnreachableError
from tests.e2e.axe import MODES, faults, looks
from tests.e2e.dashboard.test_lists import PAGES, three
from tests.story.words import step
from tests.story.world import World

NUMBERS = "/followup/numbers"

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("mode", MODES)
async def test_axe_finds_nothing_in_lists_and_conversations(
    world: World, browser: Browser, address: str, mode: str
) -> None:
    empty = await looks(browser, address, (*PAGES[:3], NUMBERS), mode=mode)
    await three(world)
    world.sender.before.append(ChatUnreachableError("blocked"))
    await world.wait("5h")
    await world.pause("b")
    compared = step("s1", "4h", instruction_b="Offer a free test ride.")
    await world.save(None, followup={"steps": [compared], "hold_out": 10})

    full = await looks(browser, address, (*PAGES, NUMBERS), mode=mode)

    assert {path: found for path, found in empty.items() if found} == {}
    assert {path: found for path, found in full.items() if found} == {}


async def test_axe_finds_nothing_where_erasing_was_refused(world: World, desk: Any) -> None:
    await three(world)
    page = await desk.open("/followup/chats/1")
    await page.locator("summary").click()
    await page.locator("input[name=name]").fill("Somebody else")

    await page.get_by_role("button", name="Erase for good").click()

    assert await page.get_by_role("alert").count() == 1
    assert await faults(page) == []
