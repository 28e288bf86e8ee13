"""The network's own word for "no more of these": heard at once, kept until it is taken back."""

from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps


async def test_who_says_stop_gets_neither_answer_nor_reminder(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.client("STOP", opt_out=True)
    await w.wait("7d")

    assert w.sender.sent == []
    assert await w.why() == "opted_out"


async def test_a_stop_drops_what_is_pending(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    await w.wait("5h")

    await w.client("STOP", opt_out=True)
    await w.wait("7d")

    assert await w.reminders() == ["+4h s1"]
    assert len(w.sender.sent) == 2


async def test_a_stop_while_the_reminder_is_composed_keeps_it_back(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()
    model.meanwhile.append(lambda: w.receive("STOP", opt_out=True))

    await w.wait("7d")

    assert await w.reminders() == []
    assert await w.why() == "opted_out"


async def test_a_stop_while_the_answer_is_composed_keeps_it_back(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    model.meanwhile.append(lambda: w.receive("STOP", opt_out=True))

    await w.client()
    await w.wait("7d")

    assert w.sender.sent == []


async def test_later_messages_are_answered_but_never_followed_up(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP", opt_out=True)

    await w.client("One more question.")
    await w.wait("7d")

    assert len(w.sender.sent) == 1
    assert await w.reminders() == []
    assert await w.why() == "opted_out"


async def test_taken_back_reminders_go_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP", opt_out=True)

    await w.client("START", opt_out=False)
    await w.wait("7d")

    assert len(w.sender.sent) == 2
    assert await w.reminders() == ["+4h s1"]


async def test_a_manager_who_gives_the_chat_back_takes_it_back_for_later_silences(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client("STOP", opt_out=True)
    await w.pause()
    await w.resume()

    await w.client("Please remind me tomorrow.")
    await w.wait("7d")

    assert await w.reminders() == ["+4h s1"]


async def test_a_stop_brought_again_after_a_start_is_the_same_old_message(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP", opt_out=True, message_id="m-stop")
    await w.client("START", opt_out=False)

    await w.client("STOP", opt_out=True, message_id="m-stop")
    await w.wait("7d")

    assert await w.reminders() == ["+4h s1"]


async def test_a_start_without_a_stop_is_a_message_like_others(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.client("START", opt_out=False)
    await w.wait("7d")

    assert len(w.sender.sent) == 2
    assert await w.reminders() == ["+4h s1"]
