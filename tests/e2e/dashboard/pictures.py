"""`python -m tests.e2e.dashboard.pictures`: makes docs/images/dashboard-*.png anew."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from bot.ports import Ailment
from tests.e2e.chromium import ensure
from tests.e2e.conftest import FLAGS, bound, serving
from tests.e2e.crowd import busy_week, crowd
from tests.e2e.dashboard.people_pictures import people_pictures, seen
from tests.story.world import World

IMAGES = Path(__file__).parents[3] / "docs" / "images"
TAB = "/employees/anna/followup"
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "list": ("/followup", {}),
    "search": ("/followup?q=an", {"color_scheme": "dark"}),
    "attention": ("/followup?view=attention", {}),
    "chats": ("/chats", {}),
    "held": ("/chats?view=held", {}),
    "stopped": ("/followup/stopped", {}),
    "conversation": ("/followup/chats/1", {}),
    "phone": ("/followup", {"viewport": {"width": 390, "height": 720}}),
    "employee-list": ("/employees", {}),
    "employee-tab": (TAB, {}),
    "employee-phone": (TAB, {"viewport": {"width": 390, "height": 720}}),
    "employee-persona": ("/employees/anna/persona", {}),
    "employee-hours": ("/employees/anna/hours", {}),
    "employee-channels": ("/employees/anna/channels", {}),
    "employee-history": (f"{TAB}/history", {}),
}


async def main() -> None:
    """A shop in the middle of its week, one picture of each page."""
    with tempfile.TemporaryDirectory() as folder:
        world = crowd(Path(folder))
        world.look = seen
        await world.boot()
        await busy_week(world)
        async with serving(world.app.web, bound()) as address, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=ensure(), args=FLAGS)
            await change(browser, address + TAB)
            for name, (path, options) in PICTURES.items():
                await picture(browser, name, address + path, options)
            await film(browser, address + TAB)
            await banner(browser, f"{address}/followup", world)
            await people_pictures(browser, address, world, IMAGES)
            await browser.close()
        await world.app.close()


async def change(browser: Browser, url: str) -> None:
    """Somebody saves another delay, so that there are versions."""
    page = await browser.new_page()
    await page.goto(url)
    await page.get_by_label("Hours (H)").nth(1).fill("20")
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await page.get_by_role("link", name="See who waits").wait_for()
    await page.close()


async def picture(browser: Browser, name: str, url: str, options: dict[str, Any]) -> None:
    """The whole page."""
    given = {"viewport": {"width": 1000, "height": 640}, **options}
    context = await browser.new_context(timezone_id="Europe/Berlin", **given)
    page = await context.new_page()
    await page.goto(url)
    await page.locator("h1").wait_for()
    await page.screenshot(path=IMAGES / f"dashboard-{name}.png", full_page=True)
    await context.close()


async def film(browser: Browser, url: str) -> None:
    """Play it, at its end."""
    context = await browser.new_context(
        timezone_id="Europe/Berlin",
        viewport={"width": 1000, "height": 640},
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(url)
    await page.get_by_role("button", name="Play", exact=True).click()
    await page.locator("#film .sum").wait_for()
    await page.locator(".play").screenshot(path=IMAGES / "dashboard-employee-play.png")
    await context.close()


async def banner(browser: Browser, url: str, world: World) -> None:
    """Nothing is sent now, and the list says so."""
    world.pulse.now = Ailment.NO_REDIS
    await picture(browser, "banner", url, {})
    world.pulse.now = None


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
