"""The employee pages in a real browser: for everybody, by keyboard, and while somebody types."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.axe import MODES, faults, looks, opened
from tests.e2e.shop import shop
from tests.story.filling import stored
from tests.story.words import BERLIN, step, weekdays
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TAB = "/employees/anna/followup"
CHAIN = [
    step("s1", "4h", instruction="Gently remind that we are here."),
    step("s2", "24h", instruction="Offer what fits the conversation.", once=True),
    step("s3", "48h", instruction="Say goodbye warmly, without pressure."),
]
PATHS = {
    "list": "/employees",
    "persona": "/employees/anna/persona",
    "hours": "/employees/anna/hours",
    "channels": "/employees/anna/channels",
    "tab": TAB,
    "history": f"{TAB}/history",
}


@pytest_asyncio.fixture(loop_scope="session")
async def place(tmp_path: Path) -> AsyncIterator[tuple[World, str]]:
    hours = {**weekdays("09:00-13:00", "14:00-18:00"), "sat": ["22:00-02:00"]}
    special = {"2026-12-25": []}
    async with shop(
        tmp_path, CHAIN, timezone=BERLIN, working_hours=hours, special_days=special
    ) as (world, base):
        await world.client("Do you have a blue city bike?", who="kim", name="Kim")
        yield world, base


@pytest_asyncio.fixture(loop_scope="session")
async def contexts(browser: Browser) -> AsyncIterator[Any]:
    made: list[BrowserContext] = []

    async def context(**options: Any) -> BrowserContext:
        made.append(await browser.new_context(timezone_id="Europe/Berlin", **options))
        return made[-1]

    yield context
    for each in made:
        await each.close()


async def visit(contexts: Any, url: str, **options: Any) -> Page:
    complaints: list[str] = []
    page = await opened(await contexts(**options), url, complaints)
    assert complaints == []
    return page


@pytest.mark.parametrize("mode", MODES)
async def test_everybody_can_use_the_employee_pages(
    browser: Browser, place: tuple[World, str], mode: str
) -> None:
    world, base = place
    await world.save(CHAIN[:2])

    problems = await looks(browser, base, PATHS.values(), mode=mode)

    assert problems == {path: [] for path in PATHS.values()}


@pytest.mark.parametrize("mode", MODES)
async def test_everybody_can_use_the_tab_in_its_other_states(
    contexts: Any, place: tuple[World, str], mode: str
) -> None:
    _, base = place
    page = await visit(contexts, base + TAB, **MODES[mode], reduced_motion="reduce")

    await page.locator('button[value="play"]').click()
    await page.locator("#film").wait_for()
    await page.locator(".film .sum").wait_for()
    film = await faults(page, mode)
    await page.locator('button[value="delete.0"]').click()
    await page.locator('button[value="undo"]').wait_for()
    undo = await faults(page, mode)
    await page.locator('button[value="add"]').click()
    await page.locator('button[value="save"]:visible').click()
    await page.locator('[aria-invalid="true"]').first.wait_for()

    assert [film, undo, await faults(page, mode)] == [[], [], []]


async def test_the_line_and_the_advice_follow_while_somebody_types(
    contexts: Any, place: tuple[World, str]
) -> None:
    _, base = place
    page = await visit(contexts, base + TAB)
    outlook = page.locator("#outlook")
    await expect(outlook).to_contain_text("Mon 10:00 → 14:00 → Tue 14:00 → Thu 14:00")

    await page.get_by_label("Hours (H)").first.fill("1")

    await expect(outlook).to_contain_text("Mon 10:00 → 11:00 → Tue 11:00")
    await expect(outlook).to_contain_text("less than 2 hours feels pushy")
    await expect(outlook).to_contain_text("If you save now: 1 chat is mid-chain.")


async def test_leaving_with_unsaved_changes_asks_first(
    contexts: Any, place: tuple[World, str]
) -> None:
    world, base = place
    page = await visit(contexts, base + TAB)
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.get_by_label("Message instruction").first.fill("Something else.")

    await page.get_by_role("link", name="Working hours").click()
    await expect(page).to_have_url(base + TAB)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved.")
    await page.get_by_role("link", name="Working hours").click()
    await expect(page).to_have_url(f"{base}/employees/anna/hours")

    assert asked == ["beforeunload"]
    assert (await stored(world))[1] == "s1 4h Something else."


async def test_nothing_asks_where_nothing_was_changed(
    contexts: Any, place: tuple[World, str]
) -> None:
    _, base = place
    page = await visit(contexts, base + TAB)
    page.on("dialog", lambda _dialog: pytest.fail("nothing was changed"))

    await page.get_by_role("link", name="Persona").click()

    await expect(page).to_have_url(f"{base}/employees/anna/persona")


async def tab_to(page: Page, label: str) -> None:
    """Press Tab until that has the focus, as it is called to who cannot see it."""
    for _ in range(120):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not await focused.count():
            continue
        name = await focused.evaluate(
            "(e) => (e.labels?.[0]?.innerText || e.getAttribute('aria-label') || e.innerText || '')"
        )
        if name.strip().replace("\n", " ").startswith(label):
            return
    raise AssertionError(f"the keyboard does not get to {label!r}")


async def test_the_set_up_is_done_by_keyboard_alone(
    contexts: Any, place: tuple[World, str]
) -> None:
    world, base = place
    await world.save([], enabled=False)
    page = await visit(contexts, f"{base}/followup")

    # 1: open the employee. 2: open its tab. 3: switch follow-ups on.
    for label, url in (("Employees", "**/employees"), ("Anna", "**/persona")):
        await tab_to(page, label)
        await page.keyboard.press("Enter")
        await page.wait_for_url(url)
    await tab_to(page, "Channels")
    await tab_to(page, "Auto Follow-up")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/employees/anna/followup")
    await tab_to(page, "Enable Auto Follow-up")
    await page.keyboard.press("Space")
    # 4: add a step; the keyboard is in its first field then. 5: save.
    await tab_to(page, "Add step")
    await page.keyboard.press("Enter")
    await page.locator('[name="step.0.hours"]').wait_for()
    await expect(page.locator('[name="step.0.hours"]')).to_be_focused()
    for typed in ("4", "30", "Gently remind that we are here."):
        await page.keyboard.type(typed)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await tab_to(page, "Save")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Saved.")

    saved = await stored(world)
    assert saved[0] == "on"
    assert saved[1].endswith("4h30m once Gently remind that we are here.")


async def test_a_moved_step_keeps_the_keyboard(contexts: Any, place: tuple[World, str]) -> None:
    world, base = place
    page = await visit(contexts, base + TAB)

    await page.get_by_role("button", name="Up, step 3").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Up, step 2")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Down, step 1")).to_be_focused()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved.")

    assert [each.split()[0] for each in (await stored(world))[1:]] == ["s3", "s1", "s2"]


async def test_the_tab_works_without_a_script(contexts: Any, place: tuple[World, str]) -> None:
    world, base = place
    page = await visit(contexts, base + TAB, java_script_enabled=False)

    await page.get_by_role("button", name="Add step").click()
    await page.get_by_label("Hours (H)").last.fill("72")
    await page.get_by_label("Message instruction").last.fill("One last time.")
    await page.get_by_role("button", name="Compute again").click()
    await expect(page.locator("#outlook")).to_contain_text("Mon 16 Mar 09:00")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("Saved.")

    assert (await stored(world))[-1].endswith("3d One last time.")


async def test_hostile_words_are_shown_as_text_everywhere(
    contexts: Any, place: tuple[World, str]
) -> None:
    world, base = place
    hostile = "<img src=x onerror=document.title='pwned'>\u202e\u200b🚲" + "W" * 3000
    await world.save([step("s1", "4h", instruction=hostile)], name=hostile, persona=hostile)
    await world.client(hostile, who="eve", name=hostile)
    complaints: list[str] = []

    for path in PATHS.values():
        page = await opened(await contexts(), base + path, complaints)
        wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert (path, wide) == (path, False)
        assert await page.title() != "pwned"
        assert await page.locator("img").count() == 0

    assert complaints == []
