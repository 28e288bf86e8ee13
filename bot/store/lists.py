"""Queries that read many chats, or everybody, at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.columns import Id, Moment
from bot.model import Chat, Employee, Message
from bot.store.employees import all_employees
from bot.store.rows import chat_of, message_of
from bot.store.tables import chats, messages


class SqlLists:
    """Reads for pages (`Lists`)."""

    async def people(self, connection: AsyncConnection) -> Sequence[Employee]:
        """Every employee, by name."""
        found = await all_employees(connection)
        return sorted(found, key=lambda person: (person.name.casefold(), person.id))

    async def chats(self, connection: AsyncConnection, chats: Sequence[int]) -> Mapping[int, Chat]:
        """Those of the chats that there are."""
        query = _CHATS.where(_CHATS_ID.in_(chats))
        rows = (await connection.execute(query)).mappings()
        return {row["id"]: chat_of(row) for row in rows}

    async def alike(
        self, connection: AsyncConnection, accounts: Sequence[str], address: str
    ) -> Sequence[int]:
        """The chats at that address on these accounts."""
        query = select(chats.c.id).where(chats.c.account.in_(accounts), chats.c.address == address)
        return (await connection.execute(query.order_by(chats.c.id))).scalars().all()

    async def newest(
        self, connection: AsyncConnection, before: int | None, limit: int
    ) -> Sequence[tuple[Message, Chat]]:
        """The latest message of each chat, the newest first; only ids below `before`.

        Walks the messages backwards and leaves out those that are not their chat's latest.
        """
        query = _ends().limit(limit)
        return await _found(
            connection, query if before is None else query.where(messages.c.id < before)
        )

    async def latest(
        self, connection: AsyncConnection, chats: Sequence[int]
    ) -> Sequence[tuple[Message, Chat]]:
        """The same of these chats."""
        return await _found(connection, _ends().where(messages.c.chat_id.in_(chats)))

    async def held(
        self, connection: AsyncConnection, before: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Chat]:
        """Chats that a human has, the latest taken first; those before a moment and number."""
        query = _CHATS.where(chats.c.paused_since.is_not(None))
        if before is not None:
            place = tuple_(literal(before[0], Moment), literal(before[1], Id))
            query = query.where(tuple_(chats.c.paused_since, chats.c.id) < place)
        query = query.order_by(chats.c.paused_since.desc(), chats.c.id.desc()).limit(limit)
        return [chat_of(row) for row in (await connection.execute(query)).mappings()]

    async def held_count(self, connection: AsyncConnection, most: int) -> int:
        """How many those are, as far as that matters."""
        some = select(chats.c.id).where(chats.c.paused_since.is_not(None)).limit(most)
        counted = select(func.count()).select_from(some.subquery())
        return int((await connection.execute(counted)).scalar_one())

    async def history(
        self, connection: AsyncConnection, chat: int, before: int | None, limit: int
    ) -> Sequence[Message]:
        """The last messages numbered below `before`, in order; those that failed too."""
        query = select(messages).where(messages.c.chat_id == chat)
        if before is not None:
            query = query.where(messages.c.n < before)
        query = query.order_by(messages.c.n.desc()).limit(limit)
        rows = (await connection.execute(query)).mappings().all()
        return [message_of(row) for row in reversed(rows)]


_CHATS: Select[Any] = select(chats)
_CHATS_ID = chats.c.id


def _ends() -> Select[Any]:
    both = (messages.c.chat_id == chats.c.id) & (messages.c.n == chats.c.last_n)
    said = [column.label(f"said_{column.name}") for column in messages.c]
    query = select(chats, *said).select_from(messages.join(chats, both))
    return query.order_by(messages.c.id.desc())


async def _found(connection: AsyncConnection, query: Select[Any]) -> Sequence[tuple[Message, Chat]]:
    rows = (await connection.execute(query)).mappings().all()
    names = [column.name for column in messages.c]
    return [
        (message_of({name: row[f"said_{name}"] for name in names}), chat_of(row)) for row in rows
    ]
