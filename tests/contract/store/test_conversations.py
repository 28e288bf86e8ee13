"""Chats and messages: one chat an address, numbers without a gap, each message once."""

import asyncio
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bot.clock import Clock
from bot.model import Author, Chat, ChatRef, Delivery, Message, Reply
from bot.outbox import SqlOutbox
from bot.store.arriving import open_chat
from bot.store.chats import forget_messages, settle_message, unfinished_answers
from bot.store.employees import all_employees, create_employee, edit_employee
from bot.testing import MONDAY, FakeClock
from bot.throttle import FreeThrottle
from tests.contract.store.conftest import ANNA, Connect, Count, Shop

MINUTE = timedelta(minutes=1)


async def post(shop: Shop, chat: Chat, text: str = "Sure", **more: object) -> Message:
    """What the employee is about to send."""
    clock: Clock = FakeClock(more.pop("at", MONDAY))  # type: ignore[arg-type]  # a moment
    async with shop.database.write() as tx:
        held = await shop.chats.lock_chat(tx, chat.id)
        assert held is not None
        outbox = SqlOutbox({}, {}, FreeThrottle(), shop.news, clock)
        return await outbox.post(tx, held, Reply(text, 7), **more)  # type: ignore[arg-type]  # plugin


async def settle(shop: Shop, message: Message, delivery: Delivery, name: str | None = None) -> None:
    async with shop.database.write() as tx:
        await settle_message(tx.connection, message.id, delivery, name)


async def test_an_employee_comes_back_as_it_was(shop: Shop) -> None:
    async with shop.database.read() as connection:
        assert await all_employees(connection) == [ANNA]
        assert await shop.chats.employee(connection, "anna") == ANNA
        assert await shop.chats.employee(connection, "bert") is None


async def test_an_employee_is_made_once(shop: Shop) -> None:
    async with shop.database.write() as tx:
        assert await create_employee(tx.connection, replace(ANNA, id="bert"))
        assert not await create_employee(tx.connection, replace(ANNA, name="Another"))

    async with shop.database.read() as connection:
        assert await all_employees(connection) == [ANNA, replace(ANNA, id="bert")]


async def test_an_edited_employee_comes_back_edited_and_no_other(shop: Shop) -> None:
    bert = replace(ANNA, id="bert", name="Bert")
    edited = replace(ANNA, name="Anna", working_hours={}, special_days={}, persona="")
    async with shop.database.write() as tx:
        await create_employee(tx.connection, bert)

        await edit_employee(tx.connection, edited)

    async with shop.database.read() as connection:
        assert await all_employees(connection) == [edited, bert]


async def test_an_address_opened_twice_at_once_is_one_chat(
    shop: Shop, connect: Connect, url: str, count: Count
) -> None:
    other = Shop(connect(url))

    opened = await asyncio.gather(*(each.chat() for each in [shop, other] * 10))

    assert len({chat.id for chat in opened}) == 1
    assert await count("chats") == 1


async def test_a_chats_first_name_stays_until_the_client_tells_another(shop: Shop) -> None:
    ref = ChatRef("site", "c1")
    async with shop.database.write() as tx:
        await open_chat(tx.connection, ref, "anna", "Kim")

    async with shop.database.write() as tx:
        again = await open_chat(tx.connection, ref, "anna", "Someone else")

    assert again.name == "Kim"


async def test_fifty_messages_at_once_are_numbered_without_a_gap(
    shop: Shop, connect: Connect, url: str
) -> None:
    other = Shop(connect(url))

    receipts = await asyncio.gather(
        *([shop, other][n % 2].says(f"No. {n}", message_id=f"id-{n}") for n in range(50))
    )

    chat = await shop.chats.find(ChatRef("site", "c1"))
    assert chat is not None
    assert sorted(receipt.message.n for receipt in receipts) == list(range(1, 51))
    assert (chat.last_n, chat.client_n) == (50, 50)
    stored = await shop.chats.messages(chat.id)
    assert [message.n for message in stored] == list(range(1, 51))
    assert {message.text for message in stored} == {f"No. {n}" for n in range(50)}


async def test_messages_that_arrive_one_after_the_other_keep_their_order(shop: Shop) -> None:
    for n in range(5):
        # Late and out of order by their own clock: the order of arrival counts.
        await shop.says(f"No. {n}", at=MONDAY - n * MINUTE)

    messages = await shop.chats.messages((await shop.chat()).id)

    assert [message.text for message in messages] == [f"No. {n}" for n in range(5)]


async def test_the_same_message_delivered_many_times_at_once_is_stored_once(
    shop: Shop, connect: Connect, url: str, count: Count
) -> None:
    other = Shop(connect(url))

    receipts = await asyncio.gather(
        *(each.says("Hello", message_id="same") for each in [shop, other] * 8)
    )

    assert [receipt.new for receipt in receipts].count(True) == 1
    assert len({receipt.message.id for receipt in receipts}) == 1
    assert await count("messages") == 1
    assert len(shop.jobs.waiting) + len(other.jobs.waiting) == 1


async def test_the_same_id_in_two_chats_is_two_messages(shop: Shop, count: Count) -> None:
    first = await shop.says("One", who="c1", message_id="1")
    second = await shop.says("Two", who="c2", message_id="1")
    third = await shop.says("Three", who="c1", account="other", message_id="1")

    assert [first.new, second.new, third.new] == [True, True, True]
    assert [each.message.n for each in (first, second, third)] == [1, 1, 1]
    assert await count("chats") == 3


async def test_a_message_comes_back_as_it_was(shop: Shop) -> None:
    at = MONDAY.astimezone(UTC) + timedelta(microseconds=1)
    text = "Zażółć 🚲\n\t“quoted” 'q' \\ % :name ? \u202e\u2028 end"

    receipt = await shop.says(text, message_id="id/1", at=at)

    (message,) = await shop.chats.messages(receipt.chat.id)
    assert message == receipt.message
    assert message == Message(
        message.id, receipt.chat.id, 1, Author.CLIENT, text, at, "id/1", Delivery.SENT
    )
    async with shop.database.read() as connection:
        assert await shop.chats.message(connection, message.id) == message
        assert await shop.chats.message(connection, message.id + 1) is None
        assert await shop.chats.chat(connection, receipt.chat.id) == receipt.chat
        assert await shop.chats.chat(connection, receipt.chat.id + 1) is None


@pytest.mark.parametrize("odd", ["a\0b", "half \ud83d of a pair", "\udcff"], ids=ascii)
async def test_characters_that_no_database_takes_are_replaced(shop: Shop, odd: str) -> None:
    receipt = await shop.says(odd)
    answer = await post(shop, receipt.chat, odd)

    texts = [message.text for message in await shop.chats.messages(receipt.chat.id)]

    assert texts == [receipt.message.text, answer.text]
    assert "\ufffd" in texts[0]
    assert texts[0] == texts[1]


async def test_a_page_of_messages_starts_after_a_number_and_ends_at_a_limit(shop: Shop) -> None:
    for n in range(1, 8):
        await shop.says(f"No. {n}")
    chat = (await shop.chat()).id

    page = await shop.chats.messages(chat, after=2, limit=3)
    latest = await shop.chats.latest(chat, 2)

    assert [message.n for message in page] == [3, 4, 5]
    assert [message.n for message in latest] == [6, 7]


async def test_a_message_that_failed_is_shown_nowhere_and_its_number_stays_taken(
    shop: Shop,
) -> None:
    chat = (await shop.says()).chat
    failed = await post(shop, chat, "Lost")
    await settle(shop, failed, Delivery.FAILED)
    sent = await post(shop, chat, "Arrived", plugin="followup")
    await settle(shop, sent, Delivery.SENT, "their-id")

    shown = await shop.chats.messages(chat.id)

    assert [message.n for message in shown] == [1, 3]
    assert shown == await shop.chats.latest(chat.id, 10)
    assert shown[1] == replace(sent, delivery=Delivery.SENT, external_id="their-id")
    assert (shown[1].plugin, shown[1].tokens) == ("followup", 7)


async def test_a_channel_that_uses_an_id_twice_loses_the_id_and_not_the_message(shop: Shop) -> None:
    chat = (await shop.says(message_id="taken")).chat
    answer = await post(shop, chat)

    await settle(shop, answer, Delivery.SENT, "taken")

    shown = await shop.chats.messages(chat.id)
    assert [(message.external_id, message.delivery) for message in shown] == [
        ("taken", Delivery.SENT),
        (None, Delivery.SENT),
    ]


async def test_an_id_that_another_chat_uses_is_kept(shop: Shop) -> None:
    await shop.says(who="c2", message_id="theirs")
    answer = await post(shop, (await shop.says()).chat)

    await settle(shop, answer, Delivery.SENT, "theirs")
    await settle(shop, answer, Delivery.UNCERTAIN)

    shown = await shop.chats.messages(answer.chat)
    assert (shown[1].external_id, shown[1].delivery) == ("theirs", Delivery.UNCERTAIN)


async def test_only_answers_whose_sending_began_before_and_never_ended_are_unfinished(
    shop: Shop,
) -> None:
    chat = (await shop.says()).chat
    late, early = await post(shop, chat, "2", at=MONDAY + MINUTE), await post(shop, chat, "1")
    await post(shop, chat, "a reminder", plugin="followup")
    await settle(shop, await post(shop, chat, "done"), Delivery.SENT)
    await settle(shop, await post(shop, chat, "unsure"), Delivery.UNCERTAIN)
    await post(shop, chat, "just begun", at=MONDAY + 2 * MINUTE)

    async with shop.database.read() as connection:
        found = await unfinished_answers(connection, MONDAY + 2 * MINUTE)

    assert found == [early, late]


async def test_old_messages_are_forgotten_but_not_those_being_sent(shop: Shop) -> None:
    chat = (await shop.says("old", at=MONDAY - MINUTE)).chat
    await shop.says("at that very moment", at=MONDAY)
    await post(shop, chat, "being sent", at=MONDAY - MINUTE)

    async with shop.database.write() as tx:
        await forget_messages(tx.connection, MONDAY)

    texts = [message.text for message in await shop.chats.messages(chat.id)]
    assert texts == ["at that very moment", "being sent"]
    assert (await shop.says("new", at=MONDAY)).message.n == 4


async def test_a_managers_message_answers_and_an_employees_too(shop: Shop) -> None:
    for author in (Author.MANAGER, Author.EMPLOYEE):
        asked = await shop.says("Hello?", who=author)
        assert asked.chat.waiting_since == MONDAY

        answered = await shop.says("Here", who=author, author=author)

        assert answered.chat.waiting_since is None
        assert (answered.chat.last_n, answered.chat.client_n) == (2, 1)
        found = await shop.chats.find(ChatRef("site", author))
        assert found is not None
        assert found.waiting_since is None
        assert (found.paused_since is not None) == (author is Author.MANAGER)


async def test_the_id_of_a_forgotten_message_is_never_given_to_another(shop: Shop) -> None:
    old = (await shop.says("old", at=MONDAY - MINUTE)).message
    async with shop.database.write() as tx:
        await forget_messages(tx.connection, MONDAY)

    new = (await shop.says("new")).message

    assert new.id > old.id
