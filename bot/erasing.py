"""Deletes a conversation for good, when somebody asks for that."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.hooks import Hooks
from bot.model import Change, Delivery, Erasure
from bot.ports import Database, Jobs, Journal
from bot.store.chats import change_chat, lock_chat
from bot.store.compacting import compacted
from bot.store.tables import alarms, commands, messages

COMPACT = "compact"
_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SqlEraser:
    """Erases chats; the plugins delete theirs in the same transaction."""

    database: Database
    hooks: Hooks
    journal: Journal
    jobs: Jobs
    clock: Clock

    async def erase(self, chat: int, by: str) -> Erasure:
        """Delete the messages, the name and the address, unless something is being sent.

        An empty row stays, so that the number of an erased chat is never given to another. A plugin
        that fails to delete its part undoes everything. What the database's files still hold of
        it is overwritten at once, or, while others are at them, a little later.
        """
        async with self.database.write() as tx:
            found = await lock_chat(tx.connection, chat)
            if found is None:
                return Erasure.UNKNOWN
            if await _busy(tx.connection, chat):
                return Erasure.BUSY
            for plugin in self.hooks.plugins:
                await plugin.chat_erased(tx, found)
            await tx.connection.execute(delete(messages).where(messages.c.chat_id == chat))
            await _unsay(tx.connection, chat)
            await change_chat(tx.connection, chat, _NOTHING | {"address": f"erased {chat}"})
            await self.journal.record(tx, Change(by, "chat.erased", found.employee, chat))
        await overwrite(self.database, self.jobs, self.clock)
        return Erasure.DONE


async def overwrite(database: Database, jobs: Jobs, clock: Clock) -> None:
    """Leave no byte of what was deleted, now or in a minute."""
    if not await compacted(database):
        jobs.wake(COMPACT, 0, clock.now() + _AGAIN)


_NOTHING = {
    "name": None,
    "last_n": 0,
    "client_n": 0,
    "waiting_since": None,
    "paused_since": None,
    "held_by": None,
    "client_at": None,
    "route": None,
    "zone": None,
    "answer_at": None,
    "answer_token": None,
    "answer_lease": None,
    "answer_failures": 0,
    "opted_out_at": None,
    "farewell_n": None,
}


async def _busy(connection: AsyncConnection, chat: int) -> bool:
    sending = (messages.c.chat_id == chat) & (messages.c.delivery == Delivery.SENDING)
    return (
        await connection.execute(select(messages.c.id).where(sending).limit(1))
    ).first() is not None


async def _unsay(connection: AsyncConnection, chat: int) -> None:
    """What admins typed and were told may name the client: nobody reads it again once it is done.

    Of an alarm that is still to be told, the paragraph that leads to the chat is left out.
    """
    over = update(commands).where(commands.c.done_at.is_not(None), commands.c.text != "")
    await connection.execute(over.values(text=""))
    told = update(alarms).where(alarms.c.next_at.is_(None), alarms.c.text != "")
    await connection.execute(told.values(text=""))
    waiting = select(alarms.c.id, alarms.c.text).where(alarms.c.next_at.is_not(None))
    for key, text in (await connection.execute(waiting)).all():
        parts = text.split("\n\n")
        left = [part for part in parts if not part.endswith(f"/chats/{chat}")]
        this = alarms.c.id == key
        if not left:
            await connection.execute(delete(alarms).where(this))
        elif left != parts:
            await connection.execute(update(alarms).where(this).values(text="\n\n".join(left)))
