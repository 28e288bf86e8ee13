"""Many are due at once: claimed, sent and settled together, each judged by itself."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from bot.api import Together
from bot.model import Chat, ChatRef, Message, Rate
from bot.testing import FakeClock
from plugins.followup.planning import DUE
from tests.story.conftest import Worlds
from tests.story.words import steps
from tests.story.world import World

TICK = timedelta(milliseconds=1)


class RunningClock(FakeClock):
    """Goes on whenever somebody looks at it, as clocks do."""

    def now(self) -> datetime:
        self.advance(TICK)
        return super().now()


async def test_a_reminder_goes_out_by_a_clock_that_never_stands_still(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    running = RunningClock(w.clock.now() + timedelta(hours=4))
    w.clock.now = running.now  # type: ignore[method-assign]  # as clocks do

    await w.app.plugins[0].job(DUE)

    assert await w.states() == ["s1 sent sent"]


async def test_all_that_are_due_at_one_moment_are_reminded_by_one_job(world: Worlds) -> None:
    w = await world(steps("4h"))
    people = [f"c{n}" for n in range(30)]
    for who in people:
        await w.client(who=who)
    w.pass_by("4h")

    await w.app.plugins[0].job(DUE)

    assert [await w.states(who) for who in people] == [["s1 sent sent"]] * len(people)


async def test_a_moment_that_many_share_is_one_job(world: Worlds) -> None:
    w = await world(steps("1m"))
    for n in range(30):
        await w.client(who=f"c{n}")

    assert [(kind, key) for _, kind, key in w.jobs.waiting] == [("followup", DUE)]


async def test_those_who_passed_the_gate_together_are_all_on_their_way_at_once(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    for n in range(10):
        await w.client(who=f"c{n}")
    w.pass_by("4h")
    sent, begun, all_began = w.sender.send, [], asyncio.Event()

    async def held(chat: Chat, message: Message) -> str | None:
        begun.append(chat.id)
        if len(begun) == 10:
            all_began.set()
        # The first passes the gate alone.
        if len(begun) > 1:
            await all_began.wait()
        return await sent(chat, message)

    w.sender.send = held  # type: ignore[method-assign]  # a network that takes its time

    await w.app.plugins[0].job(DUE)

    assert [await w.states(f"c{n}") for n in range(10)] == [["s1 sent sent"]] * 10


async def test_of_jobs_that_come_at_once_one_looks_and_the_next_looks_for_all_others(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.pass_by("4h")
    plugin = w.app.plugins[0]

    await asyncio.gather(*(plugin.job(DUE) for _ in range(5)))

    assert await w.states() == ["s1 sent sent"]
    assert plugin.ports.room.begun == 2  # type: ignore[attr-defined]  # followup's own


async def test_a_look_that_failed_counts_for_nobody_else(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.pass_by("4h")
    plugin = w.app.plugins[0]
    search, faults = plugin.ports.search, [LookupError]  # type: ignore[attr-defined]
    ready = search.ready

    async def refused(*asked: object) -> object:
        if faults:
            raise faults.pop()
        return await ready(*asked)

    search.ready = refused
    first, *_ = await asyncio.gather(
        plugin.job(DUE), plugin.job(DUE), plugin.job(DUE), return_exceptions=True
    )

    assert isinstance(first, LookupError)
    assert await w.states() == ["s1 sent sent"]


async def test_those_who_are_served_together_go_on_at_the_same_moment() -> None:
    on: list[int] = []
    counts: list[int] = []

    async def echoed(wishes: list[int]) -> list[int]:
        others_came = asyncio.Event()
        asyncio.get_running_loop().call_soon(others_came.set)
        await others_came.wait()
        return wishes

    async def one(wish: int) -> None:
        await together.ask(wish)
        on.append(wish)
        asyncio.get_running_loop().call_soon(lambda: counts.append(len(on)))

    together = Together(echoed)
    await asyncio.gather(*(one(wish) for wish in range(100)))

    assert counts == [100] * 100


async def test_who_is_called_off_while_acting_for_all_leaves_the_others_to_themselves() -> None:
    acting = asyncio.Event()
    batches: list[list[int]] = []

    async def stuck(wishes: list[int]) -> list[int]:
        batches.append([*wishes])
        others_came = asyncio.Event()
        asyncio.get_running_loop().call_soon(others_came.set)
        await others_came.wait()
        if len(wishes) > 1:
            acting.set()
            await asyncio.Event().wait()
        return wishes

    together = Together(stuck)
    leader, *_, leaving = tasks = [asyncio.create_task(together.ask(wish)) for wish in range(6)]
    await acting.wait()

    leaving.cancel()
    leader.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert batches == [[0, 1, 2, 3, 4, 5], [1], [2], [3], [4]]
    assert [each for each in outcomes if isinstance(each, int)] == [1, 2, 3, 4]


async def test_what_fails_together_is_tried_one_by_one() -> None:
    batches: list[list[int]] = []

    async def halved(wishes: list[int]) -> list[float]:
        batches.append([*wishes])
        others_came = asyncio.Event()
        asyncio.get_running_loop().call_soon(others_came.set)
        await others_came.wait()
        return [1 / wish for wish in wishes]

    together = Together(halved)
    outcomes = await asyncio.gather(
        *(together.ask(wish) for wish in (1, 2, 0, 4)), return_exceptions=True
    )

    assert batches == [[1, 2, 0, 4], [1], [2], [0], [4]]
    assert outcomes[:2] == [1, 0.5]
    assert isinstance(outcomes[2], ZeroDivisionError)
    assert outcomes[3] == 0.25


async def test_what_is_everybodys_fault_is_not_tried_one_by_one() -> None:
    batches: list[list[int]] = []

    async def away(wishes: list[int]) -> list[int]:
        batches.append([*wishes])
        raise ConnectionError

    together = Together(away, common=(OSError,))
    outcomes = await asyncio.gather(*map(together.ask, range(4)), return_exceptions=True)

    assert batches == [[0, 1, 2, 3]]
    assert [type(each) for each in outcomes] == [ConnectionError] * 4


async def paced(w: World, crowd: int) -> list[str]:
    """So many are due at an account that takes one a second, and one at another, due the last."""
    w.app.runtime.outbox.rates["site"] = (Rate(1, timedelta(seconds=1)),)  # type: ignore[attr-defined]
    people = [f"c{n}" for n in range(crowd)]
    for who in people:
        await w.client(who=who)
    await w.app.inbox.receive(
        replace(w.incoming("Hello"), ref=ChatRef("other", "d1"), at=w.clock.now())
    )
    await w.run()
    w.pass_by("4h")
    return people


async def test_an_account_takes_up_what_it_can_send_soon_and_leaves_the_rest_alone(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    people = await paced(w, 30)

    await w.app.plugins[0].job(DUE)

    assert [await w.states(who) for who in people] == [["s1 sent sent"]] * 10 + [[]] * 20
    assert [ref.account for ref, _ in w.sender.sent[31:]].count("other") == 1


async def test_the_rest_follows_every_few_seconds_the_longest_due_first(world: Worlds) -> None:
    w = await world(steps("4h"))
    people = await paced(w, 30)
    seen = []

    for _ in range(3):
        await w.until(w.clock.now() + timedelta(seconds=5))
        seen.append([who for who in people if await w.states(who)])

    assert seen == [people[:20], people, people]
    assert [await w.states(who) for who in people] == [["s1 sent sent"]] * 30


async def test_however_often_it_is_looked_at_the_next_look_is_one_job(world: Worlds) -> None:
    w = await world(steps("4h"))
    await paced(w, 40)

    for _ in range(3):
        w.pass_by("1s")
        await w.app.plugins[0].job(DUE)

    ahead = [each for each in w.jobs.waiting if each[0] > w.clock.now()]
    assert [(kind, key) for _, kind, key in ahead] == [("followup", DUE)]
