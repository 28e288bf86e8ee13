"""Rule 6: no reminder while the client is unanswered, nor right on the heels of an answer."""

from bot.errors import ModelError, UnknownDeliveryError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps
from tests.story.world import DeafJobs, World


async def deaf(world: Worlds, *delays: str) -> World:
    return await world(steps(*delays), jobs=DeafJobs())


async def test_an_unanswered_client_is_not_reminded(world: Worlds) -> None:
    w = await deaf(world, "4h")

    await w.client()
    await w.wait("10d")

    assert await w.reminders() == []
    assert await w.why() == "waiting_for_answer"


async def test_an_answer_long_before_the_delay_is_over_moves_nothing(world: Worlds) -> None:
    w = await deaf(world, "4h")
    await w.client()
    await w.wait("1h")

    await w.employee()
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]


async def test_a_late_answer_is_followed_by_ten_minutes_of_peace(world: Worlds) -> None:
    w = await deaf(world, "4h")
    await w.client()
    await w.wait("5h")

    await w.employee()
    await w.wait("1d")

    assert await w.reminders() == ["+5h10m s1"]


async def test_the_peace_after_an_answer_is_half_of_a_short_delay(world: Worlds) -> None:
    w = await deaf(world, "1m")
    await w.client()
    await w.wait("5m")

    await w.employee()
    await w.wait("1d")

    assert await w.reminders() == ["+5m30s s1"]


async def test_every_message_of_the_employee_moves_the_answer(world: Worlds) -> None:
    w = await deaf(world, "1h")
    await w.client()
    await w.wait("55m")
    await w.employee("Yes.")
    await w.wait("7m")

    await w.employee("By the way, we are open on Saturday.")
    await w.wait("1d")

    assert await w.reminders() == ["+1h12m s1"]


async def test_an_answer_between_two_reminders_keeps_the_next_one_away(world: Worlds) -> None:
    w = await deaf(world, "1h", "1h")
    await w.client()
    await w.employee()
    await w.wait("1h55m")

    await w.employee("The part has arrived.")
    await w.wait("1d")

    assert await w.reminders() == ["+1h s1", "+2h5m s2"]


async def test_an_answer_whose_fate_is_unknown_is_an_answer(world: Worlds) -> None:
    w = await world(steps("1h"))
    w.sender.after.append(UnknownDeliveryError("no answer came"))

    await w.client()
    await w.wait("2h")

    assert await w.reminders() == ["+1h s1"]


async def test_while_no_model_answers_nobody_is_reminded_and_then_in_peace(world: Worlds) -> None:
    down = ModelError("it is down")
    w = await world(steps("1m"), model=FakeModel([say()], [down, down, down, "Yes, we do."]))

    await w.client()
    await w.wait("1d")

    assert (await w.messages())[1].text == "Yes, we do."
    assert await w.reminders() == ["+3m5s s1"]
