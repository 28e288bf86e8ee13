"""A busy shop in a real browser: pages of fifty, what needs attention, a whole conversation."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.ports import Ailment
from tests.e2e.axe import MODES, faults
from tests.e2e.conftest import bound, serving
from tests.e2e.crowd import busy_week, crowd
from tests.e2e.shop import shop
from tests.story.words import steps
from tests.story.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MANY = 120
TO_DO = {
    "Uncertain Una": ("was perhaps sent", "Look in the channel whether it arrived."),
    "Unreachable Uri": ("they blocked us, or are gone", "Nothing more is sent there until"),
    "Window Wanda": ("time window is closed", "Set an approved template for the account"),
    "Busy Bella": ("let nothing through for too long", "The client's next message starts over."),
    "Channel Charlie": ("did not take a reminder", "Look at the channel account: followup check."),
    "Model Mia": ("The model failed three times", "Look whether the model works: followup check."),
    "Never Nina": ("working hours never open", "Give the employee working hours with an opening."),
    "Ada Byron": ("The client waits for an answer", "Answer in the channel, or look whether"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(tmp_path_factory: Any) -> AsyncIterator[tuple[World, str]]:
    """The week of `crowd`; then more than two pages of clients write."""
    world = crowd(tmp_path_factory.mktemp("week"))
    await world.boot()
    await busy_week(world)
    waiting = 10
    for n in range(waiting, MANY):
        await world.client("Do you rent out bikes?", who=f"m{n}", name=f"Client {n:03}")
    # Whoever was left unanswered got an answer meanwhile, so she writes again.
    await world.receive("Is anybody there?", who="c9")
    world.pass_by("15m")
    async with serving(world.app.web, bound()) as base:
        yield world, base
    await world.app.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Any]:
    made: list[BrowserContext] = []

    async def visit(url: str, **options: Any) -> Page:
        made.append(await browser.new_context(timezone_id="Europe/Berlin", **options))
        page = await made[-1].new_page()
        await page.goto(url)
        return page

    yield visit
    for each in made:
        await each.close()


def names(page: Page) -> Any:
    return page.locator("#list td a.name")


async def number(world: World, who: str) -> int:
    return (await world.chat(who)).id


async def test_the_list_is_read_by_pages_of_fifty_and_back_leads_back(
    place: tuple[World, str], visit: Any
) -> None:
    page = await visit(f"{place[1]}/followup")
    await expect(page.locator(".count")).to_have_text(f"{MANY} chats have a reminder scheduled.")
    seen: list[str] = []

    for length in (50, 50, 20):
        await expect(names(page)).to_have_count(length)
        seen += await names(page).all_inner_texts()
        if length == 50:
            before = page.url
            await page.get_by_role("link", name="Next page").click()
            await expect(page).not_to_have_url(before)

    assert len(set(seen)) == MANY
    await expect(page.get_by_role("link", name="Next page")).to_have_count(0)
    last = page.url
    again = await visit(last)
    await expect(names(again)).to_have_text(seen[100:])
    await page.go_back()
    await expect(names(page)).to_have_text(seen[50:100])
    await page.get_by_role("link", name="First page").click()
    await expect(names(page)).to_have_text(seen[:50])
    assert page.url == f"{place[1]}/followup"


async def test_a_page_of_what_was_searched_for_keeps_the_search(
    place: tuple[World, str], visit: Any
) -> None:
    page = await visit(f"{place[1]}/followup?q=client&employee=anna")

    await page.get_by_role("link", name="Next page").click()

    await expect(page).to_have_url(re.compile(r"q=client&employee=anna&after="))
    await expect(page.get_by_role("searchbox")).to_have_value("client")
    await expect(names(page).first).to_have_text(re.compile("Client"))


async def test_what_needs_attention_says_why_and_what_to_do(
    place: tuple[World, str], visit: Any
) -> None:
    page = await visit(f"{place[1]}/followup")
    await page.get_by_role("link", name="Needs attention").click()
    await expect(names(page)).to_have_count(len(TO_DO))

    rows = await page.locator("#list tbody tr").all_inner_texts()
    told = {row.splitlines()[0].strip(): row for row in rows}

    assert set(told) == set(TO_DO)
    for name, (why, advice) in TO_DO.items():
        assert why in told[name]
        assert advice in told[name]
    await page.get_by_role("searchbox").fill("nobody of that name")
    await page.get_by_role("link", name="Show all").click()
    await expect(names(page)).to_have_count(len(TO_DO))
    await page.get_by_label("Employee", exact=True).select_option("Carl")
    await expect(names(page)).to_have_text(["Never Nina"])


@pytest.mark.parametrize("ailment", Ailment)
async def test_a_banner_says_that_nothing_is_sent_now_and_goes_when_that_is_over(
    place: tuple[World, str], visit: Any, ailment: Ailment
) -> None:
    world, base = place
    world.pulse.now = ailment
    page = await visit(f"{base}/followup")
    try:
        await expect(page.locator(".banner")).to_contain_text("so nothing is sent now.")
        for mode, look in MODES.items():
            other = await visit(f"{base}/followup?view=attention", **look)
            await other.locator(".banner").wait_for()
            assert await faults(other, mode) == []
    finally:
        world.pulse.now = None

    await page.reload()
    await expect(names(page)).to_have_count(50)
    await expect(page.locator(".banner")).to_have_count(0)


async def test_a_conversation_marks_what_went_what_did_not_and_what_comes_next(
    place: tuple[World, str], visit: Any
) -> None:
    world, base = place
    page = await visit(f"{base}/followup/chats/{await number(world, 'c1')}")
    timeline = page.locator(".timeline > li")

    skipped = timeline.filter(has_text="skipped")
    await expect(skipped).to_contain_text("Reminder, step 1 of 3: skipped")
    await expect(skipped).to_contain_text("the matter is settled")
    await expect(skipped).to_contain_text("Instruction: Ask whether the quote was clear.")
    await expect(skipped).to_contain_text("42 tokens")
    coming = page.locator(".timeline > li.next")
    await expect(coming).to_contain_text("Next: Reminder, step 3 of 3")
    await expect(coming).to_contain_text("Fri 6 Mar 09:00")
    assert await coming.evaluate("(entry) => getComputedStyle(entry).borderStyle") == "dashed"
    await page.goto(f"{base}/followup/chats/{await number(world, 'quick')}")
    await expect(timeline.filter(has_text="cancelled")).to_contain_text("the client wrote")
    await page.goto(f"{base}/followup/chats/{await number(world, 't0')}")
    await expect(timeline.filter(has_text="perhaps sent")).to_contain_text("step 1 of 3")
    await page.goto(f"{base}/followup/chats/{await number(world, 't1')}")
    await expect(page.locator(".waiting")).to_contain_text("No reminder is scheduled:")


async def test_a_long_history_is_loaded_bit_by_bit_downloaded_whole_and_erased_by_name(
    place: tuple[World, str], visit: Any
) -> None:
    world, base = place
    for n in range(130):
        await world.receive(f"Message {n}", who="long", name="Lena Long")
    chat = await number(world, "long")
    page = await visit(f"{base}/followup/chats/{chat}")
    texts = page.locator(".timeline > li p[dir]")
    await expect(texts).to_have_count(50)

    for length in (100, 130):
        await page.get_by_role("link", name="Earlier").click()
        await expect(texts).to_have_count(length)
    assert await texts.all_inner_texts() == [f"Message {n}" for n in range(130)]
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download as JSON").click()
    saved = await coming.value
    whole = taken(await saved.path())
    assert saved.suggested_filename == f"chat-{chat}.json"
    assert (whole["name"], len(whole["messages"])) == ("Lena Long", 130)

    await page.get_by_text("Erase this chat").click()
    await page.get_by_label(re.compile("Type the chat's name")).fill("Lena")
    await page.get_by_role("button", name="Erase for good").click()
    await expect(page.get_by_role("alert")).to_contain_text("so nothing was erased")
    await page.get_by_label(re.compile("Type the chat's name")).fill("lena long")
    await page.get_by_role("button", name="Erase for good").click()

    await expect(page.get_by_role("status").first).to_have_text("The chat was erased.")
    gone = await page.goto(f"{base}/followup/chats/{chat}")
    assert gone is not None
    assert gone.status == 404


def taken(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


async def test_an_empty_list_says_what_to_do_next(tmp_path: Path, visit: Any) -> None:
    async with shop(tmp_path, steps("4h"), enabled=False) as (world, base):
        page = await visit(f"{base}/followup")
        empty = page.locator("#list .empty")
        await expect(empty).to_contain_text("nobody follows up yet")
        await empty.get_by_role("link").click()
        await expect(page).to_have_url(f"{base}/employees/anna/followup")
        await page.get_by_role("switch", name="Enable Auto Follow-up").check()
        await page.get_by_role("button", name="Save").click()
        await page.get_by_role("link", name="See who waits").click()
        await expect(empty).to_contain_text("When a client goes silent after an answer")
        await world.client(who="g", name="Grace Hopper")
        await expect(names(page)).to_have_text(["Grace Hopper"])
        await page.get_by_role("searchbox").fill("nobody of that name")
        await expect(empty).to_contain_text("No waiting chat fits.")
        await empty.get_by_role("link", name="Show all").click()
        await expect(names(page)).to_have_text(["Grace Hopper"])
        await expect(page.get_by_role("searchbox")).to_have_value("")
        await page.get_by_role("link", name="Needs attention").click()
        await expect(empty).to_contain_text("Nothing needs attention")
        await page.goto("about:blank")
