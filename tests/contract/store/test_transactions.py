"""All of a transaction happens or nothing; a plugin that fails is undone alone."""

import asyncio
from typing import ClassVar

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.hooks import Hooks
from bot.model import Chat, ChatRef, Message
from bot.plugin import Plugin
from bot.ports import Transaction
from bot.store.arriving import open_chat
from bot.store.chats import chat_at, lock_chat
from bot.store.tables import chats
from tests.contract.store.conftest import Connect, Count, Shop

REF = ChatRef("site", "c1")


class Writer(Plugin):
    """Names the chat; fails if it is told to, after it wrote."""

    name: ClassVar[str] = "writer"

    def __init__(self, name: str, fault: str | None = None) -> None:
        self.writes = name
        self.fault = fault
        self.heard: list[str] = []

    async def client_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        renamed = update(chats).where(chats.c.id == chat.id).values(name=self.writes)
        await tx.connection.execute(renamed)
        tx.after_commit(lambda: self.heard.append(message.text))
        if self.fault is not None:
            await tx.connection.exec_driver_sql(self.fault)


@pytest.fixture(autouse=True)
def expected_faults(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")


async def test_what_is_to_happen_after_the_commit_happens_once_and_after_it(
    shop: Shop, connect: Connect, url: str
) -> None:
    seen: list[bool] = []
    other = connect(url)

    async with shop.database.write() as tx:
        await open_chat(tx.connection, REF, "anna", None)
        tx.after_commit(lambda: seen.append(True))
        before = list(seen)

    assert before == []
    assert seen == [True]
    async with other.read() as connection:
        assert await chat_at(connection, REF) is not None


async def test_a_transaction_that_fails_leaves_nothing_and_calls_nobody(
    shop: Shop, count: Count
) -> None:
    seen: list[bool] = []

    async def write() -> None:
        async with shop.database.write() as tx:
            await open_chat(tx.connection, REF, "anna", None)
            tx.after_commit(lambda: seen.append(True))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write()

    assert seen == []
    assert await count("chats") == 0


async def test_a_transaction_that_the_database_refuses_leaves_nothing(
    shop: Shop, count: Count
) -> None:
    async def write() -> None:
        async with shop.database.write() as tx:
            await open_chat(tx.connection, REF, "anna", None)
            await open_chat(tx.connection, ChatRef("site", "c2"), "nobody", None)

    with pytest.raises(IntegrityError):
        await write()

    assert await count("chats") == 0


async def test_a_writer_that_is_cancelled_leaves_nothing_and_lets_the_next_one_in(
    shop: Shop, count: Count
) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with shop.database.write() as tx:
            await open_chat(tx.connection, REF, "anna", None)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await shop.chat("c2")
    assert await count("chats") == 1


async def test_errors_do_not_show_what_clients_wrote(shop: Shop) -> None:
    async def write() -> None:
        async with shop.database.write() as tx:
            await open_chat(tx.connection, REF, "nobody", "a very private name")

    with pytest.raises(IntegrityError) as caught:
        await write()

    assert "private" not in str(caught.value)


@pytest.mark.parametrize("fault", ["SELECT nothing FROM nowhere", "INSERT INTO chats VALUES (1)"])
async def test_a_plugin_that_fails_is_undone_alone(shop: Shop, fault: str) -> None:
    first, failing, last = Writer("first"), Writer("failing", fault), Writer("last")
    shop.plugins += [first, failing]

    receipt = await shop.says("Hello")

    chat = await shop.chats.find(REF)
    assert receipt.new
    assert chat is not None
    assert chat.name == "first"
    assert (first.heard, failing.heard) == (["Hello"], [])

    shop.plugins.append(last)
    await shop.says("Again")

    chat = await shop.chats.find(REF)
    assert chat is not None
    assert chat.name == "last"
    assert [message.text for message in await shop.chats.messages(chat.id)] == ["Hello", "Again"]


async def test_a_plugin_that_fails_without_the_database_is_undone_too(shop: Shop) -> None:
    class Odd(Writer):
        async def client_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
            await super().client_wrote(tx, chat, message)
            raise ZeroDivisionError

    odd = Odd("odd")
    async with shop.database.write() as tx:
        chat = await open_chat(tx.connection, REF, "anna", "before")

        message = Message(1, chat.id, 1, None, "Hi", None)  # type: ignore[arg-type]  # never looked at
        await Hooks([odd]).tell(tx, lambda plugin: plugin.client_wrote(tx, chat, message))

    found = await shop.chats.find(REF)
    assert found is not None
    assert found.name == "before"
    assert odd.heard == []


async def test_a_chat_that_is_held_lets_no_other_writer_in(
    shop: Shop, connect: Connect, url: str
) -> None:
    chat = await shop.chat()
    other = connect(url)
    order: list[str] = []
    held = asyncio.Event()

    async def second() -> None:
        await held.wait()
        async with other.write() as tx:
            found = await lock_chat(tx.connection, chat.id)
            order.append(f"second sees {found.name if found else None}")

    task = asyncio.create_task(second())
    async with shop.database.write() as tx:
        await lock_chat(tx.connection, chat.id)
        held.set()
        # Enough turns of the loop for the other one to get in, if nothing stopped it.
        await asyncio.wait([task], timeout=0.3)
        order.append("first is done")
        renamed = update(chats).where(chats.c.id == chat.id).values(name="by the first")
        await tx.connection.execute(renamed)
    await task

    assert order == ["first is done", "second sees by the first"]


async def test_a_reader_is_not_held_up_by_a_writer(shop: Shop, connect: Connect, url: str) -> None:
    chat = await shop.chat()
    other = connect(url)

    async with shop.database.write() as tx:
        await lock_chat(tx.connection, chat.id)
        await tx.connection.execute(update(chats).values(name="not yet"))
        async with asyncio.timeout(5), other.read() as connection:
            names = (await connection.execute(select(chats.c.name))).scalars().all()

    assert names == [None]


async def test_many_readers_and_writers_at_once_all_get_their_turn(
    shop: Shop, count: Count
) -> None:
    await asyncio.gather(
        *(shop.chat(f"c{n}") for n in range(60)), *(count("chats") for _ in range(60))
    )

    assert await count("chats") == 60
