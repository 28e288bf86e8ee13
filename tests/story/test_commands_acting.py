"""/followup: now, skip, pause, resume."""

from datetime import timedelta

import pytest

from bot.doctor import violations_of
from bot.errors import ChannelBusyError
from bot.model import Change
from bot.testing import FakeModel
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.words import say, step, steps, verdict, weekdays
from tests.story.world import DeafJobs

KIM = "Kim: chat 1 of Anna"


@pytest.fixture
async def admin(world: Worlds) -> Admin:
    """Kim was answered at nine in the morning, an hour ago."""
    w = await world(steps("4h", "24h"))
    await w.client(name="Kim")
    await w.wait("1h")
    return Admin(w)


async def test_now_sends_at_once_and_the_next_step_counts_from_it(admin: Admin) -> None:
    text = await admin.reads("now Kim")
    await admin.world.wait("3d")

    assert text.startswith(f"The next reminder goes now.\n\n{KIM}")
    assert await admin.world.reminders() == ["+1h s1", "+1d1h s2"]
    assert await admin.world.why() == "done"


async def test_now_waits_for_the_hours_and_says_until_when(world: Worlds) -> None:
    w = await world(steps("48h"), working_hours=weekdays("09:00-10:00"))
    await w.client()
    await w.wait("2h")

    text = await Admin(w).reads("now 1")
    await w.wait("1d")

    assert text.startswith("The next reminder goes when the hours open: Tue 3 Mar 09:00 (in 22 h")
    assert await w.calendar() == ["Tue 3 09:00:00 s1"]


async def test_now_waits_ten_minutes_after_an_answer(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    text = await Admin(w).reads("now 1")
    await w.wait("1h")

    assert text.startswith("It goes Mon 2 Mar 09:10 (in 10 min), not right on the heels of")
    assert await w.reminders() == ["+10m s1"]


async def test_now_waits_for_an_answer_to_the_client(world: Worlds) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client()
    await w.wait("1h")

    text = await Admin(w).reads("now 1")
    await w.employee()
    await w.wait("1h")

    assert text.startswith("It goes a few minutes after the client is answered.")
    assert await w.reminders() == ["+1h10m s1"]


async def test_now_is_over_when_the_client_writes(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours=weekdays("12:00-18:00"))
    await w.client()
    await w.wait("1h")
    await Admin(w).reads("now 1")

    await w.client("I am back.")
    await w.wait("1d")

    assert await w.reminders() == ["+5h s1"]


async def test_now_asks_the_model_which_may_still_hold_it_back(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([verdict("stop", "not_interested")]))
    await w.client()
    await w.wait("1h")

    await Admin(w).reads("now 1")

    assert await w.reminders() == []
    assert await w.why() == "not_interested"


async def test_a_doctor_finds_nothing_wrong_with_a_hurried_reminder(admin: Admin) -> None:
    await admin.reads("now 1")
    await admin.reads("skip 1")

    assert await violations_of(admin.world.app) == []


async def test_skip_leaves_a_step_out_and_the_next_counts_from_it(admin: Admin) -> None:
    text = await admin.reads("skip 1")
    await admin.world.wait("3d")

    assert text.startswith(f"Step 1 is left out in this silence.\n\n{KIM}\nNext: step 2 of 2")
    assert await admin.world.states() == ["s1 skipped muted", "s2 sent sent"]
    assert await admin.world.reminders() == ["+1d1h s2"]


async def test_a_skipped_step_is_not_used_up(world: Worlds) -> None:
    w = await world([step("s1", "4h", once=True)])
    await w.client()
    await Admin(w).reads("skip 1")
    await w.wait("1h")

    await w.client("Back again.")
    await w.wait("1d")

    assert await w.reminders() == ["+5h s1"]


async def test_skipping_all_steps_ends_the_chain(admin: Admin) -> None:
    await admin.reads("skip 1")
    last = await admin.reads("skip 1")
    again = await admin.reads("skip 1")

    assert "Nothing is planned: all steps are done" in last
    assert again.startswith("Kim gets no reminder: all steps are done")
    assert await admin.actions() == ["followup.skip", "followup.skip"]


@pytest.mark.parametrize("word", ["now", "skip"])
async def test_nothing_is_hurried_or_skipped_where_nothing_may_come(
    admin: Admin, word: str
) -> None:
    await admin.reads("pause 1")
    paused = await admin.reads(f"{word} 1")
    await admin.reads("resume 1")
    await admin.reads("off")
    off = await admin.reads(f"{word} 1")

    assert paused == "Kim gets no reminder: a colleague has the chat."
    assert off == "Kim gets no reminder: follow-ups are off for this chat's silence."
    assert await admin.actions() == ["followup.pause", "followup.resume", "followup.off"]


@pytest.mark.parametrize("word", ["now", "skip"])
async def test_nobody_interferes_with_a_reminder_on_its_way(world: Worlds, word: str) -> None:
    model, told = FakeModel([say()]), []
    w = await world(steps("4h"), model=model)
    await w.client(name="Kim")
    admin = Admin(w)

    async def meanwhile() -> None:
        told.append(await admin.reads(f"{word} 1"))

    model.meanwhile.append(meanwhile)
    await w.wait("1d")

    assert told[0].startswith("A reminder to Kim is being written or sent right now.")
    assert await w.reminders() == ["+4h s1"]
    assert await admin.log() == []


async def test_now_does_not_wait_for_the_pause_after_a_failed_try(admin: Admin) -> None:
    w = admin.world
    w.sender.before.append(ChannelBusyError(timedelta(hours=2)))
    await w.wait("3h")

    await admin.reads("now 1")

    assert await w.reminders() == ["+4h s1"]


async def test_now_outside_the_networks_window_changes_nothing(admin: Admin) -> None:
    admin.world.sender.window = timedelta(minutes=30)

    text = await admin.reads("now 1")

    assert text.startswith("Kim gets no reminder: the channel's time window is closed;")
    assert await admin.log() == []
    assert await admin.world.why() == "+4h"


async def test_a_chat_is_paused_and_given_back(admin: Admin) -> None:
    w = admin.world
    paused = await admin.presses(await admin.sees("/followup why 1"), "Pause")
    await w.wait("1d")
    nothing = await w.reminders()

    back = await admin.presses(paused, "Resume")
    await w.wait("4h")

    assert paused.text.startswith("A colleague has the chat: the employee says nothing until")
    assert nothing == []
    assert back.text.startswith(f"The employee has the chat again.\n\n{KIM}\nNext: step 1 of 2")
    assert await w.reminders() == ["+1d4h s1"]


async def test_pausing_twice_is_said_and_done_once(admin: Admin) -> None:
    not_paused = await admin.reads("resume 1")
    await admin.reads("pause 1")

    twice = await admin.reads("pause 1")

    assert not_paused == "Kim is not paused."
    assert twice == "Kim is paused already."
    assert await admin.actions() == ["followup.pause"]


async def test_what_was_done_in_a_chat_is_in_the_audit_log(admin: Admin) -> None:
    for word in ("now", "skip", "pause", "resume"):
        await admin.reads(f"{word} 1")

    log = await admin.log()

    assert [(row["by"], row["action"], row["employee_id"], row["chat_id"]) for row in log] == [
        ("telegram 77", f"followup.{word}", "anna", 1)
        for word in ("now", "skip", "pause", "resume")
    ]
    assert [(row["before"], row["after"]) for row in log] == [
        (
            {"step": "s1", "due": "2026-03-02T13:00:00+00:00"},
            {"step": "s1", "due": "2026-03-02T10:00:00+00:00"},
        ),
        ({"step": "s2", "due": "2026-03-03T10:00:00+00:00"}, {"reason": "done"}),
        ({"paused": False}, {"paused": True}),
        ({"paused": True}, {"paused": False}),
    ]


async def test_two_who_pause_at_once_leave_one_line_in_the_audit_log(admin: Admin) -> None:
    handover = admin.world.app.runtime.handover
    changes = [Change(by, "followup.pause", "anna", 1) for by in ("telegram 77", "telegram 78")]

    assert await handover.pause(99, changes[0]) is False
    assert [await handover.pause(1, each) for each in changes] == [True, True]
    assert [await handover.resume(1, each) for each in changes] == [True, True]

    assert [row["by"] for row in await admin.log()] == ["telegram 77", "telegram 77"]
