"""The words of names, on each database: right from the start, after every change, and folded."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.model import Chat, ChatRef, Employee
from bot.store.database import SqlDatabase
from bot.store.employees import create_employee, edit_employee
from bot.store.lists import SqlLists
from bot.testing import MONDAY
from plugins.followup.adapters.index_sql import SqlIndex
from plugins.followup.adapters.store_sql import SqlSilences
from plugins.followup.dashboard.finding import Place, Slice, Wish, find, walking
from plugins.followup.folding import asked
from plugins.followup.model import Due, Reason, Silence, Step, Waiting
from plugins.followup.ports import Record, Standing
from tests.contract.store.conftest import Shop

STEP = Step("s1", timedelta(hours=4), "Ask.")


async def put(
    database: SqlDatabase, chat: int, name: str | None, hours: int | None, employee: str = "anna"
) -> None:
    """A chat of that name, due in so many hours, or not at all."""
    at = MONDAY + timedelta(hours=hours or 0)
    found = Due(STEP, at, at) if hours is not None else Waiting(Reason.DONE)
    async with database.write() as tx:
        await SqlIndex().rename(tx, [Chat(chat, ChatRef("site", f"c{chat}"), employee, name)])
        one = Record(chat, employee, 1, Silence(1, MONDAY, MONDAY))
        await SqlSilences().save(tx, [Standing(one, found, 1)])


async def look(
    database: SqlDatabase,
    text: str,
    employee: str | None = None,
    *,
    limit: int = 50,
    after: Place | None = None,
) -> list[int]:
    async with database.read() as connection:
        people = await SqlLists().people(connection)
        places = await find(connection, Wish(asked(text), employee), people, Slice(limit, after))
    return [chat for _, chat in places]


@pytest.fixture
async def crowd(shop: Shop) -> SqlDatabase:
    names = {1: "Иван Петров", 2: "Ivana Brown", 3: "José O'Neill", 4: None, 5: "IVAN the 2nd"}
    for chat, name in names.items():
        await put(shop.database, chat, name, hours=10 - chat)
    await put(shop.database, 6, "Ivan the Done", None)
    return shop.database


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("ivan", [5, 2, 1]),
        ("ИВАН", [5, 2, 1]),
        ("ivana", [2]),
        ("bro iv", [2]),
        ("JOSE", [3]),
        ("josé neill", [3]),
        ("visitor 4", [4]),
        ("2n", [5]),
        ("an", [5, 4, 3, 2, 1]),
        ("anna iv", [5, 2, 1]),
        ("安娜", [5, 4, 3, 2, 1]),
        ("ivan zed", []),
        ("van", []),
        ("%", [5, 4, 3, 2, 1]),
    ],
)
async def test_every_word_begins_a_word_of_the_name_or_the_employees(
    crowd: SqlDatabase, text: str, found: list[int]
) -> None:
    assert await look(crowd, text) == found


async def test_a_moved_due_moment_moves_the_chat_in_what_is_found(crowd: SqlDatabase) -> None:
    await put(crowd, 5, "IVAN the 2nd", hours=20)

    assert await look(crowd, "ivan") == [2, 1, 5]


async def test_a_chat_that_waits_no_more_is_not_found_until_it_does_again(
    crowd: SqlDatabase,
) -> None:
    await put(crowd, 5, "IVAN the 2nd", None)
    gone = await look(crowd, "ivan")

    await put(crowd, 6, "Ivan the Done", hours=1)

    assert gone == [2, 1]
    assert await look(crowd, "ivan") == [6, 2, 1]


async def test_a_new_name_replaces_the_old_one(crowd: SqlDatabase) -> None:
    await put(crowd, 5, "Grace", hours=5)

    assert await look(crowd, "ivan") == [2, 1]
    assert await look(crowd, "grace") == [5]


async def test_a_page_goes_on_where_the_last_one_ended_even_at_one_moment(shop: Shop) -> None:
    for chat in range(1, 8):
        await put(shop.database, chat, "Ann Anders", hours=1)

    pages = [await look(shop.database, text, limit=3) for text in ("", "ann", "ann and")]
    moment = MONDAY + timedelta(hours=1)
    rest = [await look(shop.database, text, after=(moment, 3)) for text in ("", "ann", "ann and")]

    assert pages == [[1, 2, 3]] * 3
    assert rest == [[4, 5, 6, 7]] * 3


async def test_the_employees_new_name_finds_their_chats_at_once(
    crowd: SqlDatabase, shop: Shop
) -> None:
    bob = Employee("bob", "Bob", "Kind.")
    async with crowd.write() as tx:
        await create_employee(tx.connection, bob)
    await put(crowd, 7, "Grace", hours=1, employee="bob")
    before = (
        await look(crowd, "robert"),
        await look(crowd, "bob gr"),
        await look(crowd, "gr", "bob"),
    )

    async with crowd.write() as tx:
        await edit_employee(tx.connection, Employee("bob", "Robert", "Kind."))

    assert before == ([], [7], [7])
    assert await look(crowd, "robert") == [7]
    assert await look(crowd, "gr", "anna") == []


@pytest.mark.parametrize(
    ("text", "employee"),
    [("", None), ("", "anna"), ("i", None), ("ivan", "anna"), ("ivan pet", None), ("ann iv", None)],
)
async def test_whatever_is_asked_an_index_is_walked_and_nothing_is_sorted(
    crowd: SqlDatabase, text: str, employee: str | None
) -> None:
    asked_for: list[tuple[str, Any]] = []

    def keep(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        if "followup_" in statement:
            asked_for.append((statement, given))

    event.listen(crowd.engine.sync_engine, "before_cursor_execute", keep)
    after = (MONDAY, 0)
    await look(crowd, text, employee, after=after)
    event.remove(crowd.engine.sync_engine, "before_cursor_execute", keep)

    async with crowd.read() as connection:
        postgres = connection.dialect.name == "postgresql"
        how = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"
        async with walking(connection):
            lines = [
                str(row[-1])
                for statement, given in asked_for
                for row in await connection.exec_driver_sql(f"{how} {statement}", given)
            ]
    assert lines
    assert [
        line for line in lines if re.search(r"Sort|TEMP B-TREE|Seq Scan|^SCAN (?!anon)", line)
    ] == []
