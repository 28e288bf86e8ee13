"""Rule 18: a human takes the chat while something is under way."""

from bot.errors import ChannelError, ModelError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps


async def test_a_manager_who_writes_while_the_model_composes_a_reminder_stops_it(
    world: Worlds,
) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(w.manager)
    await w.wait("1d")

    assert await w.reminders() == []
    assert await w.states() == ["s1 cancelled human_active"]


async def test_a_manager_who_writes_while_the_model_answers_stops_the_answer(
    world: Worlds,
) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)

    model.meanwhile.append(w.manager)
    await w.client()
    await w.wait("1d")

    assert w.sender.sent == []


async def test_a_manager_who_writes_while_the_model_fails_stops_the_answer(
    world: Worlds,
) -> None:
    model = FakeModel([say()], [ModelError("it is down"), "Hello!"])
    w = await world(steps("4h"), model=model)

    model.meanwhile.append(w.manager)
    await w.client()
    await w.wait("1d")

    assert w.sender.sent == []
    assert len(model.asked) == 1
    assert (await w.chat()).waiting_since is None


async def test_a_manager_who_writes_while_an_answer_fails_has_answered(world: Worlds) -> None:
    w = await world(steps("4h"))

    async def fail_slowly(*_: object) -> str:
        del w.sender.send
        await w.manager()
        raise ChannelError("connection refused")

    w.sender.send = fail_slowly
    await w.client()
    await w.wait("1h")
    await w.resume()
    await w.wait("1h")

    assert w.sender.sent == []
    assert (await w.chat()).waiting_since is None


async def test_a_pause_while_an_answer_fails_has_it_tried_again_when_resumed(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))

    async def fail_slowly(*_: object) -> str:
        del w.sender.send
        await w.pause()
        raise ChannelError("connection refused")

    w.sender.send = fail_slowly
    await w.client()
    await w.wait("1h")
    unanswered = list(w.sender.sent)
    await w.resume()
    await w.wait("1h")

    assert unanswered == []
    assert len(w.sender.sent) == 1


async def test_a_manager_who_writes_while_a_reminder_is_sent_freezes_the_next_one(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    send = w.sender.send

    async def send_slowly(*what: object) -> str | None:
        w.sender.send = send
        await w.manager()
        return await send(*what)

    w.sender.send = send_slowly
    await w.wait("1d")
    frozen = await w.reminders()
    await w.resume()
    await w.wait("1d")

    assert frozen == ["+4h s1"]
    assert await w.states() == ["s1 sent sent", "s2 sent sent"]
    assert await w.reminders() == ["+4h s1", "+1d4h s2"]
