"""Play it in a real browser: the clock runs, and texts come while they are composed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Locator, Page, expect

from bot.errors import ModelError
from bot.testing import FakeModel
from tests.e2e.axe import faults, opened
from tests.e2e.shop import shop
from tests.story.words import BERLIN, say, steps, weekdays
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TAB = "/employees/anna/followup"
STILL = {"reduced_motion": "reduce"}


@pytest.fixture
def model() -> FakeModel:
    """Fails at the second step."""
    failed = ModelError("no model there (APIConnectionError)")
    return FakeModel([say("Shall I hold it?"), failed, say("All the best!")])


@pytest_asyncio.fixture(loop_scope="session")
async def place(tmp_path: Path, model: FakeModel) -> AsyncIterator[tuple[World, str]]:
    hours = weekdays("09:00-18:00")
    chain = steps("4h", "8h", "24h")
    async with shop(tmp_path, chain, model=model, timezone=BERLIN, working_hours=hours) as place:
        yield place


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Any, place: tuple[World, str]) -> AsyncIterator[Any]:
    made: list[BrowserContext] = []

    async def visit(**options: Any) -> Page:
        # Another zone than the employee's: the film runs on the employee's clock.
        made.append(await browser.new_context(timezone_id="Asia/Tokyo", **options))
        return await opened(made[-1], place[1] + TAB, [])

    yield visit
    for each in made:
        await each.close()


async def play(page: Page) -> Locator:
    await page.get_by_role("button", name="Play", exact=True).click()
    return page.locator("#film")


async def test_texts_come_while_the_clock_runs_and_nothing_is_sent(
    visit: Any, place: tuple[World, str], model: FakeModel
) -> None:
    world, _ = place
    gate = asyncio.Event()
    model.meanwhile.append(gate.wait)
    page = await visit()
    # The clock of the film shows every moment between; each is kept as it is shown.
    await page.evaluate(_WATCH)

    film = await play(page)
    await expect(film.locator(".coming")).to_contain_text("The employee is composing …")
    await expect(film.locator(".now")).to_contain_text("Mon 9 Mar 14:00")
    await expect(film.locator(".reminder")).to_have_count(0)
    gate.set()

    await expect(film.locator(".reminder").first).to_contain_text("Shall I hold it?")
    await expect(film.locator(".sum")).to_contain_text(
        "Nothing was sent, and nothing was saved.", timeout=20_000
    )
    await expect(film.locator(".sum")).to_contain_text("84 tokens")
    told = await film.locator(".reminder").all_inner_texts()
    assert ["moved to opening" in each for each in told] == [False, True, False]
    assert "no model there (APIConnectionError)" in told[1]
    assert "After three tries the step would be skipped." in told[1]
    assert "All the best!" in told[2]
    await expect(film.locator(".end")).to_contain_text("all steps are done")
    seen = await page.evaluate("seen")
    assert len(seen) > 20
    assert any("11:" in each or "12:" in each for each in seen)
    assert world.sender.sent == []


async def test_a_film_is_paused_goes_on_and_is_played_again_without_the_model(
    visit: Any, model: FakeModel
) -> None:
    page = await visit()
    film = await play(page)
    pause = film.get_by_role("button", name="Pause")

    await pause.click()
    await expect(pause).to_have_attribute("aria-pressed", "true")
    before = await film.locator(".now").inner_text()
    await page.evaluate("new Promise((done) => setTimeout(done, 400))")
    assert await film.locator(".now").inner_text() == before
    await pause.click()
    await expect(film.locator(".reminder").first).to_contain_text("Shall I hold it?")
    await film.get_by_role("button", name="Replay").click()

    await expect(film.locator(".reminder")).to_have_count(0)
    await expect(film.locator(".reminder").first).to_contain_text("Shall I hold it?")
    assert len(model.asked) == 3


async def test_who_wants_no_motion_gets_each_text_as_soon_as_it_is_there(visit: Any) -> None:
    page = await visit(**STILL)

    film = await play(page)

    await expect(film.locator(".sum")).to_be_visible(timeout=3_000)
    await expect(film.locator(".reminder")).to_have_count(3)
    assert await faults(page) == []


async def test_a_model_that_is_slow_is_told_of(visit: Any, model: FakeModel) -> None:
    gate = asyncio.Event()
    model.meanwhile.append(gate.wait)
    page = await visit(**STILL)
    await page.clock.install()

    film = await play(page)
    await expect(film.locator(".coming")).to_be_visible()
    await page.clock.run_for(10_000)

    await expect(film.locator(".coming")).to_contain_text(
        "The model is slow: the employee has been composing for 10 s."
    )
    gate.set()
    await expect(film.locator(".reminder").first).to_contain_text("Shall I hold it?")


async def test_a_film_that_breaks_off_says_so_and_keeps_what_came(
    visit: Any, model: FakeModel
) -> None:
    seen = asyncio.Event()

    async def fail() -> None:
        await seen.wait()
        raise RuntimeError("the server dies")

    async def go() -> None:
        pass

    model.meanwhile.extend([go, fail])
    page = await visit(**STILL)

    film = await play(page)
    await expect(film.locator(".reminder")).to_have_count(1)
    seen.set()

    await expect(page.locator("#busy")).to_contain_text("The connection broke off.")
    await expect(film.locator(".reminder")).to_have_count(1)


async def test_a_film_of_which_nothing_comes_says_so(visit: Any) -> None:
    page = await visit(**STILL)
    await page.route("**/employees/anna/followup", lambda route: route.abort())

    await page.get_by_role("button", name="Play", exact=True).click()

    await expect(page.locator("#busy")).to_contain_text("The connection broke off.")


async def test_what_cannot_be_played_is_told_by_the_page(visit: Any) -> None:
    page = await visit()
    await page.get_by_label("Message instruction").first.fill("")

    await page.get_by_role("button", name="Play", exact=True).click()

    await expect(page.get_by_role("alert")).to_contain_text("may not be empty")


async def test_without_a_script_the_whole_film_is_there_at_once(visit: Any) -> None:
    page = await visit(java_script_enabled=False)

    film = await play(page)

    await expect(film.locator(".reminder")).to_have_count(3)
    await expect(film.locator(".sum")).to_be_visible()
    await expect(film.get_by_role("button")).to_have_count(0)


_WATCH = """
window.seen = [];
new MutationObserver(() => {
  const now = document.querySelector("#film .now time")?.textContent;
  if (now && seen.at(-1) !== now) seen.push(now);
}).observe(document.getElementById("screen"), { childList: true, subtree: true });
"""
