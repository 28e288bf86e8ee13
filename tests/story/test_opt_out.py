"""Who wants no more messages: heard at once, confirmed once, kept until it is taken back."""

from bot.errors import ChannelError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps

FAREWELL = "employee: You will get no more reminders from us. Write /start if you change your mind."


async def test_who_says_stop_gets_one_confirmation_and_no_reminder(world: Worlds) -> None:
    model = FakeModel([])
    w = await world(steps("4h"), model=model)

    await w.client("STOP")
    await w.wait("7d")

    assert await w.texts() == ["client: STOP", FAREWELL]
    assert model.asked == []
    assert await w.reminders() == []
    assert await w.why() == "opted_out"


async def test_a_second_stop_is_not_confirmed_again(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([]))
    await w.client("Stop please!")

    await w.client("STOP")
    await w.client("unsubscribe")
    await w.wait("7d")

    assert (await w.texts()).count(FAREWELL) == len(w.sender.sent) == 1


async def test_two_stops_at_once_are_confirmed_once(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([]))

    await w.receive("STOP")
    await w.receive("STOP!!!")
    await w.run()

    assert await w.texts() == ["client: STOP", "client: STOP!!!", FAREWELL]


async def test_a_clear_sentence_in_a_longer_message_is_enough(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([]))

    await w.client("Thanks but I bought elsewhere. Please stop writing to me.")
    await w.wait("7d")

    assert (await w.texts())[1:] == [FAREWELL]
    assert await w.why() == "opted_out"


async def test_the_confirmation_is_in_the_language_of_the_talk(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("Guten Tag, haben Sie das Rad noch?")

    await w.client("STOP")

    assert (await w.texts())[-1].startswith("employee: Sie bekommen von uns keine Erinnerungen")


async def test_a_question_about_pain_is_answered_and_followed_up(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([say()]))

    await w.client("How do I stop the pain?")
    await w.wait("5h")

    assert await w.reminders() == ["+4h s1"]


async def test_what_is_asked_after_a_stop_is_answered_too(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.receive("STOP")

    await w.client("One more question: are you open on Friday?")
    await w.wait("7d")

    said = await w.texts()
    assert said[2] == FAREWELL
    assert len(said) == 4
    assert await w.reminders() == []


async def test_a_confirmation_that_the_network_refuses_is_tried_again(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([]))
    w.sender.before.append(ChannelError("no"))

    await w.client("STOP")
    await w.wait("1h")

    assert await w.texts() == ["client: STOP", FAREWELL]


async def test_a_colleague_who_has_the_chat_confirms_or_the_employee_does_later(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), model=FakeModel([say()]))
    await w.client()
    await w.pause()
    await w.client("STOP")
    assert (await w.texts())[-1] == "client: STOP"

    await w.resume()
    await w.wait("1m")

    assert (await w.texts())[-1] == FAREWELL


async def test_what_a_colleague_said_to_a_stop_is_enough(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([say()]))
    await w.client()
    await w.pause()
    await w.client("STOP")
    await w.manager("All right, no more reminders.")

    await w.resume()
    await w.wait("7d")

    assert FAREWELL not in await w.texts()
    assert await w.why() == "opted_out"


async def test_what_the_network_confirms_itself_is_not_confirmed_by_us(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.client("STOP", opt_out=True, told=True)
    await w.wait("7d")

    assert w.sender.sent == []
    assert await w.why() == "opted_out"


async def test_start_takes_it_back(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")

    await w.client("/start")
    await w.wait("5h")

    assert await w.reminders() == ["+4h s1"]


async def test_after_a_start_the_next_stop_is_confirmed_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")
    await w.client("/start")

    await w.client("STOP")

    assert (await w.texts()).count(FAREWELL) == 2


async def test_a_start_of_somebody_new_is_a_message_like_others(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.client("/start")
    await w.wait("5h")

    assert len(await w.texts()) == 3
    assert await w.reminders() == ["+4h s1"]


async def test_a_manager_s_stop_is_nobody_s_wish(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    await w.manager("Stop writing to me.")
    await w.resume()
    await w.wait("5h")

    assert len(await w.reminders()) == 1


async def test_a_stop_drops_what_is_pending(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    await w.wait("5h")

    await w.client("STOP", opt_out=True)
    await w.wait("7d")

    assert await w.reminders() == ["+4h s1"]
    assert len(w.sender.sent) == 3


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

    assert await w.texts() == ["client: Hello, do you repair e-bikes?", "client: STOP", FAREWELL]


async def test_later_messages_are_answered_but_never_followed_up(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP", opt_out=True)

    await w.client("One more question.")
    await w.wait("7d")

    assert len(w.sender.sent) == 2
    assert await w.reminders() == []
    assert await w.why() == "opted_out"


async def test_taken_back_reminders_go_again(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP", opt_out=True)

    await w.client("START", opt_out=False)
    await w.wait("7d")

    assert len(w.sender.sent) == 3
    assert await w.reminders() == ["+4h s1"]


async def test_to_hand_a_chat_back_takes_no_wish_back(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("STOP")
    await w.pause()
    await w.resume()

    await w.client("When do you open?")
    await w.wait("7d")

    assert await w.reminders() == []
    assert await w.why() == "opted_out"


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
