"""The chat widget in a real browser: talking and reading."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

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


async def test_what_a_client_writes_is_answered(page: Page, visit: Any, site: Any) -> None:
    await launcher(page).click()
    await say(page, "Do you rent bikes?")

    await expect(bubbles(page)).to_have_text(["Do you rent bikes?", "You said: Do you rent bikes?"])
    await expect(field(page)).to_have_value("")
    await expect(page.locator("followup-chat time")).to_have_count(2)
    assert visit.complaints == []


async def test_several_messages_arrive_in_their_order(page: Page, site: Any) -> None:
    await launcher(page).click()
    site.world.voice = None
    for text in ("one", "two", "three"):
        await say(page, text)

    await expect(page.locator("followup-chat time")).to_have_count(3)
    assert site.texts() == ["one", "two", "three"]
    await expect(bubbles(page)).to_have_text(["one", "two", "three"])


async def test_looking_around_makes_no_chat(page: Page, visit: Any, site: Any) -> None:
    await launcher(page).click()
    await field(page).fill("not sent")
    await page.keyboard.press("Escape")
    await page.reload()

    assert site.world.chats == {}
    assert not [url for url in visit.requests if "/messages" in url or "/visitors" in url]


async def test_it_says_that_an_ai_answers(page: Page) -> None:
    await launcher(page).click()

    log = page.get_by_role("log", name="Messages")
    await expect(log.locator("p").first).to_contain_text("AI assistant")
    await expect(log).to_have_attribute("aria-live", "polite")
    dialog = page.get_by_role("dialog", name="Chat with us")
    await expect(dialog).to_have_accessible_description("AI assistant")


async def test_a_message_is_pushed_while_the_chat_is_open(page: Page, site: Any) -> None:
    await talk(page, "hello")

    site.world.say(site.chat, "Still there?")

    await expect(bubbles(page).last).to_have_text("Still there?")
    await expect(launcher(page)).to_have_accessible_name("Close chat")


async def test_unread_messages_are_counted_while_the_chat_is_closed(page: Page, site: Any) -> None:
    await talk(page, "hello")
    await page.keyboard.press("Escape")
    await expect(launcher(page)).to_have_accessible_name("Open chat")

    site.world.say(site.chat, "one")
    site.world.say(site.chat, "two")

    await expect(launcher(page)).to_have_accessible_name("Open chat, 2 unread")
    await expect(page.locator("followup-chat .badge")).to_have_text("2")
    told = page.locator("followup-chat .unseen[role=status]")
    await expect(told).to_have_text("2 new chat messages")


async def test_what_was_read_stays_read(page: Page, site: Any) -> None:
    await talk(page, "hello")
    await page.keyboard.press("Escape")
    site.world.say(site.chat, "one")
    await expect(launcher(page)).to_have_accessible_name("Open chat, 1 unread")

    await launcher(page).click()
    await page.keyboard.press("Escape")
    await page.reload()
    site.world.say(site.chat, "two")

    await expect(launcher(page)).to_have_accessible_name("Open chat, 1 unread")


async def test_unread_messages_are_still_unread_after_a_reload(page: Page, site: Any) -> None:
    await talk(page, "hello")
    await page.goto("about:blank")
    site.world.say(site.chat, "while you were away")

    await page.goto(f"{site.address}/web/site/demo")

    await expect(launcher(page)).to_have_accessible_name("Open chat, 1 unread")


async def test_the_conversation_is_there_after_a_reload(page: Page, site: Any) -> None:
    await talk(page, "hello", "again")

    await page.reload()
    await launcher(page).click()

    await expect(bubbles(page)).to_have_text(
        ["hello", "You said: hello", "again", "You said: again"]
    )
    assert len(site.world.chats) == 1


async def test_a_conversation_of_many_pages_is_there_in_full(page: Page, site: Any) -> None:
    await talk(page, "hello")
    await page.keyboard.press("Escape")
    for number in range(3, 452):
        site.world.say(site.chat, f"message {number}")

    await page.reload()

    await expect(launcher(page)).to_have_accessible_name("Open chat, 449 unread")
    await expect(page.locator("followup-chat .badge")).to_have_text("99+")
    await launcher(page).click()
    await expect(bubbles(page)).to_have_count(451)
    await expect(bubbles(page).last).to_be_in_viewport()


async def test_two_tabs_show_the_same(visit: Any, site: Any) -> None:
    url = f"{site.address}/web/site/demo"
    one = await visit.open(url)
    await talk(one, "from the first")
    two = await visit.open(url)

    await talk(two, "from the second")

    told = ["from the first", "You said: from the first"]
    told += ["from the second", "You said: from the second"]
    await expect(bubbles(one)).to_have_text(told)
    await expect(bubbles(two)).to_have_text(told)
    assert len(site.world.chats) == 1


async def test_escape_closes_and_gives_the_focus_back(page: Page) -> None:
    await launcher(page).click()
    await expect(field(page)).to_be_focused()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "true")

    await page.keyboard.press("Escape")

    await expect(launcher(page)).to_be_focused()
    await expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_the_keyboard_is_enough(page: Page, site: Any) -> None:
    await page.locator("footer").click()
    await page.keyboard.press("Tab")
    await expect(launcher(page)).to_be_focused()

    await page.keyboard.press("Enter")
    await page.keyboard.type("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Send message")).to_be_focused()
    await page.keyboard.press("Space")

    await expect(bubbles(page).first).to_have_text("one\ntwo")
    await expect(field(page)).to_be_focused()
    await expect(bubbles(page).nth(1)).to_contain_text("You said")
    assert site.texts()[0] == "one\ntwo"
    for _ in range(2):
        await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_a_key_that_ends_a_composition_sends_nothing(page: Page, site: Any) -> None:
    await launcher(page).click()
    await field(page).fill("にほん")

    await field(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})

    await expect(field(page)).to_have_value("にほん")
    await expect(bubbles(page)).to_have_count(0)


async def test_blank_text_is_not_sent(page: Page) -> None:
    await launcher(page).click()
    await say(page, "   ")

    await expect(bubbles(page)).to_have_count(0)
    send = page.get_by_role("button", name="Send message")
    await expect(send).to_have_attribute("aria-disabled", "true")


async def test_whoever_reads_further_up_is_not_moved(page: Page, site: Any) -> None:
    await talk(page, "hello")
    for number in range(40):
        site.world.say(site.chat, f"message {number}")
    await expect(bubbles(page)).to_have_count(42)
    await expect(bubbles(page).last).to_be_in_viewport()
    log = page.get_by_role("log")
    await log.hover()
    await page.mouse.wheel(0, -5000)
    newer = page.get_by_role("button", name="New messages")
    await expect(bubbles(page).first).to_be_in_viewport()

    site.world.say(site.chat, "something new")

    await expect(newer).to_be_visible()
    await expect(bubbles(page).first).to_be_in_viewport()
    await newer.click()
    await expect(bubbles(page).last).to_be_in_viewport()
    await expect(newer).to_be_hidden()
