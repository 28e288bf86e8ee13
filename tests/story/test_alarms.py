"""Admins are told something by message, through the whole application."""

from tests.story.conftest import Worlds
from tests.story.desk import Office
from tests.story.words import steps
from tests.story.world import World


async def ring(w: World, key: str = "breaker:1") -> None:
    async with w.app.database.write() as tx:
        await w.app.runtime.alarm.ring(tx, key, "Reminders are stopped.", "anna")


async def test_admins_are_told_by_a_job_after_the_commit(world: Worlds) -> None:
    w = await world(steps("4h"))
    office = Office(w)
    await ring(w)

    await w.run()

    assert office.console.texts == ["Reminders are stopped."]


async def test_after_a_restart_and_with_redis_empty_they_are_told_once(world: Worlds) -> None:
    w = await world(steps("4h"))
    Office(w)
    await ring(w)
    await w.restart()
    office = Office(w)
    await w.app.sweep()
    await w.run()

    await ring(w)
    await w.wait("1h")

    assert office.console.texts == ["Reminders are stopped."]


async def test_an_alarm_starts_no_chat_and_no_follow_up(world: Worlds) -> None:
    w = await world(steps("4h"))
    Office(w)

    await ring(w)
    await w.wait("1d")

    assert await w.query("SELECT 1 FROM chats") == []
    assert w.sender.sent == []
