"""Rules 16 and 17: what counts as a client's message, once, and what starts nothing."""

import asyncio
from datetime import timedelta

from bot.model import Author
from config.settings import Settings
from tests.story.conftest import Worlds
from tests.story.words import settings_of, steps
from tests.story.world import DeafJobs

HOUR = timedelta(hours=1)


async def test_the_same_message_delivered_twice_counts_once(world: Worlds) -> None:
    w = await world(steps("4h"))
    first = await w.client("Hello", message_id="m1")
    await w.wait("3h")

    second = await w.client("Hello", message_id="m1")
    await w.wait("1d")

    assert (first.new, second.new) == (True, False)
    assert second.message == first.message
    assert await w.reminders() == ["+4h s1"]
    assert len(await w.messages()) == 3


async def test_the_same_message_delivered_twice_at_once_counts_once(world: Worlds) -> None:
    w = await world(steps("4h"))

    receipts = await asyncio.gather(*(w.receive("Hello", message_id="m1") for _ in range(5)))
    await w.run()

    assert sorted(receipt.new for receipt in receipts) == [False] * 4 + [True]
    assert len(await w.messages()) == 2


async def test_the_same_id_in_two_chats_is_two_messages(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.client("Hello", message_id="m1", who="c1")
    await w.client("Hello", message_id="m1", who="c2")

    assert len(await w.messages("c1")) == len(await w.messages("c2")) == 2


async def test_a_message_that_arrives_late_never_moves_the_anchor_back(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client("The second one")
    await w.wait("1h")

    await w.client("The first one", at=w.clock.now() - 2 * HOUR)
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]


async def test_a_message_that_is_older_than_the_last_reminder_counts_from_the_reminder(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    await w.wait("5h")

    await w.client("Delayed on its way", at=w.clock.now() - 3 * HOUR)
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1", "+8h s1", "+12h s2"]


async def test_a_first_message_that_arrives_late_counts_from_when_it_was_written(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))

    await w.client("Delayed on its way", at=w.clock.now() - HOUR)
    await w.wait("1d")

    assert await w.reminders() == ["+3h s1"]


async def test_a_message_with_a_clock_that_is_ahead_is_answered_all_the_same(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))

    await w.client("From the future", at=w.clock.now() + timedelta(seconds=40))
    await w.wait("1d")

    assert len(await w.messages()) == 3
    assert await w.reminders() == ["+4h40s s1"]


async def test_an_employees_message_starts_no_chain(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.employee("Welcome!")
    await w.wait("7d")

    assert await w.why() == "no silence"
    assert len(await w.messages()) == 1


async def test_a_managers_message_starts_no_chain(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.manager("Welcome!")
    await w.wait("7d")

    assert await w.why() == "no silence"
    assert w.sender.sent == []


async def test_an_employees_message_before_the_client_ever_wrote_changes_nothing(
    world: Worlds,
) -> None:
    w = await world(steps("4h"), jobs=DeafJobs())
    await w.employee("Welcome!")
    await w.wait("1h")

    await w.client()
    await w.wait("1d")

    assert await w.why() == "waiting_for_answer"


async def test_an_opened_chat_in_which_nobody_wrote_is_not_followed_up(world: Worlds) -> None:
    w = await world(steps("4h"))

    first = await w.receive(who="c1")
    opened = await w.app.inbox.open(first.chat.ref)
    await w.app.inbox.open(type(first.chat.ref)("site", "c2"))
    await w.wait("7d")

    assert opened.id == first.chat.id
    assert await w.why("c2") == "no silence"


async def test_reminders_and_answers_start_no_chain(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()

    await w.wait("30d")

    assert await w.reminders() == ["+4h s1"]
    assert {row["silence"] for row in await w.rows()} == {1}


async def test_a_chat_belongs_to_the_employee_of_its_first_client_message(world: Worlds) -> None:
    w = await world(steps("4h"))
    ref = (await w.receive("Welcome!", author=Author.EMPLOYEE)).chat.ref
    await w.client(who="c2")
    bert = {"name": "Bert", "followup": {"steps": steps("1h")}}
    account = {"kind": "web", "employee": "bert"}
    both = {**settings_of(steps("4h")).model_dump()["employees"], "bert": bert}
    w.settings = Settings(employees=both, channels={"site": account, "other": account})
    await w.restart()

    await w.client(who=ref.address)
    await w.client(who="c2")
    await w.wait("1d")

    assert await w.reminders("c1") == ["+1h s1"]
    assert await w.reminders("c2") == ["+4h s1"]


async def test_messages_are_numbered_in_their_chat_without_a_gap(world: Worlds) -> None:
    w = await world(steps("1h", "1h"))
    await w.client()
    await w.wait("3h")
    await w.client()
    await w.wait("90m")

    assert [message.n for message in await w.messages()] == list(range(1, 8))
