"""Rule 10: off sends nothing, on catches nothing up."""

from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps


async def test_switched_off_nothing_is_sent_and_the_chat_leaves_the_list(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")

    await w.save(steps("4h"), enabled=False)
    page = await w.page("/followup")
    await w.wait("7d")

    assert "No reminder is scheduled" in page.text
    assert await w.why() == "off"
    assert await w.reminders() == []


async def test_switched_on_again_only_silences_that_begin_later_count(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(who="before")
    await w.save(steps("4h"), enabled=False)
    await w.wait("1h")
    await w.client(who="meanwhile")
    await w.wait("1h")

    await w.save(steps("4h"), enabled=True)
    await w.wait("1h")
    await w.client(who="after")
    await w.wait("7d")

    assert await w.reminders("before") == []
    assert await w.reminders("meanwhile") == []
    assert await w.reminders("after") == ["+7h s1"]


async def test_a_silence_that_begins_at_the_very_moment_of_the_switch_counts(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), enabled=False)
    await w.wait("1h")

    await w.save(steps("4h"), enabled=True)
    await w.client()
    await w.wait("1d")

    assert await w.reminders() == ["+5h s1"]


async def test_saving_on_while_on_is_no_switch(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("1h")

    await w.save(steps("4h"), enabled=True)
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]


async def test_saving_the_hours_alone_switches_nothing(world: Worlds) -> None:
    w = await world(steps("4h"), enabled=False)
    await w.client()

    await w.save(working_hours={"mon": ["00:00-24:00"]})
    await w.wait("1d")

    assert await w.why() == "off"


async def test_a_chain_that_was_begun_before_off_and_on_is_not_finished(world: Worlds) -> None:
    w = await world(steps("1h", "4h"))
    await w.client()
    await w.wait("2h")

    await w.save(steps("1h", "4h"), enabled=False)
    await w.save(steps("1h", "4h"), enabled=True)
    await w.wait("7d")

    assert await w.reminders() == ["+1h s1"]


async def test_switched_off_while_the_model_composes_nothing_is_sent(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()

    model.meanwhile.append(lambda: w.save(steps("4h"), enabled=False))
    await w.wait("1d")

    assert await w.reminders() == []
    assert await w.states() == ["s1 cancelled off"]


async def test_an_employee_that_is_off_answers_all_the_same(world: Worlds) -> None:
    w = await world(steps("4h"), enabled=False)

    await w.client()

    assert len(w.sender.sent) == 1
