"""On SQLite those who wait for their turn to write are committed together, each by itself."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from bot.model import ChatRef
from bot.ports import Transaction
from bot.store.arriving import open_chat
from tests.contract.store.conftest import Count, Shop

Then = Callable[[Transaction], Awaitable[object]]


@pytest.fixture
def kind() -> str:
    """PostgreSQL groups the commits of its connections itself."""
    return "sqlite"


@pytest.fixture
def commits(shop: Shop) -> Iterator[list[None]]:
    """An item for each that the disk was synced for."""
    seen: list[None] = []

    def committed(_connection: object) -> None:
        seen.append(None)

    event.listen(shop.database.engine.sync_engine, "commit", committed)
    yield seen
    event.remove(shop.database.engine.sync_engine, "commit", committed)


async def nothing(_tx: Transaction) -> None:
    """A turn in which all goes well."""


async def opened(shop: Shop, who: str, told: list[str], then: Then = nothing) -> None:
    """Make a chat in a turn of its own."""
    async with shop.database.write() as tx:
        await open_chat(tx.connection, ChatRef("site", who), "anna", None)
        tx.after_commit(lambda: told.append(who))
        await then(tx)


async def all_of(*turns: Awaitable[None]) -> list[BaseException | None]:
    """They come at once, in this order; what each of them ended with."""
    return list(await asyncio.gather(*turns, return_exceptions=True))


async def test_those_who_wait_are_committed_together(
    shop: Shop, commits: list[None], count: Count
) -> None:
    told: list[str] = []

    await all_of(*(opened(shop, f"c{n}", told) for n in range(20)))

    assert len(commits) == 1
    assert told == [f"c{n}" for n in range(20)]
    assert await count("chats") == 20


async def test_nobody_waits_for_all_of_a_crowd(
    shop: Shop, commits: list[None], count: Count
) -> None:
    await all_of(*(opened(shop, f"c{n}", []) for n in range(120)))

    assert len(commits) == 3
    assert await count("chats") == 120


async def test_nobody_returns_before_the_commit(shop: Shop, commits: list[None]) -> None:
    seen: list[int] = []

    async def look(who: str) -> None:
        await opened(shop, who, [])
        seen.append(len(commits))

    await all_of(look("c1"), look("c2"), look("c3"))

    assert seen == [1, 1, 1]


async def test_two_messages_of_a_chat_in_one_commit_are_two_in_order(
    shop: Shop, commits: list[None]
) -> None:
    first, again, second = await asyncio.gather(
        shop.says("One", message_id="a"),
        shop.says("One", message_id="a"),
        shop.says("Two", message_id="b"),
    )

    assert len(commits) == 1
    assert [first.new, again.new, second.new] == [True, False, True]
    assert [first.message.n, again.message.n, second.message.n] == [1, 1, 2]


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_who_fails_is_undone_alone(shop: Shop, count: Count, place: int) -> None:
    told: list[str] = []

    async def fail(_tx: Transaction) -> None:
        raise ZeroDivisionError

    turns = [opened(shop, f"c{n}", told, fail if n == place else nothing) for n in range(3)]
    ends = await all_of(*turns)

    assert [type(end) for end in ends if end is not None] == [ZeroDivisionError]
    assert isinstance(ends[place], ZeroDivisionError)
    assert told == [f"c{n}" for n in range(3) if n != place]
    assert await count("chats") == 2


async def test_what_the_database_refuses_is_undone_alone(shop: Shop, count: Count) -> None:
    async def refused(tx: Transaction) -> None:
        await open_chat(tx.connection, ChatRef("site", "c9"), "nobody", None)

    ends = await all_of(*(opened(shop, f"c{n}", [], [nothing, refused][n % 2]) for n in range(4)))

    assert [type(end) for end in ends] == [type(None), IntegrityError] * 2
    assert await count("chats") == 2


async def test_who_is_cancelled_in_the_middle_is_undone_alone(shop: Shop, count: Count) -> None:
    inside = asyncio.Event()

    async def wait(_tx: Transaction) -> None:
        inside.set()
        await asyncio.Event().wait()

    first = asyncio.create_task(opened(shop, "c1", []))
    second = asyncio.create_task(opened(shop, "c2", [], wait))
    third = asyncio.create_task(opened(shop, "c3", []))
    await inside.wait()
    second.cancel()
    ends = await all_of(first, second, third)

    assert [type(end) for end in ends] == [type(None), asyncio.CancelledError, type(None)]
    assert await count("chats") == 2


async def test_who_gives_up_waiting_for_the_commit_takes_nothing_from_it(
    shop: Shop, count: Count
) -> None:
    told: list[str] = []
    inside, go = asyncio.Event(), asyncio.Event()

    async def wait(_tx: Transaction) -> None:
        inside.set()
        await go.wait()

    first = asyncio.create_task(opened(shop, "c1", told))
    second = asyncio.create_task(opened(shop, "c2", told, wait))
    await inside.wait()
    first.cancel()
    await all_of(first)
    go.set()
    await second

    assert first.cancelled()
    assert told == ["c1", "c2"]
    assert await count("chats") == 2


async def test_who_gives_up_before_the_turn_leaves_no_transaction_open(
    shop: Shop, tmp_path: Path
) -> None:
    inside, go = asyncio.Event(), asyncio.Event()

    async def wait(_tx: Transaction) -> None:
        inside.set()
        await go.wait()

    first = asyncio.create_task(opened(shop, "c1", [], wait))
    await inside.wait()
    waiting = [asyncio.create_task(opened(shop, f"w{n}", [])) for n in range(3)]
    await asyncio.wait(waiting, timeout=0.01)
    go.set()
    for task in waiting:
        task.cancel()
    await all_of(first, *waiting)

    other = sqlite3.connect(tmp_path / "test.db", timeout=0)
    other.execute("BEGIN IMMEDIATE")
    other.close()


async def test_when_the_commit_fails_all_hear_of_it(shop: Shop, count: Count) -> None:
    told: list[str] = []

    async def ruin(tx: Transaction) -> None:
        await tx.connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        await tx.connection.exec_driver_sql("UPDATE chats SET employee_id = 'nobody'")

    turns = [opened(shop, f"c{n}", told, ruin if n == 1 else nothing) for n in range(3)]
    ends = await all_of(*turns)

    assert [type(end) for end in ends] == [IntegrityError] * 3
    assert told == []
    assert await count("chats") == 0
    await shop.chat("afterwards")
    assert await count("chats") == 1


async def test_when_the_database_drops_the_transaction_those_before_hear_of_it(
    shop: Shop, count: Count
) -> None:
    told: list[str] = []

    async def dropped(tx: Transaction) -> None:
        # As SQLite does itself when the disk is full.
        await tx.connection.exec_driver_sql("ROLLBACK")
        await tx.connection.exec_driver_sql("SELECT nothing FROM nowhere")

    turns = [opened(shop, f"c{n}", told, dropped if n == 1 else nothing) for n in range(4)]
    ends = await all_of(*turns)

    assert [isinstance(end, OperationalError) for end in ends] == [True, True, False, False]
    assert told == ["c2", "c3"]
    assert await count("chats") == 2


async def test_long_turns_and_short_ones_keep_their_order(shop: Shop) -> None:
    order: list[str] = []

    async def long() -> None:
        async with shop.database.write_long() as tx:
            await tx.connection.exec_driver_sql("UPDATE chats SET name = 'long'")
            order.append("long")

    async def note(_tx: Transaction) -> None:
        order.append("short")

    await all_of(opened(shop, "c1", [], note), long(), opened(shop, "c2", [], note))

    chat = await shop.chat("c1")
    assert order == ["short", "long", "short"]
    assert chat.name == "long"


async def test_who_is_cancelled_in_a_long_statement_leaves_nothing_behind(
    shop: Shop, count: Count
) -> None:
    async def long() -> None:
        async with shop.database.write_long() as tx:
            await open_chat(tx.connection, ChatRef("site", "long"), "anna", None)
            await tx.connection.exec_driver_sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
                "SELECT count(*) FROM n"
            )

    task = asyncio.create_task(long())
    await asyncio.wait([task], timeout=0.02)
    task.cancel()
    ends = await all_of(task, opened(shop, "c1", []))

    assert isinstance(ends[0], asyncio.CancelledError | SQLAlchemyError)
    assert ends[1] is None
    assert await count("chats") == 1
