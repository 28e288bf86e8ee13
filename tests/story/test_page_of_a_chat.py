"""The page of one conversation, and who may see the pages."""

import re

import pytest

from bot.app import people_of
from bot.testing import FakeModel
from config.settings import Settings
from tests.story.conftest import Worlds
from tests.story.words import BERLIN, say, steps
from tests.story.world import DeafJobs


async def test_a_click_on_a_chat_leads_to_its_conversation(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("Do you have the blue one?", who="Grace", name="Grace")
    link = re.search(
        r'<a class="name" href="(/followup/chats/\d+)"><bdi>Grace', (await w.page("/followup")).text
    )

    assert link
    page = await w.page(link[1])

    assert page.status_code == 200
    assert "<bdi>Grace</bdi></h1>" in page.text
    assert "Do you have the blue one?" in page.text


async def test_the_conversation_shows_messages_reminders_and_what_comes_next_and_why(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "24h"), model=FakeModel([say("Still there?")]), timezone=BERLIN)
    await w.client("Do you have the blue one?")
    await w.wait("5h")

    page = (await w.page("/followup/chats/1")).text

    asked = page.index("Do you have the blue one?")
    assert asked < page.index("Hello!") < page.index("Still there?") < page.index("Next:")
    assert "Monday 2 March 2026 09:00:00 UTC" in page
    assert "Reminder, step 1 of 2" in page
    assert "Do the thing of s1 now." in page
    assert "42 tokens" in page
    assert "Next: Reminder, step 2 of 2" in page
    assert "in 23 h 0 min" in page
    assert "Tuesday 3 March 2026 13:00:00 UTC" in page
    assert "the delay runs" in page
    assert "Do the thing of s2 now." in page


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("unanswered", "waiting for an answer to the client"),
        ("done", "all steps are done"),
        ("off", "follow-ups are off"),
        ("paused", "a colleague has the chat"),
    ],
)
async def test_the_conversation_says_why_no_reminder_is_scheduled(
    world: Worlds, what: str, why: str
) -> None:
    jobs = DeafJobs() if what == "unanswered" else None
    w = await world(steps("4h"), jobs=jobs, enabled=what != "off")
    await w.client()
    if what == "paused":
        await w.pause()

    await w.wait("5h")

    page = (await w.page("/followup/chats/1")).text
    assert f"No reminder is scheduled: {why}" in page


async def test_what_people_wrote_is_never_markup(world: Worlds) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    w = await world(steps("4h"), model=FakeModel([say(attack)], [attack]))
    await w.client(attack, who=f"Eve {attack}", name=f"Eve {attack}")
    hers = {"name": f"Anna {attack}", "followup": {"steps": steps("4h", instruction=attack)}}
    edited = Settings(employees={"anna": hers})
    await w.app.staff.save(people_of(edited, w.app.plugins))
    await w.wait("4h")

    pages = [(await w.page(path)).text for path in ("/followup", "/followup/chats/1")]

    assert "&lt;script&gt;" in pages[1]
    assert not [page for page in pages if "<script>" in page or "<img" in page]


async def test_the_pages_run_nothing_foreign_and_are_not_kept(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    for path in ("/followup", "/followup/chats/1"):
        headers = (await w.page(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "shop.example"},
        {"host": "127.0.0.1.shop.example"},
        {"host": ""},
        {"x-forwarded-for": "10.0.0.1"},
        {"forwarded": "for=10.0.0.1"},
    ],
)
@pytest.mark.parametrize("path", ["/followup", "/followup/chats/1", "/followup/static/lists.css"])
async def test_only_this_machine_sees_the_pages(
    world: Worlds, path: str, headers: dict[str, str]
) -> None:
    w = await world(steps("4h"))
    await w.client("A secret")

    page = await w.page(path, **headers)

    assert page.status_code == 403
    assert "secret" not in page.text


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
async def test_the_names_of_this_machine_are_let_in(world: Worlds, host: str) -> None:
    w = await world(steps("4h"))

    page = await w.page("/followup", host=host)

    assert page.status_code == 200


@pytest.mark.parametrize("path", ["2", "0", "9" * 20, "9" * 5000, "x", "1/more"])
async def test_an_unknown_chat_is_not_found(world: Worlds, path: str) -> None:
    w = await world(steps("4h"))
    await w.client()

    page = await w.page(f"/followup/chats/{path}")

    assert page.status_code == 404


async def test_the_front_door_leads_to_the_table(world: Worlds) -> None:
    w = await world(steps("4h"))

    page = await w.page("/")

    assert page.is_redirect
    assert page.headers["location"] == "/followup"
