"""What happens when a human takes a chat, and when the employee gets it back."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.clock import Clock
from bot.hooks import Hooks
from bot.model import Change, Chat
from bot.plugin import Directory
from bot.ports import Database, Journal, Transaction
from bot.store.chats import change_chat


async def pause_chat(tx: Transaction, hooks: Hooks, chat: Chat, at: datetime) -> None:
    """The employee says nothing more in this held chat; pausing twice changes nothing."""
    if chat.paused_since is not None:
        return
    await change_chat(tx.connection, chat.id, {"paused_since": at, "answer_at": None})
    paused = replace(chat, paused_since=at)
    await hooks.tell(tx, lambda plugin: plugin.chat_paused(tx, paused, at))


async def resume_chat(tx: Transaction, hooks: Hooks, chat: Chat, at: datetime) -> None:
    """The employee has this held chat again, and answers what the client said meanwhile."""
    if chat.paused_since is None:
        return
    waits = at if chat.waiting_since is not None else None
    await change_chat(
        tx.connection,
        chat.id,
        {"paused_since": None, "answer_at": waits, "answer_failures": 0},
    )
    resumed = replace(chat, paused_since=None)
    await hooks.tell(tx, lambda plugin: plugin.chat_resumed(tx, resumed, at))


@dataclass(frozen=True, slots=True)
class SqlHandover:
    """Gives chats to humans and back."""

    database: Database
    directory: Directory
    hooks: Hooks
    journal: Journal
    clock: Clock

    async def pause(self, chat: int, change: Change | None = None) -> bool:
        """A human has the chat; false if there is none with that id."""
        async with self.database.write() as tx:
            found = await self.directory.lock_chat(tx, chat)
            if found is not None:
                await pause_chat(tx, self.hooks, found, self.clock.now())
            if found is not None and found.paused_since is None and change is not None:
                await self.journal.record(tx, change)
            return found is not None

    async def resume(self, chat: int, change: Change | None = None) -> bool:
        """The employee has it back; false if there is none with that id."""
        async with self.database.write() as tx:
            found = await self.directory.lock_chat(tx, chat)
            if found is not None:
                await resume_chat(tx, self.hooks, found, self.clock.now())
            if found is not None and found.paused_since is not None and change is not None:
                await self.journal.record(tx, change)
            return found is not None
