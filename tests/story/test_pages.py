"""The pages: the chats with a scheduled reminder, exactly those, and each conversation."""

import re

import pytest

from bot.app import people_of
from bot.errors import ChatUnreachableError, UnknownDeliveryError
from bot.model import Author, ChatRef, Incoming
from bot.testing import FakeModel
from config.settings import Settings
from tests.story.conftest import Worlds
from tests.story.world import BERLIN, DeafJobs, World, say, steps, verdict, weekdays


async def listed(w: World, path: str = "/followup") -> list[str]:
    """The titles in the table, in its order."""
    page = await w.page(path)
    assert page.status_code == 200
    return re.findall(r"<bdi>(Visitor \d+, site|[^<]*)</bdi></a>", page.text)


async def named(w: World, name: str, text: str = "Hello") -> None:
    """A client with a name writes and is answered."""
    ref = ChatRef("site", name)
    incoming = Incoming(ref, f"{name}-1", Author.CLIENT, text, w.clock.now(), name)
    await w.app.inbox.receive(incoming)
    await w.run()


async def test_without_a_scheduled_reminder_the_page_says_so(world: Worlds) -> None:
    w = await world(steps("4h"))

    page = await w.page("/followup")

    assert page.status_code == 200
    assert "No reminder is scheduled" in page.text
    assert "<table" not in page.text


async def test_a_chat_that_waits_for_its_delay_is_listed_with_its_employee(world: Worlds) -> None:
    w = await world(steps("4h"))
    await named(w, "Grace")

    page = (await w.page("/followup")).text

    assert await listed(w) == ["Grace"]
    assert page.index('<th scope="col">Chat</th>') < page.index('<th scope="col">Employee</th>')
    assert "<td><bdi>Anna</bdi></td>" in page
    assert "in 4 h 0 min" in page
    assert "1 chat has a reminder scheduled" in page


async def test_a_chat_that_waits_for_the_hours_is_listed(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-12:00"))
    await w.client()
    await w.wait("5h")

    page = await w.page("/followup/chats/1")

    assert await listed(w) == ["Visitor 1, site"]
    assert "waiting for the working hours" in page.text


async def test_a_nameless_visitor_has_a_readable_title(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(12):
        await w.client(who=f"c{n}")

    assert (await listed(w))[-1] == "Visitor 12, site"
    assert "Visitor 12, site" in (await w.page("/followup/chats/12")).text


async def test_the_earliest_due_is_listed_first(world: Worlds) -> None:
    w = await world(steps("4h"))
    await named(w, "First")
    await w.wait("1h")
    await named(w, "Second")

    await w.client("Hello again", who="First")

    assert await listed(w) == ["First", "Second"]
    await w.wait("1h")
    await w.client("And again", who="First")
    assert await listed(w) == ["Second", "First"]


async def test_an_unanswered_chat_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())

    await w.client()

    assert await listed(w) == []


async def test_a_frozen_chat_is_not_listed_until_it_is_resumed(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    await w.pause()
    frozen = await listed(w)
    await w.resume()

    assert frozen == []
    assert await listed(w) == ["Visitor 1, site"]


async def test_a_done_chat_is_not_listed_until_the_client_writes_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("4h")

    done = await listed(w)
    await w.client()

    assert done == []
    assert await listed(w) == ["Visitor 1, site"]


async def test_a_stopped_chat_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h", "4h"), model=FakeModel([verdict("stop")]))
    await w.client()

    await w.wait("4h")

    assert await listed(w) == []


async def test_a_chat_that_cannot_be_reached_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    w.sender.before.append(ChatUnreachableError("blocked"))

    await w.wait("4h")

    assert await listed(w) == []


async def test_a_chat_whose_hours_never_open_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours={"mon": []})

    await w.client()

    assert await listed(w) == []


async def test_a_chat_of_an_employee_that_is_off_is_not_listed(world: Worlds) -> None:
    w = await world(steps("4h"), enabled=False)

    await w.client()

    assert await listed(w) == []


async def test_a_chat_with_a_skipped_and_one_with_an_uncertain_step_go_on(world: Worlds) -> None:
    model = FakeModel([verdict("skip"), say()])
    w = await world(steps("4h", "4h"), model=model)
    await w.client(who="skipped")
    await w.wait("1s")
    await w.client(who="uncertain")
    w.sender.after.append(UnknownDeliveryError("no answer came"))

    await w.wait("5h")

    assert len(await listed(w)) == 2
    assert await w.states("uncertain") == ["s1 uncertain uncertain"]


async def test_fifty_chats_fit_a_page_and_the_rest_is_on_the_next(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(52):
        await w.client(who=f"c{n}")

    first, second = await listed(w), await listed(w, "/followup?page=2")
    page = (await w.page("/followup?page=2")).text

    assert len(first) == 50
    assert second == ["Visitor 51, site", "Visitor 52, site"]
    assert "52 chats have a reminder scheduled" in page
    assert "Page 2 of 2" in page
    assert 'href="/followup?page=1"' in page


@pytest.mark.parametrize("number", ["0", "-1", "two", "", "9" * 30, "9" * 5000, "²"])
async def test_a_page_number_that_makes_no_sense_is_a_page_all_the_same(
    world: Worlds, number: str
) -> None:
    w = await world(steps("4h"))
    await w.client()

    page = await w.page(f"/followup?page={number}")

    assert page.status_code == 200


async def test_a_click_on_a_chat_leads_to_its_conversation(world: Worlds) -> None:
    w = await world(steps("4h"))
    await named(w, "Grace", "Do you have the blue one?")
    link = re.search(
        r'<a href="(/followup/chats/\d+)"><bdi>Grace', (await w.page("/followup")).text
    )

    assert link
    page = await w.page(link[1])

    assert page.status_code == 200
    assert "<h1><bdi>Grace</bdi></h1>" in page.text
    assert "Do you have the blue one?" in page.text


async def test_the_conversation_shows_messages_reminders_and_what_comes_next_and_why(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "24h"), model=FakeModel([say("Still there?")]), timezone=BERLIN)
    await w.client("Do you have the blue one?")
    await w.wait("5h")

    page = (await w.page("/followup/chats/1")).text

    asked = page.index("Do you have the blue one?")
    assert asked < page.index("Hello!") < page.index("Still there?") < page.index("Next reminder")
    assert "Mon 2026-03-02 10:00:00 Europe/Berlin" in page
    assert "Reminder, step s1: Do the thing of s1 now." in page
    assert "42 tokens" in page
    assert "Next reminder in 23 h 0 min: step s2" in page
    assert "Tue 2026-03-03 14:00:00 Europe/Berlin · the delay runs" in page
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
    await named(w, f"Eve {attack}", attack)
    hers = {"name": f"Anna {attack}", "followup": {"steps": steps("4h", instruction=attack)}}
    edited = Settings(employees={"anna": hers})
    await w.app.staff.save(people_of(edited, w.app.plugins))
    await w.wait("4h")

    pages = [(await w.page(path)).text for path in ("/followup", "/followup/chats/1")]

    assert "&lt;script&gt;" in pages[1]
    assert not [page for page in pages if "<script" in page or "<img" in page]


async def test_the_pages_let_nothing_run_and_are_not_kept(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    for path in ("/followup", "/followup/chats/1"):
        headers = (await w.page(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
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
@pytest.mark.parametrize("path", ["/followup", "/followup/chats/1", "/followup/static/style.css"])
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
