"""Answers that the model, the channel or a dying process did not let out."""

from datetime import timedelta

from bot.errors import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ModelError,
    UnknownDeliveryError,
)
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps
from tests.story.world import Killed

DOWN = ModelError("it is down")


async def test_a_process_that_dies_while_the_model_thinks_answers_after_the_restart(
    world: Worlds,
) -> None:
    model = FakeModel([say()], ["Hello!"])
    w = await world(steps("4h"), model=model)
    await w.receive("Hello")

    async def die() -> None:
        raise Killed

    model.meanwhile.append(die)
    try:
        await w.run()
    except Killed:
        await w.restart()

    assert w.sender.texts == ["Hello!"]


async def test_a_process_that_dies_while_sending_answers_no_second_time(world: Worlds) -> None:
    w = await world(steps("4h"))
    w.sender.after.append(Killed())
    await w.receive("Hello")
    try:
        await w.run()
    except Killed:
        await w.restart()

    await w.wait("1d")

    assert len([1 for _, message in w.sender.sent if message.plugin is None]) == 1
    assert (await w.messages())[1].delivery == "uncertain"
    assert await w.reminders() == ["+4h s1"]


async def test_a_channel_that_says_it_never_got_the_answer_is_given_another(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    w.sender.tells = lambda _message: False
    w.sender.before.append(Killed())
    await w.receive("Hello")
    try:
        await w.run()
    except Killed:
        await w.restart()

    await w.wait("1h")

    assert len(w.sender.sent) == 1
    assert [message.delivery for message in await w.messages()] == ["sent", "sent"]


async def test_a_model_that_is_back_answers_what_was_left(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([say()], [DOWN, DOWN, "I am back."]))

    await w.client()
    unanswered = list(w.sender.sent)
    await w.wait("35s")

    assert unanswered == []
    assert w.sender.texts == ["I am back."]


async def test_a_model_that_stays_away_is_given_up_until_the_client_writes_again(
    world: Worlds,
) -> None:
    model = FakeModel([say()], [*[DOWN] * 6, "I am back."])
    w = await world(steps("4h"), model=model)
    await w.client()
    await w.wait("7d")
    asked = len(model.asked)

    await w.client("Hello?")

    assert asked == 6
    assert w.sender.texts == ["I am back."]


async def test_a_new_message_is_answered_at_once_though_the_last_one_waits(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), model=FakeModel([say()], [DOWN, DOWN, "Yes."]))
    await w.client()
    await w.wait("10s")

    await w.client("Hello?")

    assert w.sender.texts == ["Yes."]


async def test_an_answer_that_surely_was_not_sent_is_composed_and_sent_again(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    w.sender.before.append(ChannelError("connection refused"))

    await w.client()
    await w.wait("5s")

    assert len(w.sender.sent) == 1
    assert [message.author for message in await w.messages()] == ["client", "employee"]


async def test_a_busy_channel_gets_its_answer_after_the_time_it_asks_for(world: Worlds) -> None:
    w = await world(steps("4h"))
    w.sender.before.append(ChannelBusyError(timedelta(minutes=3)))

    await w.client()
    await w.wait("2m59s")
    early = list(w.sender.sent)
    await w.wait("1s")

    assert early == []
    assert len(w.sender.sent) == 1


async def test_a_client_who_cannot_be_reached_is_not_answered_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    w.sender.before.append(ChatUnreachableError("blocked"))

    await w.client()
    await w.wait("7d")

    assert w.sender.sent == []
    assert await w.why() == "waiting_for_answer"


async def test_an_answer_of_unknown_fate_is_not_sent_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    w.sender.after.append(UnknownDeliveryError("no answer came"))

    await w.client()
    await w.wait("1h")

    assert len(w.sender.sent) == 1
    assert (await w.messages())[-1].delivery == "uncertain"


async def test_a_worker_whose_lease_ended_may_not_answer_any_more(world: Worlds) -> None:
    model = FakeModel([say()], ["By the second one.", "By the slow one."])
    w = await world(steps("4h"), model=model)

    async def hang_until_somebody_else_did_it() -> None:
        w.pass_by("10m")
        await w.app.sweep()
        await w.run()

    model.meanwhile.append(hang_until_somebody_else_did_it)
    await w.client()
    await w.wait("1h")

    assert w.sender.texts == ["By the second one."]


async def test_a_worker_whose_lease_ended_takes_no_answer_back_when_its_model_fails(
    world: Worlds,
) -> None:
    model = FakeModel([say()], ["By the second one.", DOWN, "Once more."])
    w = await world(steps("4h"), model=model)

    async def hang_until_somebody_else_did_it() -> None:
        w.pass_by("10m")
        await w.app.sweep()
        await w.run()

    model.meanwhile.append(hang_until_somebody_else_did_it)
    await w.client()
    await w.wait("1h")

    assert w.sender.texts == ["By the second one."]
