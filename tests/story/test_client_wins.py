"""Rule 13: whatever the client says first, wins; and every client's chat is its own."""

from bot.errors import ChannelError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps


async def test_a_reply_while_the_model_composes_cancels_the_reminder(world: Worlds) -> None:
    model = FakeModel([say("Still there?")])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(lambda: w.receive("Yes, I take it!"))
    await w.wait("3h")
    await w.wait("1h30m")

    assert await w.reminders() == []
    assert await w.states() == ["s1 cancelled client_replied"]
    assert w.sender.texts == ["Hello!", "Hello!"]


async def test_the_reply_that_won_starts_the_chain_over(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(lambda: w.receive("Wait."))
    await w.wait("1d")

    assert await w.reminders() == ["+8h s1"]


async def test_a_reply_and_a_reminder_at_the_same_second_the_reply_comes_first(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    w.pass_by("4h")

    await w.receive("Just in time")
    await w.wait("1h")

    assert await w.reminders() == []


async def test_a_reply_while_the_channel_is_called_still_starts_a_new_silence(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "24h"))
    await w.client()
    send = w.sender.send

    async def send_slowly(*what: object) -> str | None:
        w.sender.send = send
        await w.receive("I was just writing.")
        return await send(*what)

    w.sender.send = send_slowly
    await w.wait("3d")

    assert await w.reminders() == ["+4h s1", "+8h s1", "+1d8h s2"]
    assert await w.states() == ["s1 sent sent", "s1 sent sent", "s2 sent sent"]


async def test_a_run_once_reminder_that_crossed_a_reply_is_used_up(world: Worlds) -> None:
    w = await world(steps("4h", once=True))
    await w.client()
    send = w.sender.send

    async def send_slowly(*what: object) -> str | None:
        w.sender.send = send
        await w.receive("I was just writing.")
        return await send(*what)

    w.sender.send = send_slowly
    await w.wait("3d")

    assert await w.reminders() == ["+4h s1"]
    assert await w.why() == "done"


async def test_a_reminder_that_crossed_a_reply_and_failed_is_not_tried_again(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()

    async def fail_slowly(*_: object) -> str:
        del w.sender.send
        await w.receive("I was just writing.")
        raise ChannelError("connection refused")

    w.sender.send = fail_slowly
    await w.wait("1d")

    assert await w.reminders() == ["+8h s1"]
    assert await w.states() == ["s1 cancelled client_replied", "s1 sent sent"]


async def test_a_delayed_message_of_the_employee_while_the_model_composes_holds_nothing_up(
    world: Worlds,
) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(lambda: w.employee(at=w.start))
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]
    assert [message.n for message in await w.messages()] == [1, 2, 3, 4]


async def test_two_chats_do_not_disturb_each_other(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client(who="anna's friend")
    await w.wait("1h")
    await w.client(who="somebody else")
    await w.wait("2h")

    await w.client("I am back.", who="anna's friend")
    await w.wait("1d")

    assert await w.reminders("anna's friend") == ["+7h s1", "+11h s2"]
    assert await w.reminders("somebody else") == ["+5h s1", "+9h s2"]


async def test_thirty_chats_that_are_due_at_once_are_all_reminded_once(world: Worlds) -> None:
    w = await world(steps("1h"))
    for n in range(30):
        await w.client(who=f"c{n}")

    await w.wait("2h")

    got = [ref.address for ref, message in w.sender.sent if message.plugin]
    assert sorted(got) == sorted(f"c{n}" for n in range(30))
