"""The conversation as a timeline, and what admins can do there."""

import json
import re

import pytest

from bot.audit import Delivered
from bot.doctor import violations_of
from bot.errors import ChatUnreachableError, UnknownDeliveryError
from bot.model import Arrival
from bot.site import PersonRole
from bot.testing import FakeModel
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.test_users import enter
from tests.story.words import say, steps, verdict
from tests.story.world import World

TABLES = ("messages", "followup_silences", "followup_reminders", "followup_words")


def lines(page: str) -> list[str]:
    """The timeline, a text for each entry."""
    found = re.findall(r"<li class=\"([^\"]*)\">(.*?)</li>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", body).split()) for _, body in found]


async def timeline(w: World, query: str = "") -> list[str]:
    page = await w.page(f"/followup/chats/1{query}")
    assert page.status_code == 200
    return lines(page.text)


async def test_what_was_skipped_stands_in_its_place_with_the_reason(world: Worlds) -> None:
    w = await world(steps("4h", "4h"), model=FakeModel([verdict("skip"), say("Still there?")]))
    await w.client("Do you have it?")

    await w.wait("9h")

    said = await timeline(w)
    assert [line.split(" · ")[0] for line in said] == [
        "Do you have it? client",
        "Hello! employee",
        "Reminder, step 1 of 2: skipped Instruction: Do the thing of s1 now. employee",
        "Reminder, step 2 of 2 Still there? Instruction: Do the thing of s2 now. employee",
    ]
    assert "the matter is settled" in said[2]


async def test_a_reminder_that_the_clients_message_cancelled_says_so(world: Worlds) -> None:
    model = FakeModel([say("Still there?")])
    w = await world(steps("4h"), model=model)
    await w.client("Do you have it?")
    model.meanwhile.append(lambda: w.receive("Wait, I found it"))

    await w.wait("4h")

    said = await timeline(w)
    [line] = [line for line in said if line.startswith("Reminder, step 1 of 1: cancelled")]
    assert "the client wrote" in line
    assert said.index(line) > 2


async def test_a_reminder_that_failed_shows_its_text_and_why(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([say("Still there?")]))
    await w.client()
    w.sender.before.append(ChatUnreachableError("blocked"))

    await w.wait("4h")

    last = (await timeline(w))[2]
    assert "Still there?" in last
    assert "not delivered" in last
    assert "the client cannot be reached there" in last


async def test_an_uncertain_reminder_and_one_that_was_read_say_so(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    w.sender.after.append(UnknownDeliveryError("no answer came"))
    await w.wait("9h")
    read = next(row["message_id"] for row in await w.rows() if row["step_id"] == "s2")

    await w.app.reports.arrived("site", read, Arrival.READ)

    said = await timeline(w)
    assert "perhaps sent" in said[2]
    assert "· read" in said[3]


async def test_a_step_that_was_removed_since_is_still_told(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    await w.wait("4h")

    await w.save([{"id": "other", "delay": "9h", "instruction": "Ask."}])

    assert "Reminder of a step that was removed" in (await timeline(w))[2]


async def test_a_long_history_is_read_upwards_page_by_page(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(60):
        await w.client(f"Message {n}")

    last = (await w.page("/followup/chats/1")).text
    link = re.search(r'class="earlier" href="([^"]+)"', last)
    assert link
    middle = (await w.page(link[1])).text
    older = re.search(r'class="earlier" href="([^"]+)"', middle)
    assert older
    first = (await w.page(older[1])).text

    told = [
        re.findall(r"<p dir=\"auto\">(Message \d+)</p>", page) for page in (first, middle, last)
    ]
    assert [len(each) for each in told] == [10, 25, 25]
    assert [line for each in told for line in each] == [f"Message {n}" for n in range(60)]
    assert "Next:" in last
    assert "Next:" not in middle
    assert 'class="earlier"' not in first
    assert "To the end of the chat" in first


async def test_a_skipped_reminder_is_on_one_page_of_a_long_history_only(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([verdict("skip")]))
    await w.client("First")
    await w.wait("5h")
    for n in range(30):
        await w.client(f"Message {n}")

    last = (await w.page("/followup/chats/1")).text
    link = re.search(r'class="earlier" href="([^"]+)"', last)
    assert link
    earlier = (await w.page(link[1])).text

    assert "skipped" not in last
    assert earlier.count("skipped") == 1


async def test_pause_and_hand_back_are_a_button_each_and_are_logged(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    async with Browsing(w.app.web) as browser:
        await browser.get("/followup/chats/1")
        paused = await browser.post("/followup/chats/1/hand", {"hand": "pause"})
        held = (await w.chat()).paused_since
        resumed = await browser.post("/followup/chats/1/hand", {"hand": "resume"})

    assert "A colleague has the chat since" in paused.text
    assert "Hand back to the employee" in paused.text
    assert "a colleague has the chat" in paused.text
    assert held is not None
    assert "The employee has the chat." in resumed.text
    assert (await w.chat()).paused_since is None
    log = await w.query('SELECT action, "by", chat_id FROM changes ORDER BY id')
    assert [tuple(row.values()) for row in log] == [
        ("followup.pause", "local", 1),
        ("followup.resume", "local", 1),
    ]


@pytest.mark.parametrize("path", ["hand", "erase"])
async def test_a_form_from_elsewhere_does_nothing(world: Worlds, path: str) -> None:
    w = await world(steps("4h"))
    await w.client(name="Grace")

    async with Browsing(w.app.web) as browser:
        await browser.get("/followup/chats/1")
        browser.csrf = "guessed"
        page = await browser.post(f"/followup/chats/1/{path}", {"hand": "pause", "name": "Grace"})

    assert page.status_code == 403
    assert (await w.chat()).paused_since is None
    assert len(await w.messages()) == 2


@pytest.mark.parametrize("typed", ["Grace Hopper", " grace  hopper ", "1"])
async def test_whoever_types_the_name_erases_everything_for_good(world: Worlds, typed: str) -> None:
    w = await world(steps("4h", "4h"))
    await w.client("My secret", name="Grace  Hopper")
    await w.client(who="other", name="Other")
    await w.wait("5h")

    async with Browsing(w.app.web) as browser:
        await browser.get("/followup/chats/1")
        page = await browser.post("/followup/chats/1/erase", {"name": typed})
        gone = await browser.get("/followup/chats/1")

    assert "The chat was erased." in page.text
    assert "Grace" not in page.text
    assert gone.status_code == 404
    for table in TABLES:
        column = "chat_id"
        assert await w.query(f"SELECT 1 FROM {table} WHERE {column} = 1") == []  # noqa: S608
        assert await w.query(f"SELECT 1 FROM {table} WHERE {column} = 2")  # noqa: S608
    [log] = await w.query('SELECT action, "by", chat_id, "before", "after" FROM changes')
    assert log["action"] == "chat.erased"
    assert (log["by"], log["chat_id"]) == ("local", 1)
    assert "secret" not in json.dumps(log)
    assert "Grace" not in json.dumps(log)
    row = (await w.query("SELECT * FROM chats WHERE id = 1"))[0]
    assert "c1" not in {str(value) for value in row.values()}
    assert row["name"] is None


async def test_an_erased_client_who_writes_again_is_a_new_chat(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("My secret", name="Grace")
    async with Browsing(w.app.web) as browser:
        await browser.get("/followup/chats/1")
        await browser.post("/followup/chats/1/erase", {"name": "Grace"})

    await w.client("Hello again")
    await w.wait("4h")

    assert (await w.chat()).id == 2
    assert await w.reminders() == ["+4h s1"]
    log = [Delivered(ref, message.id) for ref, message in w.sender.sent if message.chat == 2]
    assert await violations_of(w.app, log) == []


async def test_another_name_erases_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(name="Grace")

    async with Browsing(w.app.web) as browser:
        await browser.get("/followup/chats/1")
        page = await browser.post("/followup/chats/1/erase", {"name": "Gracie"})

    assert page.status_code == 422
    assert "That is not the name of this chat" in page.text
    assert len(await w.messages()) == 2


async def test_nothing_is_erased_while_a_message_is_being_sent(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(name="Grace")
    async with w.app.database.write() as tx:
        await tx.connection.exec_driver_sql("UPDATE messages SET delivery = 'sending' WHERE n = 2")

    async with Browsing(w.app.web) as browser:
        await browser.get("/followup/chats/1")
        page = await browser.post("/followup/chats/1/erase", {"name": "Grace"})

    assert page.status_code == 409
    assert "being sent in this chat right now" in page.text
    assert len(await w.messages()) == 2


async def test_a_reminder_that_is_composed_meanwhile_is_not_sent_to_an_erased_chat(
    world: Worlds,
) -> None:
    model = FakeModel([say("Still there?")])
    w = await world(steps("4h"), model=model)
    await w.client(name="Grace")
    model.meanwhile.append(lambda: w.app.runtime.eraser.erase(1, "test"))

    await w.wait("5h")

    assert [text for text in w.sender.texts if text == "Still there?"] == []
    assert await w.query("SELECT * FROM messages") == []


async def test_the_whole_chat_can_be_taken_along_as_json(world: Worlds) -> None:
    w = await world(steps("4h"))
    for n in range(300):
        await w.receive(f"Message {n} “quoted” \u2028 \\", name="Grace")
    await w.run()
    await w.wait("5h")

    page = await w.page("/followup/chats/1/download")

    assert page.headers["content-disposition"] == 'attachment; filename="chat-1.json"'
    whole = json.loads(page.text)
    assert whole["name"] == "Grace"
    assert [message["n"] for message in whole["messages"]] == list(range(1, 303))
    assert whole["messages"][7]["text"] == "Message 7 “quoted” \u2028 \\"
    assert [each["step"] for each in whole["reminders"]] == ["s1"]
    assert whole["silence"]["number"] == 300


async def test_an_employee_without_a_chain_has_conversations_too(world: Worlds) -> None:
    w = await world(None)
    await w.client(name="Grace")

    page = await w.page("/followup/chats/1")

    assert page.status_code == 200
    assert "follow-ups are off" in page.text


async def test_a_viewer_sees_everything_and_changes_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("Do you have it?", name="Grace")
    async with Browsing(w.app.web) as admin, Browsing(w.app.web) as viewer:
        await enter(w, admin, "Olga", PersonRole.ADMIN)
        await enter(w, viewer, "Ivan", PersonRole.VIEWER)

        listed = await viewer.get("/followup")
        chat = await viewer.get("/followup/chats/1")
        whole = await viewer.get("/followup/chats/1/download")
        paused = await viewer.post("/followup/chats/1/hand", {"hand": "pause"})
        erased = await viewer.post("/followup/chats/1/erase", {"name": "Grace"})
        await admin.get("/followup/chats/1")
        done = await admin.post("/followup/chats/1/hand", {"hand": "pause"})

    assert "Grace" in listed.text
    assert "Do you have it?" in chat.text
    assert whole.json()["name"] == "Grace"
    assert "/hand" not in chat.text
    assert "/erase" not in chat.text
    assert paused.status_code == erased.status_code == 403
    assert "A colleague has the chat since" in done.text
    log = await w.query("""SELECT "by" FROM changes WHERE action = 'followup.pause'""")
    assert [row["by"] for row in log] == ["Olga"]


@pytest.mark.parametrize(
    "path",
    [
        *("/followup", "/followup?view=attention", "/chats", "/followup/events"),
        *("/followup/chats/1", "/followup/chats/1/download"),
    ],
)
async def test_nobody_sees_a_chat_without_signing_in(world: Worlds, path: str) -> None:
    w = await world(steps("4h"))
    await w.client("My secret", name="Grace")
    async with Browsing(w.app.web) as admin:
        await enter(w, admin, "Olga", PersonRole.ADMIN)

    page = await w.page(path)

    assert page.status_code in {303, 307, 401, 403}
    assert "secret" not in page.text
    assert "Grace" not in page.text
