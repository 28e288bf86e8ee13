"""A newcomer's path: from the first start to a step of one's own that is seen in the list."""

import asyncio
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.running import Place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.redis,
    pytest.mark.asyncio(loop_scope="session"),
]

UNDER_THREE_MINUTES = 180
MINE = "Ask whether a test ride on Saturday would suit."


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """What `make run` starts, on any free port."""
    place = Place(tmp_path)
    demo = (files("config") / "demo.toml").read_text(encoding="utf-8")
    (tmp_path / "bot.toml").write_text(f"{demo}\n[web]\nport = 0\n", encoding="utf-8")
    yield place
    place.close()


async def test_from_the_first_start_to_the_first_own_step_in_the_list(
    place: Place, browser: Browser
) -> None:
    context = await browser.new_context()
    async with asyncio.timeout(UNDER_THREE_MINUTES):
        base = (await asyncio.to_thread(place.start)).base
        page = await context.new_page()
        await page.goto(base)
        await add_a_step(page)
        await write_as_a_client(await context.new_page(), base)

        await page.get_by_role("link", name="See who waits").click()
        await expect(page.get_by_role("main")).to_contain_text("Visitor 1, site")
        await expect(page.get_by_role("main")).to_contain_text("step 1 of 4")
        await page.get_by_role("link", name="Visitor 1, site").click()
        await expect(page.get_by_role("main")).to_contain_text(MINE)
    await context.close()


async def add_a_step(page: Page) -> None:
    """The five steps of the set-up: employee, tab, switch, step, save."""
    await page.get_by_role("link", name="Employees").click()
    await page.get_by_role("link", name="Anna").click()
    await page.get_by_role("main").get_by_role("link", name="Auto Follow-up").click()
    await expect(page.get_by_role("switch", name="Enable Auto Follow-up")).to_be_checked()
    await page.get_by_role("button", name="Add step").click()
    await page.get_by_label("Minutes (MIN)").last.fill("30")
    await page.get_by_label("Message instruction").last.fill(MINE)
    for place in (4, 3, 2):
        await page.get_by_role("button", name=f"Up, step {place}").click()
        await expect(
            page.get_by_role("group", name=f"Step {place - 1}", exact=True)
        ).to_contain_text(MINE)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved.")


async def write_as_a_client(page: Page, base: str) -> None:
    """In the chat of the demo page; then silence."""
    await page.goto(f"{base}/web/site/demo")
    await page.get_by_role("button", name="Open chat").click()
    await page.get_by_role("textbox").fill("Do you have a blue city bike?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text(
        "You wrote: “Do you have a blue city bike?”"
    )
