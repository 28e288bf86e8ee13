"""Deletes a conversation for good, when somebody asks for that."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.hooks import Hooks
from bot.model import Change, Delivery, Erasure
from bot.ports import Database, Journal
from bot.store.chats import change_chat, lock_chat
from bot.store.tables import messages


@dataclass(frozen=True, slots=True)
class SqlEraser:
    """Erases chats; the plugins delete theirs in the same transaction."""

    database: Database
    hooks: Hooks
    journal: Journal

    async def erase(self, chat: int, by: str) -> Erasure:
        """Delete the messages, the name and the address, unless something is being sent.

        An empty row stays, so that the number of an erased chat is never given to another. A plugin
        that fails to delete its part undoes everything.
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
            await change_chat(tx.connection, chat, _NOTHING | {"address": f"erased {chat}"})
            await self.journal.record(tx, Change(by, "chat.erased", found.employee, chat))
        return Erasure.DONE


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
