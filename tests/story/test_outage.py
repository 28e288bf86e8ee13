"""Rule 11: one reminder at a time after an outage, and none that is a day late."""

from tests.story.conftest import Worlds
from tests.story.words import steps, weekdays


async def test_after_an_outage_one_reminder_goes_out_and_the_next_counts_from_it(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "4h", "4h"))
    await w.client()
    w.pass_by("20h")

    await w.restart()
    at_once = await w.reminders()
    await w.wait("2d")

    assert at_once == ["+20h s1"]
    assert await w.reminders() == ["+20h s1", "+1d s2", "+1d4h s3"]


async def test_a_reminder_that_is_exactly_a_day_late_still_goes_out(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.pass_by("1d4h")

    await w.restart()

    assert await w.reminders() == ["+1d4h s1"]


async def test_a_reminder_more_than_a_day_late_is_skipped_and_the_next_counts_from_the_skip(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    w.pass_by("1d4h1s")

    await w.restart()
    await w.wait("2d")

    assert await w.reminders() == ["+1d8h1s s2"]
    assert await w.states() == ["s1 skipped too_late", "s2 sent sent"]


async def test_the_conversation_shows_what_was_skipped_as_too_late(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.pass_by("3d")

    await w.restart()

    assert "more than 24 hours late" in (await w.page("/followup/chats/1")).text


async def test_a_run_once_step_that_was_too_late_is_not_used_up(world: Worlds) -> None:
    w = await world(steps("4h", once=True))
    await w.client()
    w.pass_by("3d")
    await w.restart()

    await w.client()
    await w.wait("1d")

    assert await w.reminders() == ["+3d4h s1"]


async def test_waiting_for_the_hours_is_never_too_late(world: Worlds) -> None:
    w = await world(steps("1h"), working_hours={"mon": ["09:00-09:30"]})

    await w.client()
    await w.wait("8d")

    assert await w.reminders() == ["+7d s1"]


async def test_an_outage_that_ends_after_closing_time_waits_for_the_opening(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-18:00"))
    await w.client()
    w.pass_by("10h")

    await w.restart()
    await w.wait("3d")

    assert await w.calendar() == ["Tue 3 09:00:00 s1"]


async def test_no_two_reminders_go_out_however_often_the_timers_fire(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    w.pass_by("20h")

    for _ in range(3):
        await w.app.sweep()
        await w.run()
        await w.restart()

    assert await w.reminders() == ["+20h s1"]
