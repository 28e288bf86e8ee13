"""What admins are told of many chats at once, and what they can undo, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Directory, Employee, Transaction
from plugins.followup.adapters.store_sql import record_of
from plugins.followup.adapters.tables import chains, silences, undos
from plugins.followup.model import Chain, Silence
from plugins.followup.options import FollowupOptions, as_table
from plugins.followup.undos import Undo


class SqlOverview:
    """Reads only; the cached due moments list the chats, nothing is decided by them."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def employees(self, connection: AsyncConnection) -> Sequence[Employee]:
        """Everyone, by id."""
        keys = await connection.execute(select(chains.c.employee_id).order_by(chains.c.employee_id))
        people = [await self._directory.employee(connection, key) for key in keys.scalars().all()]
        return [person for person in people if person is not None]

    async def waiting(
        self, connection: AsyncConnection, employee: str
    ) -> tuple[int, datetime | None]:
        """How many chats of theirs have a reminder scheduled, and when the first is due."""
        query = select(func.count(), func.min(silences.c.due_at))
        # Said twice, so that the index of what is scheduled alone answers it.
        mine = query.where(silences.c.employee_id == employee, silences.c.due_at.is_not(None))
        count, first = (await connection.execute(mine)).one()
        return count, first

    async def scheduled(
        self, connection: AsyncConnection, employee: str, first: int, limit: int
    ) -> Sequence[Chat]:
        """A page of those chats, the earliest due first."""
        query = (
            select(silences.c.chat_id)
            .where(silences.c.due_at.is_not(None), silences.c.employee_id == employee)
            .order_by(silences.c.due_at, silences.c.chat_id)
        )
        return await self._chats(connection, query.offset(first).limit(limit))

    async def latest(self, connection: AsyncConnection, employee: str) -> Chat | None:
        """The chat in which a client wrote last."""
        query = select(silences.c.chat_id).where(silences.c.employee_id == employee)
        newest = query.order_by(silences.c.began.desc(), silences.c.chat_id.desc()).limit(1)
        return next(iter(await self._chats(connection, newest)), None)

    async def standing(
        self, connection: AsyncConnection, employee: str, limit: int
    ) -> Sequence[Silence]:
        """Silences that a save may change, those with a reminder scheduled first."""
        mine = select(silences).where(silences.c.employee_id == employee)
        scheduled = mine.where(silences.c.due_at.is_not(None)).limit(limit)
        found = (await connection.execute(scheduled)).mappings().all()
        idle = mine.where(
            silences.c.due_at.is_(None),
            silences.c.stopped.is_(None),
            silences.c.frozen_since.is_(None),
            silences.c.opted_out.is_(False),
        )
        if len(found) < limit:
            rest = idle.order_by(silences.c.version.desc()).limit(limit - len(found))
            found = [*found, *(await connection.execute(rest)).mappings()]
        return [record_of(row).silence for row in found]

    async def _chats(self, connection: AsyncConnection, query: Select[Any]) -> Sequence[Chat]:
        keys = (await connection.execute(query)).scalars().all()
        found = [await self._directory.chat(connection, key) for key in keys]
        return [chat for chat in found if chat is not None]


class SqlUndos:
    """A row for each employee: the chain before the latest change by a command."""

    async def keep(self, tx: Transaction, undo: Undo) -> None:
        """Remember it instead of what was remembered."""
        values = {
            "employee_id": undo.employee,
            "by": undo.by,
            "version": undo.version,
            "chain": as_table(undo.chain),
        }
        dialect = sqlite if tx.connection.dialect.name == "sqlite" else postgresql
        await tx.connection.execute(
            dialect.insert(undos)
            .values(values)
            .on_conflict_do_update(index_elements=["employee_id"], set_=values)
        )

    async def find(self, connection: AsyncConnection, employee: str) -> Undo | None:
        """What is remembered of that employee."""
        query = select(undos).where(undos.c.employee_id == employee)
        row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        return Undo(row["employee_id"], row["by"], row["version"], _chain(row["chain"]))


def _chain(table: object) -> Chain:
    options = FollowupOptions.model_validate(table)
    return options.chain
