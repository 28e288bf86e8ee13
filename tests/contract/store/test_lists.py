"""Reads of many chats, and erasing one, on each database."""

from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.erasing import SqlEraser
from bot.hooks import Hooks
from bot.journal import SqlJournal
from bot.model import Author, Chat, Delivery, Erasure
from bot.plugin import Plugin
from bot.ports import Transaction
from bot.store.chats import settle_message
from bot.store.database import SqlDatabase
from bot.store.lists import SqlLists
from bot.testing import MONDAY, FakeJobs
from tests.contract.store.conftest import Count, Shop

LISTS = SqlLists()


def eraser(database: SqlDatabase, *plugins: Plugin) -> SqlEraser:
    clock = SystemClock()
    return SqlEraser(database, Hooks(plugins), SqlJournal(clock), FakeJobs(), clock)


class Stubborn(Plugin):
    """Cannot delete its part."""

    name = "stubborn"

    async def chat_erased(self, tx: Transaction, chat: Chat) -> None:
        raise RuntimeError("no")


async def test_every_chat_is_told_by_its_latest_message(shop: Shop, database: SqlDatabase) -> None:
    for who in ("a", "b", "c", "a"):
        await shop.says(f"from {who}", who=who)

    async with database.read() as connection:
        talks = await LISTS.newest(connection, None, 10)
        first = await LISTS.newest(connection, None, 2)
        rest = await LISTS.newest(connection, first[-1][0].id, 10)
        some = await LISTS.latest(connection, [talks[0][1].id, 99])

    assert [chat.ref.address for _, chat in talks] == ["a", "c", "b"]
    assert [message.n for message, _ in talks] == [2, 1, 1]
    assert [*first, *rest] == talks
    assert some == talks[:1]


async def test_a_history_is_read_backwards_with_what_failed(
    shop: Shop, database: SqlDatabase
) -> None:
    receipts = [await shop.says(f"Message {n}") for n in range(5)]
    async with database.write() as tx:
        await settle_message(tx.connection, receipts[3].message.id, Delivery.FAILED, None)
    chat = receipts[0].chat.id

    async with database.read() as connection:
        last = await LISTS.history(connection, chat, None, 2)
        before = await LISTS.history(connection, chat, last[0].n, 9)

    assert [message.n for message in last] == [4, 5]
    assert last[0].delivery is Delivery.FAILED
    assert [message.n for message in before] == [1, 2, 3]


async def test_an_erased_chat_is_an_empty_row_whose_number_nobody_gets(
    shop: Shop, database: SqlDatabase, count: Count
) -> None:
    chat = (await shop.says("My secret")).chat

    assert await eraser(database).erase(chat.id, "test") is Erasure.DONE

    assert await count("messages") == 0
    assert await shop.chats.find(chat.ref) is None
    again = (await shop.says("Hello again")).chat
    assert again.id != chat.id
    assert await eraser(database).erase(99, "test") is Erasure.UNKNOWN
    assert await count("changes") == 1


async def test_a_chat_in_which_something_is_being_sent_is_not_erased(
    shop: Shop, database: SqlDatabase, count: Count
) -> None:
    receipt = await shop.says()
    async with database.write() as tx:
        await settle_message(tx.connection, receipt.message.id, Delivery.SENDING, None)

    assert await eraser(database).erase(receipt.chat.id, "test") is Erasure.BUSY

    assert await count("messages") == 1
    assert await count("changes") == 0


async def test_a_plugin_that_cannot_delete_its_part_keeps_everything(
    shop: Shop, database: SqlDatabase, count: Count
) -> None:
    chat = (await shop.says("My secret")).chat

    with pytest.raises(RuntimeError):
        await eraser(database, Stubborn()).erase(chat.id, "test")

    assert await count("messages") == 1
    assert await count("changes") == 0
    assert await shop.chats.find(chat.ref) is not None


async def test_chats_that_a_human_has_come_page_by_page_the_latest_taken_first(
    shop: Shop,
) -> None:
    for n in range(5):
        who = f"c{n}"
        await shop.says(who=who, at=MONDAY)
        if n != 2:
            moment = MONDAY + timedelta(minutes=n)
            await shop.says(who=who, at=moment, author=Author.MANAGER)

    async with shop.database.read() as connection:
        first = await LISTS.held(connection, None, 3)
        last = first[-1]
        assert last.paused_since is not None
        rest = await LISTS.held(connection, (last.paused_since, last.id), 3)
        counts = [await LISTS.held_count(connection, most) for most in (10, 2)]

    assert [chat.ref.address for chat in (*first, *rest)] == ["c4", "c3", "c1", "c0"]
    assert {chat.held_by for chat in first} == {"web"}
    assert counts == [4, 2]
