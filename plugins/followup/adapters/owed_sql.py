"""Clients whom we owe an answer, from the index that the page of what needs attention walks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Transaction
from plugins.followup.adapters.tables import rounds, silences
from plugins.followup.owed import Waiting

# Whoever waits for longer was told long ago, or came before this was told at all.
_LONG_AGO = timedelta(days=7)
_BATCH = 500
_UNTOLD = (
    silences.c.answered_at.is_(None),
    silences.c.opted_out.is_(False),
    silences.c.stopped.is_(None),
    or_(silences.c.told.is_(None), silences.c.told != silences.c.number),
)


class SqlDebts:
    """As `owed.Debts`; a silence is marked by its number, so the next one is told again."""

    async def untold(
        self, connection: AsyncConnection, before: datetime, limit: int
    ) -> Sequence[Waiting]:
        """Those who wait since before that moment and are not told yet, the longest first."""
        query = select(silences.c.chat_id, silences.c.began).where(
            silences.c.began < before, silences.c.began > before - _LONG_AGO, *_UNTOLD
        )
        query = query.order_by(silences.c.began, silences.c.chat_id).limit(limit)
        return [(chat, began) for chat, began in await connection.execute(query)]

    async def rounds(self, connection: AsyncConnection, since: datetime) -> int:
        """How often admins were told from that moment on."""
        query = select(func.count()).select_from(rounds).where(rounds.c.at > since)
        return int((await connection.execute(query)).scalar_one())

    async def tell(
        self, tx: Transaction, chats: Sequence[int], at: datetime
    ) -> tuple[int, Sequence[Waiting]]:
        """Mark those that still wait as told, in a round with a number of its own."""
        told: list[Waiting] = []
        for first in range(0, len(chats), _BATCH):
            some = silences.c.chat_id.in_(chats[first : first + _BATCH])
            marked = update(silences).where(some, *_UNTOLD).values(told=silences.c.number)
            rows = await tx.connection.execute(
                marked.returning(silences.c.chat_id, silences.c.began)
            )
            told += [(chat, began) for chat, began in rows]
        made = insert(rounds).values(at=at, chats=len(told)).returning(rounds.c.id)
        return int((await tx.connection.execute(made)).scalar_one()), told

    async def forget(self, tx: Transaction, before: datetime) -> None:
        """Delete the rounds before that moment."""
        await tx.connection.execute(delete(rounds).where(rounds.c.at < before))
