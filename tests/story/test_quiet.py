"""Managers make one chat quiet: for now, until a date, or for good; and take that back."""

import re
from datetime import timedelta

import pytest

from bot.site import PersonRole
from bot.testing import FakeModel
from plugins.followup.quieting import Quieting, quieted
from tests.story.admin import Admin
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.test_users import enter
from tests.story.words import BERLIN, say, steps
from tests.story.world import World

DAY = timedelta(days=1)


async def wish(w: World, action: str, days: int = 0) -> None:
    """A manager does that."""
    ports = w.app.plugins[0].ports  # type: ignore[attr-defined]  # followup's own
    until = w.clock.now() + days * DAY if days else None
    assert await quieted(ports, (await w.chat()).id, Quieting("mia", action, until))
    await w.run()


async def erase(w: World) -> None:
    await w.app.runtime.eraser.erase((await w.chat()).id, "mia")


async def test_a_muted_chat_gets_no_reminder_whatever_the_client_writes(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await wish(w, "mute")

    await w.client("And the brakes?")
    await w.wait("7d")

    assert await w.reminders() == []
    assert await w.why() == "muted"


async def test_unmuted_the_wait_that_was_left_goes_on(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")
    await wish(w, "mute")
    await w.wait("10d")

    await wish(w, "unmute")
    await w.wait("1d")

    assert await w.reminders() == ["+10d4h s1"]


async def test_a_snoozed_chat_waits_until_then_whatever_the_client_writes(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await wish(w, "snooze", days=3)
    await w.client("By the way …")

    await w.wait("7d")

    assert await w.reminders() == ["+3d s1"]


async def test_a_snooze_that_ends_in_the_night_waits_for_the_hours(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours={"thu": ["10:00-18:00"]}, timezone=BERLIN)
    await w.client()
    await wish(w, "snooze", days=2)

    await w.wait("7d")

    assert await w.calendar(BERLIN) == ["Thu 5 10:00:00 s1"]


async def test_a_snooze_taken_back_late_fires_no_reminder_at_once(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await wish(w, "snooze", days=10)
    await w.wait("5d")

    await wish(w, "unmute")
    await w.wait("1h")

    assert await w.reminders() == ["+5d10m s1"]


@pytest.mark.parametrize("action", ["mute", "never"])
async def test_made_quiet_while_a_reminder_is_written_it_is_not_sent(
    world: Worlds, action: str
) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()
    model.meanwhile.append(lambda: wish(w, action))

    await w.wait("7d")

    assert await w.reminders() == []


async def test_snoozed_while_a_reminder_is_written_it_goes_when_the_snooze_is_over(
    world: Worlds,
) -> None:
    model = FakeModel([say(), say()])
    w = await world(steps("4h"), model=model)
    await w.client()
    model.meanwhile.append(lambda: wish(w, "snooze", days=3))

    await w.wait("7d")

    assert await w.reminders() == ["+3d4h s1"]


async def test_never_is_for_good_until_a_manager_allows_it(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await wish(w, "never")
    await w.client("/start")
    await w.client("Hello?")
    await w.wait("7d")
    assert (await w.reminders(), await w.why()) == ([], "opted_out")

    await wish(w, "allow")
    await w.wait("5h")

    assert await w.reminders() == ["+7d4h s1"]


async def test_what_a_client_said_is_undone_by_a_manager_on_purpose(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")
    await wish(w, "allow")

    await w.client("Please remind me tomorrow.")
    await w.wait("7d")

    assert await w.reminders() == ["+4h s1"]


async def test_a_stop_after_it_was_allowed_is_confirmed_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")
    await wish(w, "allow")

    await w.client("STOP")

    assert len(w.sender.sent) == 2


async def test_a_wish_for_no_reminders_outlasts_the_chat(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")
    await erase(w)

    await w.client("Hello again, do you have e-bikes?")
    await w.wait("7d")

    assert await w.reminders() == []
    assert await w.why() == "opted_out"
    rows = await w.query("SELECT * FROM followup_opt_outs")
    assert re.fullmatch("[0-9a-f]{64}", rows[0]["hash"])
    assert set(rows[0]) == {"hash", "at"}


async def test_an_emptied_table_of_salts_is_filled_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    async with w.app.database.write() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM followup_salts")
    await w.client("STOP")
    await erase(w)

    await w.client("Hello again")

    assert await w.why() == "opted_out"


async def test_who_had_no_such_wish_begins_anew(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await erase(w)

    await w.client()
    await w.wait("5h")

    assert await w.reminders() == ["+4h s1"]
    assert await w.query("SELECT * FROM followup_opt_outs") == []


async def test_start_takes_a_wish_back_that_outlasted_its_chat(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")
    await erase(w)

    await w.client("/start")
    await w.wait("5h")

    assert await w.reminders() == ["+4h s1"]
    assert await w.query("SELECT * FROM followup_opt_outs") == []


async def test_handed_back_a_muted_chat_stays_muted(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await wish(w, "mute")
    await w.pause()
    await w.resume()

    await w.wait("7d")

    assert await w.reminders() == []


async def test_each_wish_is_in_the_audit_log_once(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    for action in ("mute", "mute", "unmute", "never", "allow"):
        await wish(w, action)

    rows = await w.query("SELECT \"by\", action FROM changes WHERE action LIKE 'followup.%'")

    assert [row["action"].removeprefix("followup.") for row in rows] == [
        "mute",
        "unmute",
        "never",
        "allow",
    ]
    assert {row["by"] for row in rows} == {"mia"}


async def test_the_page_of_the_chat_has_a_button_for_each(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(name="Kim")
    path = "/followup/chats/1"

    async with Browsing(w.app.web) as browser:
        await browser.get(path)
        muted = await browser.post(f"{path}/quiet", {"action": "mute"})
        free = await browser.post(f"{path}/quiet", {"action": "unmute"})
        later = {"action": "snooze", "until": "2026-03-10T10:00"}
        snoozed = await browser.post(f"{path}/quiet", later)
        wrong = await browser.post(f"{path}/quiet", {"action": "snooze", "until": "once"})
        never = await browser.post(f"{path}/quiet", {"action": "never"})
        allowed = await browser.post(f"{path}/quiet", {"action": "allow"})
        nonsense = await browser.post(f"{path}/quiet", {"action": "dance"})

    assert "Muted since" in muted.text
    assert "End the quiet" in muted.text
    assert "Muted since" not in free.text
    assert "Snoozed until" in snoozed.text
    assert "That is no moment to come, so nothing was changed." in wrong.text
    assert "This client gets no reminders. A colleague decided so." in never.text
    assert "Never remind this client" in allowed.text
    assert nonsense.status_code == 400


async def test_a_viewer_sees_it_and_changes_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await wish(w, "mute")

    async with Browsing(w.app.web) as admin, Browsing(w.app.web) as viewer:
        await enter(w, admin, "Olga", PersonRole.ADMIN)
        await enter(w, viewer, "Ivan", PersonRole.VIEWER)
        page = await viewer.get("/followup/chats/1")
        refused = await viewer.post("/followup/chats/1/quiet", {"action": "unmute"})

    assert "Muted since" in page.text
    assert "End the quiet" not in page.text
    assert refused.status_code == 403
    assert await w.why() == "muted"


async def test_the_page_of_a_new_chat_tells_of_the_wish_in_the_erased_one(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")
    await erase(w)
    await w.client("Hello again")

    page = await w.page(f"/followup/chats/{(await w.chat()).id}")

    assert "The client had said so in a chat that was erased since" in page.text
    assert "Allow reminders again" in page.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("snooze 1 2026-03-10 10:00", "Snoozed until Tue 10 Mar 10:00."),
        ("snooze kim monday 10:00", "Snoozed until Mon 9 Mar 10:00."),
        ("snooze Kim Lee 3d", "Snoozed until Thu 5 Mar"),
        ("snooze 1", "Until when?"),
        ("snooze 1 soon", "is no moment"),
        ("snooze 1 2020-01-01", "is over already"),
        ("mute kim", "Muted: no reminders"),
        ("unmute 1", "Neither muted nor snoozed"),
        ("never 1", "This client gets no reminders any more."),
        ("allow 1", "Reminders are allowed again."),
        ("mute 77", "There is no chat"),
        ("snooze", "Which chat?"),
    ],
)
async def test_the_same_by_command(world: Worlds, typed: str, says: str) -> None:
    admin = Admin(await world(steps("4h"), timezone=BERLIN))
    await admin.world.client(name="Kim Lee")

    screen = await admin.sees(f"/followup {typed}")

    assert says in screen.text


async def test_why_tells_who_decided(world: Worlds) -> None:
    admin = Admin(await world(steps("4h"), timezone=BERLIN))
    await admin.world.client("STOP")

    screen = await admin.sees("/followup why 1")

    assert "Nothing is planned: the client wants no reminders." in screen.text
    assert "The client said so." in screen.text
