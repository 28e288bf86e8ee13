"""Rules 1 to 5: start, chain, reset, run once, done."""

from bot.errors import ChatUnreachableError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, step, steps, verdict


async def test_the_manuals_example_reminds_after_4_then_24_then_48_hours(world: Worlds) -> None:
    w = await world(steps("4h", "24h", "48h"))

    await w.client("Do you have the blue one?")
    await w.wait("4d")

    assert await w.reminders() == ["+4h s1", "+1d4h s2", "+3d4h s3"]
    assert await w.why() == "done"


async def test_the_first_delay_counts_from_the_clients_last_message(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h")

    await w.client("And on Saturday?")
    await w.wait("1d")

    assert await w.reminders() == ["+7h s1"]


async def test_a_reminder_goes_not_a_second_early(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    await w.wait("3h59m59s")
    early = await w.reminders()
    await w.wait("1s")

    assert early == []
    assert await w.reminders() == ["+4h s1"]


async def test_a_later_step_counts_from_the_moment_the_previous_one_was_sent(world: Worlds) -> None:
    w = await world(steps("4h", "24h"))
    await w.client()
    w.pass_by("10h")

    await w.wait("3d")

    assert await w.reminders() == ["+10h s1", "+1d10h s2"]


async def test_any_client_message_starts_the_chain_over_at_step_one(world: Worlds) -> None:
    w = await world(steps("4h", "24h"))
    await w.client()
    await w.wait("10h")

    await w.client("Thanks, I will think about it.")
    await w.wait("3d")

    assert await w.reminders() == ["+4h s1", "+14h s1", "+1d14h s2"]
    assert [row["silence"] for row in await w.rows()] == [1, 2, 2]


async def test_a_client_who_answered_is_left_alone(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("3h")
    await w.receive("Never mind!")

    await w.app.plugins[0].job((await w.chat()).id)
    w.pass_by("1h")
    await w.app.plugins[0].job((await w.chat()).id)

    assert await w.reminders() == []
    assert await w.why() == "waiting_for_answer"


async def test_a_run_once_step_is_transparent_after_it_was_sent(world: Worlds) -> None:
    w = await world([step("offer", "1h", once=True), step("ask", "4h")])
    await w.client()
    await w.wait("1d")

    await w.client("Hm.")
    await w.wait("1d")

    assert await w.reminders() == ["+1h offer", "+5h ask", "+1d4h ask"]


async def test_a_chain_of_used_up_steps_is_done_at_once(world: Worlds) -> None:
    w = await world(steps("1h", once=True))
    await w.client()
    await w.wait("2h")

    await w.client("Hm.")

    assert await w.why() == "done"


async def test_run_once_is_used_up_in_its_own_chat_only(world: Worlds) -> None:
    w = await world(steps("1h", once=True))
    await w.client(who="c1")
    await w.wait("2h")

    await w.client(who="c2")
    await w.wait("2h")

    assert await w.reminders("c2") == ["+3h s1"]


async def test_a_run_once_step_is_known_by_its_id_when_it_was_edited_and_moved(
    world: Worlds,
) -> None:
    w = await world([step("offer", "1h", once=True), step("ask", "4h")])
    await w.client()
    await w.wait("2h")

    await w.save([step("ask", "4h"), step("offer", "9h", once=True, instruction="Say it anew.")])
    await w.client("Hm.")
    await w.wait("2d")

    assert await w.reminders() == ["+1h offer", "+6h ask"]


async def test_a_step_that_was_sent_before_it_became_run_once_counts_as_used(
    world: Worlds,
) -> None:
    w = await world(steps("1h", "1h"))
    await w.client()
    await w.wait("90m")

    await w.save([step("s1", "1h", once=True), step("s2", "1h")])
    await w.client("Hm.")
    await w.wait("1d")

    assert await w.reminders() == ["+1h s1", "+2h30m s2"]


async def test_a_skipped_run_once_step_is_not_used_up(world: Worlds) -> None:
    w = await world(steps("1h", once=True), model=FakeModel([verdict("skip"), say()]))
    await w.client()
    await w.wait("2h")

    await w.client("Hm.")
    await w.wait("2h")

    assert await w.reminders() == ["+3h s1"]


async def test_a_run_once_step_that_failed_is_not_used_up(world: Worlds) -> None:
    w = await world(steps("1h", once=True))
    await w.client()
    w.sender.before.append(ChatUnreachableError())
    await w.wait("2h")

    await w.client("I am back.")
    await w.wait("2h")

    assert await w.reminders() == ["+3h s1"]


async def test_a_chat_whose_chain_is_done_is_neither_scheduled_nor_listed(world: Worlds) -> None:
    w = await world(steps("1h"))
    await w.client()
    await w.wait("1h")

    page = await w.page("/followup")

    assert await w.why() == "done"
    assert "No reminder is scheduled" in page.text


async def test_an_employee_without_steps_follows_nobody_up(world: Worlds) -> None:
    w = await world([])

    await w.client()
    await w.wait("30d")

    assert await w.why() == "no_steps"
    assert await w.reminders() == []


async def test_an_employee_without_a_chain_in_the_settings_follows_nobody_up(
    world: Worlds,
) -> None:
    w = await world(None)

    await w.client()
    await w.wait("30d")

    assert await w.why() == "off"
    assert len(await w.messages()) == 2
