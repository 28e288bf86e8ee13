"""What happens when a human takes a chat, and when the employee gets it back."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.clock import Clock
from bot.directory import Directory
from bot.hooks import Hooks
from bot.model import Change, Chat
from bot.ports import Database, Journal, News, Transaction
from bot.store.chats import change_chat
from bot.store.texts import named


async def pause_chat(
    tx: Transaction, hooks: Hooks, chat: Chat, at: datetime, *, by: str | None
) -> None:
    """The employee says nothing more in this held chat; later only who has it can change."""
    who = named(by) if by is not None else chat.held_by
    if chat.paused_since is not None:
        if who != chat.held_by:
            await change_chat(tx.connection, chat.id, {"held_by": who})
        return
    taken = {"paused_since": at, "held_by": who, "answer_at": None}
    await change_chat(tx.connection, chat.id, taken)
    paused = replace(chat, paused_since=at, held_by=who)
    await hooks.tell(tx, lambda plugin: plugin.chat_paused(tx, paused, at))


async def resume_chat(tx: Transaction, hooks: Hooks, chat: Chat, at: datetime) -> None:
    """The employee has this held chat again, and answers what the client said meanwhile."""
    if chat.paused_since is None:
        return
    waits = at if chat.waiting_since is not None else None
    await change_chat(
        tx.connection,
        chat.id,
        {"paused_since": None, "held_by": None, "answer_at": waits, "answer_failures": 0},
    )
    resumed = replace(chat, paused_since=None, held_by=None)
    await hooks.tell(tx, lambda plugin: plugin.chat_resumed(tx, resumed, at))


@dataclass(frozen=True, slots=True)
class SqlHandover:
    """Gives chats to humans and back."""

    database: Database
    directory: Directory
    hooks: Hooks
    journal: Journal
    news: News
    clock: Clock

    async def pause(self, chat: int, change: Change | None = None, by: str | None = None) -> bool:
        """A human has the chat; false if there is none with that id."""
        who = by or (change.by if change is not None else None)
        async with self.database.write() as tx:
            found = await self.directory.lock_chat(tx, chat)
            if found is None:
                return False
            await pause_chat(tx, self.hooks, found, self.clock.now(), by=who)
            if found.paused_since is None and change is not None:
                await self.journal.record(tx, change)
            tx.after_commit(partial(self.news.publish, chat))
        return True

    async def resume(self, chat: int, change: Change | None = None) -> bool:
        """The employee has it back; false if there is none with that id."""
        async with self.database.write() as tx:
            found = await self.directory.lock_chat(tx, chat)
            if found is None:
                return False
            await resume_chat(tx, self.hooks, found, self.clock.now())
            if found.paused_since is not None and change is not None:
                await self.journal.record(tx, change)
            tx.after_commit(partial(self.news.publish, chat))
        return True
