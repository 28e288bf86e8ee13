"""Many are due at once: claimed, sent and settled together, each judged by itself."""

import asyncio
from datetime import datetime, timedelta

from bot.testing import FakeClock
from plugins.followup.planning import DUE
from plugins.followup.together import Together
from tests.story.conftest import Worlds
from tests.story.words import steps

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

    assert batches == [[1], [2, 0, 4], [2], [0], [4]]
    assert outcomes[:2] == [1, 0.5]
    assert isinstance(outcomes[2], ZeroDivisionError)
    assert outcomes[3] == 0.25
