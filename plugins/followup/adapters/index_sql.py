"""The words by which chats are found, kept in the transaction that changes the chat."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, update

from bot.api import Chat, Transaction
from plugins.followup.adapters.tables import silences, words
from plugins.followup.folding import line_of, stems_of, words_of

# Made once: to put a statement together takes longer than SQLite needs to run it.
_CHAT = words.c.chat_id == bindparam("chat")
_KNOWN = select(words.c.word, words.c.name).where(_CHAT).distinct()
_FORGOTTEN = delete(words).where(_CHAT)
_DUE = select(silences.c.due_at).where(silences.c.chat_id == bindparam("chat"))
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


class SqlIndex:
    """The words of a chat's name; the employee's name is looked up when somebody asks."""

    async def name(self, tx: Transaction, chat: Chat) -> None:
        """Keep the words of the chat's name, if they are others than before."""
        wanted, this = words_of(chat.title), {"chat": chat.id}
        line = line_of(wanted)
        known = (await tx.connection.execute(_KNOWN, this)).all()
        if {tuple(row) for row in known} == {(word, line) for word in wanted}:
            return
        await self.forget(tx, chat.id)
        due_at = (await tx.connection.execute(_DUE, this)).scalar_one_or_none()
        rows = [
            {
                "chat_id": chat.id,
                "stem": stem,
                "word": word,
                "employee_id": chat.employee,
                "due_at": due_at,
                "name": line,
            }
            for word in wanted
            for stem in stems_of(word)
        ]
        if rows:
            await tx.connection.execute(insert(words), rows)

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
