"""A timer is only a wake-up call: it may come late, twice or never, and Redis may be emptied."""

import asyncio

from tests.story.conftest import Worlds
from tests.story.words import steps


async def test_after_redis_was_emptied_a_due_reminder_still_goes_out_on_time(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h58m")
    armed = list(w.jobs.waiting)

    w.jobs.lose()
    await w.wait("1h")

    assert armed
    assert await w.reminders() == ["+4h s1"]


async def test_a_reminder_whose_moment_passed_while_redis_was_empty_goes_with_the_next_sweep(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h58m")
    w.jobs.lose()
    w.pass_by("2m30s")

    await w.app.sweep()
    await w.run()

    assert await w.reminders() == ["+4h30s s1"]


async def test_an_answer_whose_job_was_lost_is_given_with_the_next_sweep(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.receive("Hello")
    w.jobs.lose()

    await w.app.sweep()
    await w.run()

    assert len(w.sender.sent) == 1


async def test_redis_emptied_every_few_minutes_changes_no_moment(world: Worlds) -> None:
    w = await world(steps("1h", "2h"))
    await w.client()

    for _ in range(45):
        w.jobs.lose()
        await w.wait("5m")

    assert await w.reminders() == ["+1h s1", "+3h s2"]


async def test_a_timer_that_comes_early_or_in_vain_does_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    key = (await w.client()).chat.id
    for kind in ("followup", "answer"):
        w.jobs.wake(kind, key, w.clock.now())
        w.jobs.wake(kind, 4711, w.clock.now())

    await w.run()
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]
    assert len(w.sender.sent) == 2


async def test_a_timer_for_something_unknown_is_dropped(world: Worlds) -> None:
    w = await world(steps("4h"))
    w.jobs.wake("horoscope", 1, w.clock.now())

    await w.run()

    assert not w.jobs.waiting


async def test_only_what_is_due_soon_waits_in_redis(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.client()
    await w.app.sweep()
    at_first = list(w.jobs.waiting)
    await w.wait("3h56m")
    await w.app.sweep()

    assert at_first == []
    assert [kind for _, kind, _ in w.jobs.waiting] == ["followup"]


async def test_two_sweeps_at_once_bring_one_reminder(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.pass_by("5h")

    await asyncio.gather(w.app.sweep(), w.app.sweep())
    await w.run()

    assert await w.reminders() == ["+5h s1"]
