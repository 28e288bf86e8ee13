"""Rules 7 and 8: reminders keep the employee's hours; clock changes included."""

from datetime import UTC, datetime

from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import BERLIN, say, steps, weekdays

OFFICE = {"timezone": BERLIN, "working_hours": weekdays("09:00-18:00")}
SHIFTS = {"timezone": BERLIN, "working_hours": weekdays("09:00-13:00", "14:00-18:00")}


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    """A moment of 2026 in UTC; the 2nd of March is a Monday, and Berlin is an hour ahead."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


async def test_a_reminder_due_at_night_goes_at_the_next_opening(world: Worlds) -> None:
    w = await world(steps("4h"), start=at(2, 15), **OFFICE)

    await w.client()
    await w.wait("7d")

    assert await w.calendar(BERLIN) == ["Tue 3 09:00:00 s1"]


async def test_a_reminder_due_at_the_weekend_goes_on_monday(world: Worlds) -> None:
    w = await world(steps("24h"), start=at(6, 16), **OFFICE)

    await w.client()
    await w.wait("7d")

    assert await w.calendar(BERLIN) == ["Mon 9 09:00:00 s1"]


async def test_the_opening_is_inside_and_the_closing_is_not(world: Worlds) -> None:
    w = await world(steps("4h"), start=at(2, 4), **SHIFTS)

    await w.client(who="opening")
    await w.until(at(2, 8))
    await w.client(who="closing")
    await w.wait("7d")

    assert await w.calendar(BERLIN, "opening") == ["Mon 2 09:00:00 s1"]
    assert await w.calendar(BERLIN, "closing") == ["Mon 2 14:00:00 s1"]


async def test_the_next_delay_counts_from_the_real_sending(world: Worlds) -> None:
    w = await world(steps("4h", "4h"), start=at(2, 15), **OFFICE)

    await w.client()
    await w.wait("7d")

    assert await w.calendar(BERLIN) == ["Tue 3 09:00:00 s1", "Tue 3 13:00:00 s2"]


async def test_one_opening_brings_one_reminder_however_short_the_delays(world: Worlds) -> None:
    w = await world(steps("1h", "1h", "1h"), start=at(6, 17), **OFFICE)

    await w.client()
    await w.wait("7d")

    assert await w.calendar(BERLIN) == [
        "Mon 9 09:00:00 s1",
        "Mon 9 10:00:00 s2",
        "Mon 9 11:00:00 s3",
    ]


async def test_hours_cross_midnight(world: Worlds) -> None:
    night = {"timezone": BERLIN, "working_hours": {"mon": ["22:00-06:00"]}}
    w = await world(steps("4h", "4h", "4h"), start=at(2, 9), **night)

    await w.client()
    await w.wait("5d")

    assert await w.calendar(BERLIN) == ["Mon 2 22:00:00 s1", "Tue 3 02:00:00 s2"]
    assert await w.why() == "+7d12h"


async def test_a_special_day_replaces_the_intervals_that_begin_on_it(world: Worlds) -> None:
    special = {"2026-03-03": ["11:00-12:00"], "2026-03-04": []}
    w = await world(steps("1h", "1h"), start=at(2, 17), special_days=special, **OFFICE)

    await w.client()
    await w.wait("7d")

    assert await w.calendar(BERLIN) == ["Tue 3 11:00:00 s1", "Thu 5 09:00:00 s2"]


async def test_hours_hold_reminders_only_and_answers_come_at_any_hour(world: Worlds) -> None:
    w = await world(steps("4h"), start=at(1, 2), **OFFICE)

    await w.client()

    assert [message.at for message in await w.messages()] == [at(1, 2)] * 2


async def test_a_schedule_that_never_opens_blocks_the_chat_and_its_page_says_so(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), working_hours={"mon": []})

    await w.client()
    await w.wait("30d")

    assert await w.reminders() == []
    assert await w.why() == "never_opens"
    assert "the working hours never open" in (await w.page("/followup/chats/1")).text


async def test_a_chat_that_was_blocked_by_its_hours_goes_on_when_they_are_edited(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), working_hours={"mon": []})
    await w.client()
    await w.wait("2d")

    await w.save(working_hours={"wed": ["12:00-13:00"]})
    await w.wait("7d")

    assert await w.calendar() == ["Wed 4 12:00:00 s1"]


async def test_closed_by_the_time_it_is_composed_means_composed_anew_at_the_opening(
    world: Worlds,
) -> None:
    model = FakeModel([say("The draft."), say("Good morning!")])
    w = await world(steps("4h"), start=at(2, 12, 58), model=model, **OFFICE)
    await w.client()

    async def think_for_three_minutes() -> None:
        w.pass_by("3m")

    model.meanwhile.append(think_for_three_minutes)
    await w.wait("1d")

    assert await w.calendar(BERLIN) == ["Tue 3 09:00:00 s1"]
    assert w.sender.texts[-1] == "Good morning!"


async def test_a_timer_that_comes_after_closing_time_waits_for_the_opening(world: Worlds) -> None:
    w = await world(steps("4h"), start=at(6, 12, 59), **OFFICE)
    await w.client()
    w.pass_by("5h")

    await w.wait("7d")

    assert await w.calendar(BERLIN) == ["Mon 9 09:00:00 s1"]


async def test_an_hour_that_the_clocks_leave_out_opens_when_they_are_put_forward(
    world: Worlds,
) -> None:
    hours = {"timezone": BERLIN, "working_hours": {"sun": ["02:30-04:00"]}}
    w = await world(steps("1h"), start=at(28, 12), **hours)

    await w.client()
    await w.wait("2d")

    assert await w.calendar(BERLIN) == ["Sun 29 03:00:00 s1"]


async def test_an_hour_that_comes_twice_is_open_twice(world: Worlds) -> None:
    hours = {"timezone": BERLIN, "working_hours": {"sun": ["02:00-02:30"]}}
    w = await world(steps("1h", "50m"), start=at(24, 12, month=10), **hours)

    await w.client()
    await w.wait("2d")

    moments = [message.at for _, message in w.sender.sent if message.plugin]
    assert moments == [at(25, 0, month=10), at(25, 1, month=10)]


async def test_four_hours_are_four_hours_across_a_clock_change(world: Worlds) -> None:
    w = await world(steps("4h"), start=at(28, 23), timezone=BERLIN)

    await w.client()
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]
