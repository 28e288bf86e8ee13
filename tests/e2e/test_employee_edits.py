"""Set-up by several people in a real browser: conflicts, versions, what a save does, the week."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.e2e.axe import faults
from tests.e2e.shop import shop
from tests.story.filling import stored
from tests.story.words import BERLIN, step, weekdays
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TAB = "/employees/anna/followup"
CHAIN = [
    step("s1", "4h", instruction="Gently remind that we are here."),
    step("s2", "1h0m5s", instruction="Offer what fits the conversation.", once=True),
]


@pytest_asyncio.fixture(loop_scope="session")
async def place(tmp_path: Path) -> AsyncIterator[tuple[World, str]]:
    """Three clients have been silent for two hours, two more for a moment."""
    hours = {**weekdays("09:00-13:00", "14:00-18:00"), "sat": ["22:00-02:00"]}
    async with shop(tmp_path, CHAIN, timezone=BERLIN, working_hours=hours) as (world, base):
        for n in range(3):
            await world.client(who=f"early{n}")
        await world.wait("2h")
        for n in range(2):
            await world.client(who=f"late{n}")
        yield world, base


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Any, place: tuple[World, str]) -> AsyncIterator[Any]:
    made: list[BrowserContext] = []

    async def visit(path: str = TAB) -> Page:
        made.append(await browser.new_context(timezone_id=BERLIN))
        page = await made[-1].new_page()
        await page.goto(place[1] + path)
        return page

    yield visit
    for each in made:
        await each.close()


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Save", exact=True).last.click()


async def test_what_a_save_does_to_waiting_chats_is_told_before_it_is_done(
    visit: Any, place: tuple[World, str]
) -> None:
    world, _ = place
    page = await visit()
    effect = page.locator(".effect")
    await expect(effect).to_have_text("5 chats are mid-chain.")

    await page.get_by_label("Hours (H)").first.fill("1")

    await expect(effect).to_contain_text("If you save now: 5 chats are mid-chain.")
    await expect(effect).to_contain_text("3 would become due: they get 10 minutes.")
    assert (await stored(world))[1].startswith("s1 4h ")
    await save(page)
    await expect(page.get_by_role("status").first).to_contain_text("Saved.")
    await page.get_by_role("link", name="See who waits").click()
    await expect(page.locator("#list .when").first).to_contain_text("in 10 min")
    assert (await stored(world))[1].startswith("s1 1h ")


async def test_a_delay_with_seconds_is_shown_and_kept(visit: Any, place: tuple[World, str]) -> None:
    world, _ = place
    page = await visit()
    second = page.get_by_role("group", name="Step 2", exact=True)
    await expect(second.get_by_label("Seconds")).to_have_value("5")

    await second.get_by_label("Message instruction").fill("Another thing.")
    await save(page)

    await expect(page.get_by_role("status").first).to_contain_text("Saved.")
    await expect(second.get_by_label("Seconds")).to_have_value("5")
    assert (await stored(world))[2] == "s2 1h5s once Another thing."


async def test_two_people_who_edit_lose_nothing_and_every_version_can_come_back(
    visit: Any, place: tuple[World, str]
) -> None:
    world, _ = place
    mine, theirs = await visit(), await visit()
    await theirs.get_by_label("Message instruction").first.fill("Theirs.")
    await save(theirs)
    await expect(theirs.get_by_role("status").first).to_contain_text("Saved.")
    await mine.get_by_label("Message instruction").first.fill("Mine.")
    await save(mine)

    both = mine.get_by_role("alert")
    await expect(both).to_contain_text("Somebody else has saved meanwhile")
    await expect(both).to_contain_text("Theirs.")
    await expect(mine.get_by_label("Message instruction").first).to_have_value("Mine.")
    assert (await stored(world))[1].endswith("Theirs.")
    assert await faults(mine) == []
    await save(mine)
    await expect(mine.get_by_role("status").first).to_contain_text("Saved.")

    await roll_back(mine)

    assert (await stored(world))[1].endswith("Theirs.")
    await mine.get_by_role("link", name="History of versions").click()
    await expect(mine.locator(".versions > li")).to_have_count(4)
    await expect(mine.locator(".versions > li").first).to_contain_text("rolled back")


async def roll_back(mine: Page) -> None:
    """To the version before the last, by way of the history that tells who and when."""
    await mine.get_by_role("link", name="History of versions").click()
    versions = mine.locator(".versions > li")
    await expect(versions).to_have_count(3)
    await expect(versions.first).to_contain_text("local")
    await expect(versions.first.locator("time")).to_have_count(1)
    await expect(versions.first).to_contain_text("now in use")
    await expect(versions.last).to_contain_text("Before that")
    await versions.nth(1).locator("summary").click()
    await expect(versions.nth(1)).to_contain_text("Theirs.")
    assert await faults(mine) == []
    await versions.nth(1).get_by_role("link", name="Roll back to this").click()
    await expect(mine.get_by_role("status").first).to_contain_text("This is an earlier version")
    await save(mine)
    await expect(mine.get_by_role("status").first).to_contain_text("Saved.")


async def test_a_week_is_set_up_with_nights_special_days_copies_and_another_zone(
    visit: Any, place: tuple[World, str]
) -> None:
    world, _ = place
    page = await visit("/employees/anna/hours")

    await fill_the_week(page)
    await save(page)

    await expect(page.get_by_role("status").first).to_contain_text("Saved.")
    await expect(day(page, "Sunday")).to_contain_text("until the next day")
    # In Tokyo it is evening already, and Tuesday opens at nine there: one o'clock in Berlin.
    opening = page.locator("dt", has_text="Next opening").locator("xpath=following-sibling::dd[1]")
    await expect(opening).to_have_text("Tue 3 Mar 01:00")
    table = (await world.app.staff.tables())["anna"]
    assert table["timezone"] == "Asia/Tokyo"
    assert table["working_hours"]["sun"] == ["20:00-03:30"]
    assert table["working_hours"]["mon"] == table["working_hours"]["tue"] == ["09:00-13:00"]
    assert table["special_days"] == {"2026-12-24": ["10:00-12:00", "13:00-14:00"]}
    assert await faults(page) == []


def day(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


async def fill_the_week(page: Page) -> None:
    """A night on Sunday, a shorter Monday, copied to Tuesday, a special day, another zone."""
    await expect(day(page, "Monday").get_by_label("from")).to_have_count(2)
    await expect(day(page, "Saturday")).to_contain_text("until the next day")
    await expect(day(page, "Sunday")).to_contain_text("closed")

    await day(page, "Sunday").get_by_role("button", name="Add interval").click()
    await day(page, "Sunday").get_by_label("from").fill("20:00")
    await day(page, "Sunday").get_by_label("to").fill("03:30")
    await day(page, "Monday").get_by_role("button", name="Remove").last.click()
    await expect(day(page, "Monday").get_by_label("from")).to_have_count(1)
    copy = page.get_by_role("group", name="Copy a day")
    await copy.get_by_label("from").select_option("Monday")
    await copy.get_by_label("to").select_option("Tuesday")
    await copy.get_by_role("button", name="Copy").click()
    await expect(day(page, "Tuesday").get_by_label("from")).to_have_count(1)
    await page.get_by_role("button", name="Add a special day").click()
    await page.get_by_label("Date").fill("2026-12-24")
    await page.get_by_label("Hours, empty: closed").fill("10:00-12:00, 13:00-14:00")
    zones = page.locator("#zones option")
    assert "America/Argentina/Ushuaia" in await zones.evaluate_all(
        "(options) => options.map((option) => option.value)"
    )
    await page.get_by_label("Time zone").fill("Asia/Tokyo")
    await expect(page.get_by_role("status").first).to_have_text("Not saved yet.")
