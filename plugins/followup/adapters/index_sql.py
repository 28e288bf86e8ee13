"""The words by which chats are found, kept in the transaction that changes the chat."""

from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update

from bot.api import Chat, Transaction
from plugins.followup.adapters.tables import silences, words
from plugins.followup.folding import stems_of, words_of


class SqlIndex:
    """The words of a chat's name; the employee's name is looked up when somebody asks."""

    async def name(self, tx: Transaction, chat: Chat) -> None:
        """Keep the words of the chat's name, if they are others than before."""
        known = select(words.c.word).where(words.c.chat_id == chat.id).distinct()
        wanted = words_of(chat.title)
        if set((await tx.connection.execute(known)).scalars()) == set(wanted):
            return
        await self.forget(tx, chat.id)
        due = select(silences.c.due_at).where(silences.c.chat_id == chat.id)
        due_at = (await tx.connection.execute(due)).scalar_one_or_none()
        rows = [
            {
                "chat_id": chat.id,
                "stem": stem,
                "word": word,
                "employee_id": chat.employee,
                "due_at": due_at,
            }
            for word in wanted
            for stem in stems_of(word)
        ]
        if rows:
            await tx.connection.execute(insert(words), rows)

    async def forget(self, tx: Transaction, chat: int) -> None:
        """Nobody finds the chat by its name any more."""
        await tx.connection.execute(delete(words).where(words.c.chat_id == chat))


async def place(tx: Transaction, chat: int, employee: str, due_at: datetime | None) -> None:
    """Move the chat's words to its place in the list; out of it without a moment."""
    other = or_(words.c.due_at.is_distinct_from(due_at), words.c.employee_id != employee)
    moved = update(words).where(words.c.chat_id == chat, other)
    await tx.connection.execute(moved.values(due_at=due_at, employee_id=employee))
