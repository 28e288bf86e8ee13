"""The words by which chats are found, kept in the transaction that changes the chat."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from bot.api import Chat, Transaction, among
from plugins.followup.adapters.tables import silences, words
from plugins.followup.folding import name_of, stems_of

# Made once: to put a statement together takes longer than SQLite needs to run it.
_CHAT = words.c.chat_id == bindparam("chat")
_FORGOTTEN = delete(words).where(_CHAT)
_DUE = select(silences.c.chat_id, silences.c.due_at).where(among(silences.c.chat_id))
_MOVED = (
    update(words)
    .where(
        _CHAT,
        or_(
            words.c.due_at.is_distinct_from(bindparam("due")),
            words.c.employee_id != bindparam("employee"),
        ),
    )
    .values(due_at=bindparam("due"), employee_id=bindparam("employee"))
)
_UNLISTED = update(words).where(among(words.c.chat_id), words.c.due_at.is_not(None))
_UNLISTED = _UNLISTED.values(due_at=None)


class SqlIndex:
    """The words of a chat's name; the employee's name is looked up when somebody asks."""

    async def rename(self, tx: Transaction, chats: Sequence[Chat]) -> None:
        """Keep the words of the chats' present names, and no others."""
        keys = [chat.id for chat in chats]
        await tx.connection.execute(_FORGOTTEN, [{"chat": key} for key in keys])
        found = await tx.connection.execute(_DUE, {"keys": keys})
        due: dict[int, datetime | None] = {row.chat_id: row.due_at for row in found}
        rows = [
            {
                "chat_id": chat.id,
                "stem": stem,
                "word": word,
                "employee_id": chat.employee,
                "due_at": due.get(chat.id),
                "name": line,
            }
            for chat in chats
            for line in [name_of(chat.title)]
            for word in line.split()
            for stem in stems_of(word)
        ]
        if rows:
            await tx.connection.execute(insert(words), rows)

    async def unlist(self, tx: Transaction, chats: Sequence[int]) -> None:
        """Take them out of the way of those who search what is scheduled."""
        await tx.connection.execute(_UNLISTED, {"keys": chats})

    async def forget(self, tx: Transaction, chat: int) -> None:
        """Nobody finds the chat by its name any more."""
        await tx.connection.execute(_FORGOTTEN, {"chat": chat})


async def place(tx: Transaction, standings: Sequence[Mapping[str, Any]]) -> None:
    """Move chats' words to their places in the list; out of it without a moment."""
    values = [
        {"chat": row["chat_id"], "employee": row["employee_id"], "due": row["due_at"]}
        for row in standings
    ]
    await tx.connection.execute(_MOVED, values)
