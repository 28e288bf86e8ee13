"""The chat widget on bad lines: nothing is lost, nothing is there twice."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def field(page: Page) -> Any:
    return page.get_by_role("textbox", name="Your message")


def bubbles(page: Page) -> Any:
    return page.get_by_role("log").locator(".said .bubble")


def launcher(page: Page) -> Any:
    return page.locator("followup-chat .launcher")


async def say(page: Page, text: str) -> None:
    await field(page).fill(text)
    await field(page).press("Enter")


async def talk(page: Page, *texts: str) -> None:
    """Open the chat, say something, and wait until each was answered."""
    await launcher(page).click()
    for text in texts:
        await say(page, text)
        await expect(bubbles(page).last).to_have_text(f"You said: {text}")


async def test_a_message_whose_answer_got_lost_is_sent_again_with_the_same_id(
    page: Page, site: Any
) -> None:
    attempts: list[Any] = []

    async def swallow(route: Route) -> None:
        if route.request.method == "POST":
            attempts.append(route.request.post_data_json)
        if route.request.method == "POST" and len(attempts) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/web/site/messages*", swallow)

    await talk(page, "once")

    await expect(page.locator("followup-chat time")).to_have_count(2)
    assert attempts[0] == attempts[1]
    assert site.texts() == ["once", "You said: once"]
    await expect(bubbles(page)).to_have_count(2)


async def test_a_message_that_cannot_be_sent_can_be_tried_again(page: Page, site: Any) -> None:
    async def fail(route: Route) -> None:
        await route.abort()

    await page.route("**/web/site/**", fail)
    await launcher(page).click()
    await say(page, "patience")
    again = page.get_by_role("button", name="Try again")
    await expect(again).to_be_visible(timeout=15_000)

    await page.unroute("**/web/site/**")
    await again.click()

    await expect(bubbles(page)).to_have_text(["patience", "You said: patience"])
    await expect(again).to_have_count(0)


async def test_a_visitor_who_is_too_quick_is_told_and_everything_is_sent(
    page: Page, site: Any
) -> None:
    asked: list[str] = []

    async def refuse(route: Route) -> None:
        asked.append(route.request.method)
        if asked.count("POST") > 5 or route.request.method != "POST":
            await route.continue_()
        else:
            await route.fulfill(status=429, headers={"Retry-After": "1"}, body="{}")

    await page.route("**/web/site/messages*", refuse)
    await launcher(page).click()
    await say(page, "one")

    told = page.get_by_text("There were many messages at once. Yours goes out in a moment.")
    await expect(told).to_be_visible()
    await expect(bubbles(page)).to_have_text(["one", "You said: one"], timeout=15_000)
    await expect(told).to_be_hidden()
    await expect(page.get_by_role("button", name="Try again")).to_have_count(0)


async def test_a_message_that_was_not_sent_survives_a_reload(page: Page, site: Any) -> None:
    async def fail(route: Route) -> None:
        await route.abort()

    await page.route("**/web/site/visitors", fail)
    await launcher(page).click()
    await say(page, "do not lose me")
    await expect(page.get_by_text("Sending…")).to_be_visible()

    await page.unroute("**/web/site/visitors")
    await page.reload()
    await launcher(page).click()

    await expect(bubbles(page)).to_have_text(["do not lose me", "You said: do not lose me"])


async def test_offline_is_said_and_messages_wait_for_the_line(
    page: Page, visit: Any, site: Any
) -> None:
    await talk(page, "hello")
    await visit.context.set_offline(True)
    notice = page.locator("followup-chat .state")
    await expect(notice).to_contain_text("You are offline")
    await say(page, "later")

    await visit.context.set_offline(False)

    await expect(bubbles(page).last).to_have_text("You said: later", timeout=15_000)
    await expect(notice).to_be_hidden()
    assert site.texts().count("later") == 1


async def test_a_line_that_broke_is_taken_up_where_it_ended(page: Page, site: Any) -> None:
    await talk(page, "hello")
    await site.stop()
    site.world.say(site.chat, "said meanwhile")

    await site.start()

    await expect(bubbles(page)).to_have_text(
        ["hello", "You said: hello", "said meanwhile"], timeout=20_000
    )
    site.world.say(site.chat, "said afterwards")
    await expect(bubbles(page).last).to_have_text("said afterwards", timeout=20_000)


async def test_a_server_that_forgot_everything_is_told_anew(page: Page, site: Any) -> None:
    await talk(page, "hello")
    site.world.wipe()

    await say(page, "hello again")

    await expect(bubbles(page)).to_have_text(["hello again", "You said: hello again"])
    assert len(site.world.chats) == 1


async def test_a_browser_that_keeps_nothing_can_chat(visit: Any, site: Any) -> None:
    await visit.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked') }})"
    )
    page = await visit.open(f"{site.address}/web/site/demo")

    await talk(page, "one", "two")

    assert len(site.world.chats) == 1
    assert visit.complaints == []


async def test_a_line_that_carries_no_stream_still_brings_messages(page: Page, site: Any) -> None:
    held = asyncio.Event()

    async def break_streams(route: Route) -> None:
        held.set()
        await route.fulfill(status=502, body="no streams here")

    await page.route("**/web/site/events*", break_streams)
    await talk(page, "hello")
    await held.wait()

    site.world.say(site.chat, "by the other way")

    await expect(bubbles(page).last).to_have_text("by the other way", timeout=20_000)


HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def streams(visit: Any) -> int:
    return sum("/events" in url for url in visit.requests)


async def test_a_tab_that_nobody_looks_at_gives_its_connection_back(
    page: Page, visit: Any, site: Any
) -> None:
    await page.clock.install()
    await page.reload()
    async with page.expect_response("**/web/site/events"):
        await talk(page, "hello")
    await page.evaluate(HIDE, arg=True)
    async with page.expect_event("requestfailed", lambda r: "/events" in r.url, timeout=5_000):
        await page.clock.fast_forward(31_000)
    before = streams(visit)
    site.world.say(site.chat, "said meanwhile")
    await expect(bubbles(page)).to_have_count(2)

    async with page.expect_response("**/web/site/events"):
        await page.evaluate(HIDE, arg=False)

    await expect(bubbles(page).last).to_have_text("said meanwhile")
    site.world.say(site.chat, "said afterwards")
    await expect(bubbles(page).last).to_have_text("said afterwards")
    assert streams(visit) == before + 1


async def test_a_line_that_went_silent_is_given_up(page: Page, visit: Any, site: Any) -> None:
    await page.clock.install()
    await page.reload()
    async with page.expect_response("**/web/site/events"):
        await talk(page, "hello")
    site.world.silent_news = True
    async with page.expect_event("requestfailed", lambda request: "/events" in request.url):
        await page.clock.fast_forward(41_000)
    site.world.say(site.chat, "found by looking")

    await page.clock.fast_forward(3_000)

    await expect(bubbles(page).last).to_have_text("found by looking", timeout=15_000)
