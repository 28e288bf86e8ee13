"""Rule 18: a human has the chat; and when the employee has it again."""

from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps, verdict
from tests.story.world import DeafJobs


async def test_a_managers_message_freezes_the_chain(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")

    await w.manager()
    await w.wait("30d")

    assert await w.reminders() == []
    assert await w.why() == "human_active"
    assert "No reminder is scheduled" in (await w.page("/followup")).text


async def test_pause_freezes_the_chain(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    await w.pause()
    await w.wait("30d")

    assert await w.why() == "human_active"


async def test_resumed_the_wait_that_was_left_goes_on(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")
    await w.manager()
    await w.wait("10h")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+14h s1"]


async def test_resumed_there_are_ten_minutes_of_peace_at_least(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h59m")
    await w.pause()
    await w.wait("10h")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+14h9m s1"]


async def test_resumed_the_next_step_of_the_chain_is_the_next_one(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    await w.wait("5h")
    await w.pause()
    await w.wait("1d")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1", "+1d8h s2"]


async def test_resuming_what_was_never_paused_changes_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]


async def test_pausing_twice_keeps_the_first_pause(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")
    await w.pause()
    await w.wait("2h")
    await w.manager()
    await w.wait("1d")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+1d6h s1"]


async def test_nobody_can_pause_a_chat_that_is_not_there(world: Worlds) -> None:
    w = await world(steps("4h"))

    assert not await w.app.runtime.handover.pause(77)
    assert not await w.app.runtime.handover.resume(77)


async def test_while_a_human_has_the_chat_the_employee_says_nothing_at_all(
    world: Worlds,
) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()
    await w.manager()
    asked = len(model.asked)

    await w.client("Thank you. When?")
    await w.wait("30d")

    assert len(w.sender.sent) == 1
    assert len(model.asked) == asked


async def test_resumed_the_employee_answers_what_the_client_said_meanwhile(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.pause()
    await w.wait("1h")
    await w.client("Is anybody there?")
    await w.wait("1h")

    await w.resume()
    await w.wait("1m")

    assert len(w.sender.sent) == 2
    assert "Is anybody there?" in w.sender.texts[-1]


async def test_resumed_the_employee_leaves_what_the_manager_answered(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.manager()
    await w.client("When?")
    await w.manager("On Friday.")

    await w.resume()
    await w.wait("1h")

    assert len(w.sender.sent) == 1


async def test_a_silence_that_began_while_a_human_had_the_chat_waits_its_whole_delay(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.manager()
    await w.wait("1h")
    await w.client("Thanks!")
    await w.manager("You are welcome.")
    await w.wait("1h")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+6h s1"]


async def test_a_manager_answers_a_client_whom_nobody_had_answered(world: Worlds) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.client()
    await w.wait("1h")
    await w.manager()
    await w.wait("1h")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+5h s1"]


async def test_a_chat_that_was_paused_before_the_client_ever_wrote_stays_frozen(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.manager("Welcome!")

    await w.client()
    await w.wait("1d")

    assert w.sender.sent == []
    assert await w.why() == "human_active"


async def test_a_pause_survives_a_restart(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.pause()
    await w.client("Hello?")

    await w.restart()
    await w.wait("7d")

    assert len(w.sender.sent) == 1


async def test_who_wanted_no_reminders_gets_none_after_a_human_gave_the_chat_back(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), model=FakeModel([verdict("stop", "opted_out"), say()]))
    await w.client("Too many of you write to me these days.")
    await w.wait("5h")
    await w.manager("Of course.")
    await w.client("Do you open on Friday?")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == []
    assert await w.why() == "opted_out"


async def test_an_edit_while_a_human_has_the_chat_applies_to_the_wait_that_is_left(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")
    await w.pause()
    await w.wait("1h")
    await w.save(steps("6h"))
    await w.wait("8h")

    await w.resume()
    await w.wait("1d")

    assert await w.reminders() == ["+15h s1"]
