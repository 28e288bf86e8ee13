"""Reads all chats, page by page, each page as it was at one moment; texts are left in place."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.audit import Answering, Conversation, Line, Page
from bot.model import Arrival, Author, Delivery
from bot.store.rows import chat_of
from bot.store.tables import chats, messages

_CHATS = 500
_MESSAGES = 20_000


async def count_chats(connection: AsyncConnection) -> int:
    """How many chats there are."""
    return int((await connection.execute(select(func.count()).select_from(chats))).scalar_one())


async def still(connection: AsyncConnection) -> None:
    """Have all queries on this connection see one moment from now on."""
    level = " ISOLATION LEVEL REPEATABLE READ READ ONLY"
    here = level if connection.dialect.name == "postgresql" else ""
    await connection.exec_driver_sql(f"BEGIN{here}")


async def page_after(connection: AsyncConnection, after: int) -> Page:
    """The next page; as many chats as have a bearable number of messages together."""
    query = select(chats).where(chats.c.id > after).order_by(chats.c.id).limit(_CHATS)
    rows = (await connection.execute(query)).mappings().all()
    kept = _bearable(rows)
    last = len(kept) == len(rows) < _CHATS
    upto = None if last else int(kept[-1]["id"])
    lines = await _lines(connection, after, upto)
    talks = [_talk(row, lines.pop(row["id"], ())) for row in kept]
    return Page(after, upto, talks, strays=sorted(lines))


def _bearable(rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
    totals = accumulate(row["last_n"] for row in rows)
    few = sum(total <= _MESSAGES for total in totals)
    return rows[: max(few, 1)]


async def _lines(
    connection: AsyncConnection, after: int, upto: int | None
) -> dict[int, Sequence[Line]]:
    columns = ("id", "chat_id", "n", "author", "at", "delivery", "plugin", "tokens", "arrival")
    query = select(*(messages.c[name] for name in columns)).where(messages.c.chat_id > after)
    if upto is not None:
        query = query.where(messages.c.chat_id <= upto)
    found: dict[int, list[Line]] = defaultdict(list)
    ordered = query.order_by(messages.c.chat_id, messages.c.n)
    for row in (await connection.execute(ordered)).mappings():
        found[row["chat_id"]].append(_line(row))
    return dict(found)


def _line(row: RowMapping) -> Line:
    return Line(
        id=row["id"],
        n=row["n"],
        author=Author(row["author"]),
        at=row["at"],
        delivery=Delivery(row["delivery"]),
        plugin=row["plugin"],
        tokens=row["tokens"],
        arrival=Arrival(row["arrival"]) if row["arrival"] else None,
    )


def _talk(row: Any, lines: Sequence[Line]) -> Conversation:
    answering = Answering(row["answer_at"], row["answer_lease"], row["answer_failures"])
    return Conversation(chat_of(row), lines, answering)
