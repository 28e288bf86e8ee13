"""The main job, as a person sees it: the demo page, an answer, silence, reminders, a reply."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.running import Place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.redis,
    pytest.mark.asyncio(loop_scope="session"),
]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


async def test_a_person_writes_falls_silent_is_reminded_and_writes_again(
    place: Place, browser: Browser
) -> None:
    place.settings("3s", "3s", "3s")
    base = place.start().base
    context = await browser.new_context()
    page, dashboard = await context.new_page(), await context.new_page()
    await page.goto(f"{base}/web/site/demo")
    chat = page.get_by_role("log")

    await page.get_by_role("button", name="Open chat").click()
    await page.get_by_role("textbox").fill("Do you have a blue city bike?")
    await page.keyboard.press("Enter")
    await expect(chat).to_contain_text("You wrote: “Do you have a blue city bike?”")
    await dashboard.goto(f"{base}/followup")
    await dashboard.get_by_role("link", name="Visitor 1, site").click()
    await expect(dashboard.get_by_role("log")).to_contain_text("Next:")
    for number in (1, 2, 3):
        await expect(chat).to_contain_text(f"reminder {number} of 3", timeout=60_000)
    await dashboard.reload()
    await expect(dashboard.get_by_role("main")).to_contain_text("all steps are done")

    await page.get_by_role("textbox").fill("Yes, I am here")
    await page.keyboard.press("Enter")
    again = chat.get_by_text("You last wrote: “Yes, I am here”.")
    await expect(again.first).to_be_visible(timeout=60_000)
    assert len(place.rows("SELECT 1 FROM followup_reminders WHERE state = 'sent'")) >= 4
    await context.close()
