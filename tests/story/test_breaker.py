"""Everything can be stopped: by the breaker, by a person, by off; and goes on without a burst."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from bot.errors import ChatUnreachableError
from bot.model import Chat, Rate
from bot.testing import FakeModel, FakeThrottle
from bot.worker import run_job
from config.settings import Settings
from plugins.followup.planning import edit
from plugins.followup.plugin import Followup
from plugins.followup.stopping import stop as stop_everything
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.filling import Visits, words
from tests.story.words import say, steps
from tests.story.world import World

STOPPED = "/followup/stopped"


async def with_breaker(w: World, **options: str) -> World:
    """The same world with another settings file."""
    table = {**w.settings.model_dump(exclude_defaults=False), "plugins": {"followup": options}}
    w.settings = Settings.model_validate(table)
    await w.app.close()
    await w.boot()
    return w


def went(w: World) -> int:
    return len([message for _, message in w.sender.sent if message.plugin])


async def test_too_many_in_a_time_stop_everything_until_an_admin_lets_it_go_on(
    world: Worlds,
) -> None:
    w = await with_breaker(await world(steps("1h")), breaker="3 in 10m")
    admin = Admin(w)
    for n in range(9):
        await w.client(who=f"c{n}")
        await w.wait("1m")

    await w.wait("2h")
    latched = went(w)
    status = await admin.reads("status")
    released = w.clock.now()
    await admin.reads("release")
    await w.wait("9m")
    waited = went(w)

    assert latched == 4
    assert "ALL REMINDERS ARE STOPPED" in status
    assert "more than 3 reminders went out in 10m" in status
    assert waited == latched
    await w.wait("2m")
    assert went(w) > latched
    later = [m.at for _, m in w.sender.sent if m.plugin][latched:]
    assert min(later) >= released


async def test_trouble_among_the_last_ones_stops_everything_too(world: Worlds) -> None:
    w = await with_breaker(await world(steps("1h")), breaker_trouble="2 of 10")
    for n in range(5):
        await w.client(who=f"c{n}")
        await w.wait("2m")
    w.sender.before.extend([ChatUnreachableError("blocked"), ChatUnreachableError("blocked")])

    await w.wait("2h")

    assert went(w) == 0
    assert "2 or more failed" in await Admin(w).reads("status")


async def test_nothing_is_skipped_as_too_late_because_it_was_stopped(world: Worlds) -> None:
    w = await world(steps("1h"))
    admin = Admin(w)
    await w.client()
    await admin.reads("stop")

    await w.wait("3d")
    stopped = await w.reminders()
    await admin.reads("release")
    await w.wait("1h")

    assert stopped == []
    assert await w.reminders() == ["+3d10m s1"]


async def test_what_is_being_composed_when_everything_stops_is_not_sent(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("1h"), model=model)
    await w.client()

    async def stop() -> None:
        plugin = next(each for each in w.app.plugins if isinstance(each, Followup))
        await stop_everything(plugin.ports, "somebody did", "telegram 77")

    model.meanwhile.append(stop)
    await w.wait("2h")

    assert went(w) == 0
    assert await w.states() == ["s1 scheduled rate_limited"]


async def off(w: World) -> None:
    """As the command does it; nothing else runs."""
    plugin = next(each for each in w.app.plugins if isinstance(each, Followup))
    async with w.app.database.write() as tx:
        await edit(plugin.ports, tx, "anna", enabled=False)


async def test_of_fifty_that_are_being_composed_none_is_sent_after_off(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("1h"), model=model)
    for n in range(50):
        await w.client(who=f"c{n}")
    await w.wait("59m")
    composing, go = asyncio.Semaphore(0), asyncio.Event()

    async def think() -> None:
        composing.release()
        await go.wait()

    model.meanwhile.extend([think] * 50)
    w.pass_by("1m")
    chats = [(await w.chat(f"c{n}")).id for n in range(50)]
    tasks = [asyncio.create_task(run_job(w.app, "followup", chat)) for chat in chats]
    for _ in range(50):
        await composing.acquire()

    async with asyncio.timeout(5):
        await off(w)
    go.set()
    await asyncio.gather(*tasks)
    await w.wait("2d")

    assert went(w) == 0


async def test_off_all_turns_everybody_off_and_on_all_on_again(world: Worlds) -> None:
    w = await world(steps("1h"))
    admin = Admin(w)
    await w.client()

    off = await admin.reads("off all")
    again = await admin.reads("off all")
    await w.wait("3h")
    on = await admin.reads("on all")
    await w.client("Hello again")
    await w.wait("2h")

    assert "Follow-ups of 1 employee are off now." in off
    assert "off already" in again
    assert "are on now" in on
    assert len(await w.reminders()) == 1


async def test_every_page_says_so_while_everything_is_stopped(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("1h"))
    await w.client()
    person = await visits(w, STOPPED).opens()
    quiet = words((await w.page("/employees")).text)

    await person.press("stop")
    pages = [words((await w.page(path)).text) for path in ("/employees", "/followup", "/chats")]
    await w.wait("3h")
    await (await visits(w, STOPPED).opens()).press("release")
    await w.wait("1h")

    assert "All reminders are stopped" not in quiet
    assert all("All reminders are stopped" in page for page in pages)
    assert len(await w.reminders()) == 1


async def test_who_stopped_and_who_let_go_on_is_in_the_audit_log(world: Worlds) -> None:
    w = await world(steps("1h"))
    admin = Admin(w)

    await admin.reads("stop")
    await admin.reads("release")

    rows = await w.query(
        "SELECT by, action FROM changes WHERE action LIKE 'followup.%' ORDER BY id"
    )
    assert [(row["by"], row["action"]) for row in rows] == [
        ("telegram 77", "followup.stopped"),
        ("telegram 77", "followup.released"),
    ]


class Crowd(FakeThrottle):
    """In the wait before a send, somebody does something; once."""

    act: Callable[[], Awaitable[object]] | None = None

    async def slot(self, door: str, chat: Chat, rates: Sequence[Rate]) -> timedelta:
        if door != "send" or self.act is None:
            return await super().slot(door, chat, rates)
        act, self.act = self.act, None
        await act()
        return timedelta(milliseconds=1)


@pytest.mark.parametrize("word", ["off", "stop"])
async def test_what_waits_in_a_crowd_after_its_intent_is_called_off(
    world: Worlds, word: str
) -> None:
    w = await world(steps("1h"))
    w.throttle = crowd = Crowd()
    await w.restart()
    await w.client()
    crowd.act = lambda: Admin(w).reads(word)

    await w.wait("3h")

    assert crowd.act is None
    assert await w.reminders() == []
