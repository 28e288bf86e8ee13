"""The networks' limits: whoever has no slot waits, and that is nobody's failure."""

from datetime import timedelta

from bot.outbox import LONGEST_WAIT
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps
from tests.story.world import World

LONG = LONGEST_WAIT + timedelta(minutes=5)


async def answered(world: Worlds, model: FakeModel | None = None) -> World:
    w = await world(steps("4h", "4h"), model=model)
    await w.client()
    return w


async def test_a_reminder_without_a_slot_waits_for_one_and_is_sent_once(world: Worlds) -> None:
    w = await answered(world)
    w.throttle.waits.extend([LONG, LONG])

    await w.wait("5h")

    assert await w.reminders() == ["+4h11m s1"]
    assert await w.states() == ["s1 sent sent"]


async def test_waiting_for_a_slot_is_no_failure_however_often(world: Worlds) -> None:
    w = await answered(world)
    w.throttle.waits.extend([LONG] * 9)

    await w.wait("5h")

    assert await w.reminders() == ["+4h49m30s s1"]


async def test_a_reminder_that_waits_for_a_slot_says_so(world: Worlds) -> None:
    w = await answered(world)
    w.throttle.waits.extend([LONG] * 99)

    await w.wait("4h1m")

    assert await w.states() == ["s1 scheduled rate_limited"]


async def test_a_client_who_writes_meanwhile_gets_no_reminder(world: Worlds) -> None:
    w = await answered(world)
    w.throttle.waits.append(LONG)
    await w.wait("4h1m")

    await w.client("I am back")
    await w.wait("3h")

    assert await w.reminders() == []


async def test_while_the_network_wants_us_to_wait_nothing_is_composed(world: Worlds) -> None:
    model = FakeModel([say("Still there?")])
    w = await answered(world, model)
    asked = len(model.asked)
    w.throttle.left = LONG

    await w.wait("4h1m")

    assert len(model.asked) == asked
    w.throttle.left = timedelta()
    await w.wait("1h")
    assert await w.reminders() == ["+4h5m30s s1"]


async def test_an_answer_waits_too_and_is_given_once(world: Worlds) -> None:
    w = await world(steps("4h"))
    w.throttle.waits.append(LONG)

    await w.client("Are you there?")
    assert len(w.sender.sent) == 0
    await w.wait("6m")

    assert len(w.sender.sent) == 1


async def test_an_answer_is_not_composed_while_the_network_wants_us_to_wait(world: Worlds) -> None:
    model = FakeModel()
    w = await world(steps("4h"), model=model)
    w.throttle.left = LONG

    await w.client("Are you there?")

    assert model.asked == []
    w.throttle.left = timedelta()
    await w.wait("6m")
    assert len(w.sender.sent) == 1
