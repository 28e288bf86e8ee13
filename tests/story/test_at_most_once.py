"""Rule 12: the intent comes first; what may have been sent is never sent again blindly."""

import asyncio

from bot.errors import UnknownDeliveryError
from bot.testing import FakeModel
from bot.worker import run_job
from tests.story.conftest import Worlds
from tests.story.words import say, steps
from tests.story.world import Killed, World


async def silent_after_an_answer(world: Worlds, *delays: str, **more: object) -> World:
    w = await world(steps(*delays, **more))
    await w.client()
    return w


async def test_the_intent_is_stored_before_the_channel_is_called(world: Worlds) -> None:
    w = await silent_after_an_answer(world, "4h")
    seen = []

    async def look(_ref: object, _message: object) -> str:
        seen.extend([(await w.states())[0], (await w.messages())[-1].delivery])
        return "id-1"

    w.sender.send = look
    await w.wait("4h")

    assert seen == ["s1 sending None", "sending"]
    assert await w.states() == ["s1 sent sent"]


async def test_a_reminder_of_unknown_fate_is_uncertain_and_not_sent_again(world: Worlds) -> None:
    w = await silent_after_an_answer(world, "4h")
    w.sender.after.append(UnknownDeliveryError("no answer came"))

    await w.wait("3d")

    assert await w.reminders() == ["+4h s1"]
    assert await w.states() == ["s1 uncertain uncertain"]
    assert "perhaps sent" in (await w.page("/followup/chats/1")).text


async def test_an_uncertain_reminder_counts_as_sent_from_the_moment_of_the_intent(
    world: Worlds,
) -> None:
    w = await silent_after_an_answer(world, "4h", "4h")

    async def hang(_ref: object, _message: object) -> str:
        del w.sender.send
        w.pass_by("30s")
        raise UnknownDeliveryError("no answer came")

    w.sender.send = hang
    await w.wait("3d")

    assert await w.states() == ["s1 uncertain uncertain", "s2 sent sent"]
    assert await w.reminders() == ["+8h s2"]


async def test_an_uncertain_reminder_uses_up_run_once(world: Worlds) -> None:
    w = await silent_after_an_answer(world, "4h", once=True)
    w.sender.after.append(UnknownDeliveryError("no answer came"))
    await w.wait("5h")

    await w.client("Hello again")

    assert await w.why() == "done"


async def test_a_process_that_dies_after_sending_leaves_the_reminder_uncertain(
    world: Worlds,
) -> None:
    w = await silent_after_an_answer(world, "4h", "4h")
    w.sender.after.append(Killed())
    try:
        await w.wait("5h")
    except Killed:
        await w.restart()

    await w.wait("3d")

    assert await w.reminders() == ["+4h s1", "+8h s2"]
    assert await w.states() == ["s1 uncertain uncertain", "s2 sent sent"]


async def test_a_process_that_dies_before_sending_does_not_send_blindly_either(
    world: Worlds,
) -> None:
    w = await silent_after_an_answer(world, "4h")
    w.sender.before.append(Killed())
    try:
        await w.wait("5h")
    except Killed:
        await w.restart()

    await w.wait("3d")

    assert await w.reminders() == []
    assert await w.states() == ["s1 uncertain uncertain"]


async def test_a_channel_that_can_tell_is_asked_and_says_it_was_sent(world: Worlds) -> None:
    w = await silent_after_an_answer(world, "4h", "4h")
    w.sender.tells = lambda _message: True
    w.sender.after.append(Killed())
    try:
        await w.wait("5h")
    except Killed:
        await w.restart()

    await w.wait("3d")

    assert await w.reminders() == ["+4h s1", "+8h s2"]
    assert await w.states() == ["s1 sent sent", "s2 sent sent"]


async def test_a_channel_that_says_it_never_got_it_is_given_the_reminder_again(
    world: Worlds,
) -> None:
    w = await silent_after_an_answer(world, "4h")
    w.sender.tells = lambda _message: False
    w.sender.before.append(Killed())
    try:
        await w.wait("5h")
    except Killed:
        await w.restart()

    await w.wait("3d")

    assert await w.reminders() == ["+4h30s s1"]
    assert await w.states() == ["s1 sent sent"]


async def test_a_job_that_is_cancelled_while_sending_leaves_an_uncertain_reminder(
    world: Worlds,
) -> None:
    w = await silent_after_an_answer(world, "4h")
    started = asyncio.Event()

    async def never_ends(_ref: object, _message: object) -> str:
        started.set()
        await asyncio.Event().wait()
        return "never"

    w.sender.send = never_ends
    w.pass_by("4h")
    task = asyncio.create_task(run_job(w.app, "followup", (await w.chat()).id))
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    del w.sender.send

    await w.wait("1d")

    assert await w.reminders() == []
    assert await w.states() == ["s1 uncertain uncertain"]


async def test_a_timer_that_fires_twice_reminds_once(world: Worlds) -> None:
    w = await silent_after_an_answer(world, "4h")
    w.pass_by("4h")
    key = (await w.chat()).id

    await asyncio.gather(*(run_job(w.app, "followup", key) for _ in range(5)))

    assert await w.reminders() == ["+4h s1"]


async def test_two_workers_on_one_database_remind_once(world: Worlds) -> None:
    w = await silent_after_an_answer(world, "4h")
    w.pass_by("4h")
    one, other = w.app, await w.boot("another-worker")
    key = (await w.chat()).id

    await asyncio.gather(run_job(one, "followup", key), run_job(other, "followup", key))
    await one.close()

    assert await w.reminders() == ["+4h s1"]


async def test_a_worker_that_starts_leaves_alone_what_another_one_composes(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()
    one = w.app

    model.meanwhile.append(lambda: w.boot("another-worker"))
    await w.wait("1d")
    await one.close()

    assert await w.reminders() == ["+4h s1"]
    assert len(model.asked) == 2


async def test_a_worker_whose_lease_ended_may_not_send_any_more(world: Worlds) -> None:
    model = FakeModel([say("The second one."), say("The slow one.")])
    w = await world(steps("4h"), model=model)
    await w.client()

    async def hang_until_somebody_else_did_it() -> None:
        w.pass_by("5m")
        await w.app.sweep()
        await w.run()

    model.meanwhile.append(hang_until_somebody_else_did_it)
    await w.wait("1d")

    assert w.sender.texts[1:] == ["The second one."]


async def test_a_lease_that_ended_has_the_step_composed_by_somebody_else(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()
    model.meanwhile.append(asyncio.Event().wait)
    w.pass_by("4h")
    stuck = asyncio.create_task(run_job(w.app, "followup", (await w.chat()).id))
    while len(model.asked) < 2:
        await asyncio.wait([stuck], timeout=0.01)

    await w.wait("10m")
    stuck.cancel()
    await asyncio.wait([stuck])

    assert await w.states() == ["s1 sent sent"]
    assert len(await w.reminders()) == 1
