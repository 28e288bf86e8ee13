"""Signing in, in a real browser: set-up link, password, sign-out; everybody can use the pages."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.findings import Finding
from bot.site import PersonRole
from tests.e2e.axe import MODES, faults, looks
from tests.e2e.shop import shop
from tests.story.words import steps
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "four green bicycles"  # noqa: S105  of nobody
PAGES = ("/account", "/users", "/status", "/followup/chats/999")


async def found() -> Sequence[Finding]:
    return [Finding("settings", "config/bot.toml"), Finding("model", "no answer", fault=True)]


@pytest_asyncio.fixture(loop_scope="session")
async def place(tmp_path: Path) -> AsyncIterator[tuple[World, str]]:
    async with shop(tmp_path, steps("4h"), look=found) as place:
        yield place


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, place: tuple[World, str]) -> AsyncIterator[Page]:
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


async def set_up(page: Page, place: tuple[World, str]) -> None:
    """The first user, by their link."""
    world, base = place
    await page.goto(f"{base}/set-up/{await world.app.keys.people.first_link()}")
    await page.get_by_label("Your name").fill("Olga")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Save and sign in").click()
    await expect(page.get_by_role("navigation", name="Main menu")).to_be_visible()


async def test_from_the_hint_to_the_first_user_and_out_and_in_again(
    page: Page, place: tuple[World, str]
) -> None:
    _, base = place
    await page.goto(f"{base}/followup")
    await page.get_by_role("button", name="Create the first user").click()
    await page.get_by_label("Your name").fill("Olga")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Olga")).to_be_visible()

    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.goto(f"{base}/users")
    await page.keyboard.type("olga")
    await page.keyboard.press("Tab")
    await page.keyboard.type("something else")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Users")).to_be_visible()
    assert page.url == f"{base}/users"


async def test_an_admin_invites_somebody_in_another_browser(
    page: Page, place: tuple[World, str], browser: Browser
) -> None:
    await set_up(page, place)
    await page.get_by_role("link", name="Users").click()
    await page.get_by_label("Name", exact=True).fill("Ivan")
    await page.get_by_role("button", name="Add and get a link").click()
    link = await page.locator(".code").inner_text()

    other = await browser.new_context()
    theirs = await other.new_page()
    await theirs.goto(link)
    await theirs.get_by_label("Password").fill(PASSWORD)
    await theirs.get_by_role("button", name="Save and sign in").click()

    await expect(theirs.get_by_role("link", name="Ivan")).to_be_visible()
    await expect(theirs.get_by_role("link", name="Users")).to_have_count(0)
    await other.close()


async def test_the_keyboard_jumps_over_the_menu(page: Page, place: tuple[World, str]) -> None:
    await set_up(page, place)
    await page.goto(f"{place[1]}/account")

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")

    await expect(page.get_by_label("Language")).to_be_focused()


async def test_on_a_phone_the_menu_opens_without_a_script(
    browser: Browser, place: tuple[World, str]
) -> None:
    options: Any = MODES["phone"]
    context = await browser.new_context(**options, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{place[1]}/account")
    entry = page.get_by_role("link", name="Users")
    await expect(entry).to_be_hidden()

    await page.get_by_role("button", name="Menu").click()
    await expect(entry).to_be_in_viewport()
    await entry.click()

    await expect(page.get_by_role("heading", name="Users")).to_be_visible()
    await context.close()


async def test_moments_are_in_the_browsers_zone_without_a_choice(
    browser: Browser, place: tuple[World, str]
) -> None:
    context = await browser.new_context(timezone_id="Asia/Tokyo")
    page = await context.new_page()
    await page.goto(f"{place[1]}/account")
    await page.reload()

    await expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_colours_are_the_chosen_ones_whatever_the_system(
    browser: Browser, place: tuple[World, str], scheme: str
) -> None:
    system = "dark" if scheme == "light" else "light"
    context = await browser.new_context(color_scheme="dark" if system == "dark" else "light")
    page = await context.new_page()
    await page.goto(f"{place[1]}/account")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = await page.evaluate(ground)

    await page.get_by_label("Colours").select_option(scheme)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved.")

    assert await page.evaluate(ground) != before
    await context.close()


@pytest.mark.parametrize("mode", MODES)
async def test_everybody_can_use_the_pages(
    page: Page, place: tuple[World, str], browser: Browser, mode: str
) -> None:
    world, base = place
    outside = [f"/set-up/{await world.app.keys.people.first_link()}", "/set-up/void", "/users"]
    problems = await looks(browser, base, outside, mode=mode)
    await set_up(page, place)
    await world.app.keys.people.add("test", "مريم" + "x" * 60, PersonRole.VIEWER)
    state = await page.context.storage_state()
    problems |= await looks(browser, base, ["/sign-in"], mode=mode)
    problems |= await looks(browser, base, PAGES, mode=mode, state=state)

    told = {path: found for path, found in problems.items() if found}
    assert told == {}


async def test_the_open_menu_of_a_phone_is_for_everybody_too(
    browser: Browser, place: tuple[World, str]
) -> None:
    options: Any = MODES["phone"]
    context = await browser.new_context(**options)
    page = await context.new_page()
    await page.goto(f"{place[1]}/account")

    await page.get_by_role("button", name="Menu").click()

    assert await faults(page) == []
    await context.close()


async def test_the_frame_is_small(page: Page, place: tuple[World, str]) -> None:
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))

    await page.goto(f"{place[1]}/followup")
    await page.wait_for_load_state("networkidle")

    assert len(sizes) >= 3
    assert sum(sizes) < 30_000
