"""Pictures of the pages about people: from the link that starts it to the tokens of an account."""

from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Page

from bot.findings import Finding
from bot.site import PersonRole
from tests.story.world import World

PASSWORD = "four green bicycles"  # noqa: S105  of nobody
SIZE = {"width": 1000, "height": 640}


async def seen() -> Sequence[Finding]:
    """What a look at the settings may find."""
    return [
        Finding("settings", "config/bot.toml"),
        Finding("database", "SQLite, data/followup.db"),
        Finding("model", "no answer within 10 seconds", fault=True),
    ]


async def people_pictures(browser: Browser, base: str, world: World, folder: Path) -> None:
    """Olga comes by her link, invites Ivan and makes a token; then once more in Arabic."""
    people = world.app.keys.people
    link = await people.add("test", "Olga", PersonRole.ADMIN)
    context = await browser.new_context(timezone_id="Europe/Berlin", viewport=SIZE)
    page = await context.new_page()

    async def picture(name: str) -> None:
        await page.screenshot(path=folder / f"dashboard-{name}.png", full_page=True)

    await page.goto(f"{base}/set-up/{link}")
    await picture("set-up")
    await _signs_in(page)
    await people.add("test", "Ivan", PersonRole.VIEWER)
    for name in ("users", "status"):
        await page.goto(f"{base}/{name}")
        await picture(name)
    await page.goto(f"{base}/account")
    await page.get_by_label("Name of a new token").fill("Our own page of figures")
    await page.get_by_role("button", name="Make a token").click()
    await page.goto(f"{base}/account")
    await picture("account")
    await _in_arabic(browser, base, await context.storage_state(), folder)
    await context.close()

    context = await browser.new_context(viewport=SIZE)
    page = await context.new_page()
    await page.goto(f"{base}/sign-in")
    await picture("sign-in")
    await context.close()


async def _signs_in(page: Page) -> None:
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Save and sign in").click()
    await page.get_by_role("navigation", name="Main menu").wait_for()


async def _in_arabic(browser: Browser, base: str, state: object, folder: Path) -> None:
    context = await browser.new_context(
        storage_state=state,  # type: ignore[arg-type]  # as it was given to us
        locale="ar",
        timezone_id="Asia/Dubai",
        viewport=SIZE,
    )
    page = await context.new_page()
    for name in ("users", "followup"):
        await page.goto(f"{base}/{name}")
        await page.screenshot(path=folder / f"dashboard-{name}-arabic.png", full_page=True)
    await context.close()
