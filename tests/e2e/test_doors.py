"""Doors in a real browser: who guesses waits, who leaves is out everywhere; languages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from bot.site import PersonRole
from bot.testing import FakeClock, FakeJobs
from config.settings import Settings
from tests.e2e.axe import faults
from tests.e2e.conftest import bound, serving
from tests.e2e.shop import shop
from tests.story.words import settings_of, steps
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "four green bicycles"  # noqa: S105  of nobody


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tmp_path_factory: Any) -> AsyncIterator[tuple[World, str]]:
    """A shop where Olga may change everything and Ivan may look."""
    async with shop(tmp_path_factory.mktemp("doors"), steps("4h")) as (world, base):
        for name, role in (("Olga", PersonRole.ADMIN), ("Ivan", PersonRole.VIEWER)):
            secret = await world.app.keys.people.add("test", name, role)
            await world.app.keys.people.accept(secret, name, PASSWORD)
        yield world, base


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(browser: Any) -> AsyncIterator[Any]:
    made: list[BrowserContext] = []

    async def another(**options: Any) -> Page:
        made.append(await browser.new_context(**options))
        return await made[-1].new_page()

    yield another
    for each in made:
        await each.close()


async def tries(page: Page, base: str, name: str, password: str) -> int:
    """Fill in the form as a person does; gives the status of what came back."""
    if not page.url.startswith(f"{base}/sign-in"):
        await page.goto(f"{base}/sign-in")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    async with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        await page.keyboard.press("Enter")
    await page.wait_for_load_state()
    return (await sent.value).status


async def test_who_guesses_has_to_wait_even_with_the_right_password(
    place: tuple[World, str], browsers: Any
) -> None:
    world, base = place
    page = await browsers()

    guesses = [await tries(page, base, "Ivan", f"guess number {n}") for n in range(5)]
    kept_out = await tries(page, base, "Ivan", PASSWORD)
    told = page.get_by_role("alert")
    await expect(told).to_contain_text("Too many tries failed. Wait a quarter of an hour")
    wrong = await faults(page)
    world.clock.advance(timedelta(minutes=15, seconds=1))
    await tries(page, base, "Ivan", PASSWORD)

    await expect(page.get_by_role("link", name="Ivan")).to_be_visible()
    assert guesses == [422] * 5
    assert kept_out == 429
    assert wrong == []


async def test_whoever_signs_out_everywhere_is_out_in_the_other_browser_too(
    place: tuple[World, str], browsers: Any
) -> None:
    _, base = place
    here, there = await browsers(), await browsers()
    await tries(here, base, "Olga", PASSWORD)
    await tries(there, base, "Olga", PASSWORD)
    await here.goto(f"{base}/account")
    await expect(here.get_by_role("main")).to_contain_text("You are signed in in 2 browsers.")

    await here.get_by_role("button", name="Sign out everywhere").click()

    await expect(here.get_by_role("heading", name="Sign in")).to_be_visible()
    await there.get_by_role("link", name="Employees").click()
    await expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
    await tries(there, base, "Olga", PASSWORD)
    await expect(there.get_by_role("heading", name="Employees")).to_be_visible()


async def test_a_token_for_programs_is_shown_once_and_revoked(
    place: tuple[World, str], browsers: Any
) -> None:
    _, base = place
    page = await browsers()
    await tries(page, base, "Olga", PASSWORD)
    await page.get_by_role("link", name="Olga").click()
    await page.get_by_label("Name of a new token").fill("the website")
    await page.get_by_role("group", name="It may").get_by_role("checkbox").first.check()

    await page.get_by_role("button", name="Make a token").click()

    secret = await page.locator(".code").inner_text()
    asked = {"Authorization": f"Bearer {secret}"}
    assert (await page.request.get(f"{base}/api/v1/openapi.json", headers=asked)).ok
    await page.goto(f"{base}/account")
    await expect(page.locator(".code")).to_have_count(0)
    assert await faults(page) == []
    await page.get_by_role("button", name="Revoke the website").click()
    await expect(page.get_by_role("button", name="Revoke the website")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "language", "heading"),
    [
        ("en-GB", "en", "Sign in"),
        ("ru-RU", "ru", "Вход"),
        ("ar-EG", "ar", "تسجيل الدخول"),
        ("fr-FR", "en", "Sign in"),
    ],
)
async def test_the_language_is_the_browsers_as_far_as_we_have_it(
    place: tuple[World, str], browsers: Any, locale: str, language: str, heading: str
) -> None:
    page = await browsers(locale=locale)

    await page.goto(f"{place[1]}/sign-in")

    await expect(page.locator("html")).to_have_attribute("lang", language)
    await expect(page.get_by_role("heading", level=1)).to_have_text(heading)


async def test_a_chosen_language_stays_whatever_the_browser_wants(
    place: tuple[World, str], browsers: Any
) -> None:
    _, base = place
    page = await browsers(locale="ru-RU")
    await page.goto(f"{base}/sign-in")
    await page.get_by_label("Имя").fill("Olga")
    await page.get_by_label("Пароль").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Olga").click()

    await page.get_by_label("Язык").select_option("العربية")
    await page.get_by_role("button", name="Сохранить").click()

    html = page.locator("html")
    await expect(html).to_have_attribute("dir", "rtl")
    await page.goto(f"{base}/followup")
    await expect(html).to_have_attribute("lang", "ar")
    await expect(page.get_by_role("link", name="الموظفون")).to_be_visible()
    other = await browsers(locale="en-GB")
    await tries(other, base, "Olga", PASSWORD)
    await expect(other.locator("html")).to_have_attribute("lang", "ar")
    await other.goto(f"{base}/account")
    await other.locator("#language").select_option("English")
    await other.locator("form[action='/account'] button").click()
    await expect(other.locator("html")).to_have_attribute("dir", "ltr")


async def test_what_the_network_reaches_shows_nothing_before_somebody_can_sign_in(
    tmp_path: Path, browsers: Any
) -> None:
    mine = settings_of(steps("4h"))
    public = Settings(
        employees=mine.employees,
        channels=mine.channels,
        web={"host": "0.0.0.0"},  # noqa: S104  that is what is refused
    )
    world = World(public, f"sqlite:///{tmp_path}/shop.db", FakeClock(), FakeJobs(), None)
    await world.boot()
    page = await browsers()

    async with serving(world.app.web, bound()) as base:
        refused = await page.goto(f"{base}/followup")
        await expect(page.locator("body")).to_contain_text("followup users add NAME --role admin")
        secret = await world.app.keys.people.add("test", "Olga", PersonRole.ADMIN)
        await page.goto(f"{base}/set-up/{secret}")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Save and sign in").click()
        await expect(page.get_by_role("link", name="Olga")).to_be_visible()
        await page.goto("about:blank")
    await world.app.close()

    assert refused.status == 403
