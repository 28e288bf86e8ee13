"""Queries on chats and messages, and the few changes that happen to them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Arrival, Author, Chat, ChatRef, Delivery, Employee, Message
from bot.ports import Database, Transaction
from bot.store.employees import employee_of
from bot.store.rows import chat_of, message_of
from bot.store.statements import (
    CHANGED,
    CHAT,
    CHAT_AT,
    EMPLOYEE,
    LATEST,
    MESSAGE,
    PAGE,
    SAID,
    SETTLED,
)
from bot.store.tables import chats, messages
from bot.store.texts import storable

# So much is looked at in one go.
_BATCH = 1000


class SqlChats:
    """Reads for channels and plugins (`Chats` and `Directory`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, ref: ChatRef) -> Chat | None:
        """The chat at that address."""
        async with self._database.look_up() as connection:
            return await chat_at(connection, ref)

    async def messages(self, chat: int, after: int = 0, limit: int = 200) -> Sequence[Message]:
        """Messages numbered above `after`, in order; failed ones are left out."""
        asked = {"chat": chat, "after": after, "most": limit}
        async with self._database.look_up() as connection:
            return [message_of(row) for row in (await connection.execute(PAGE, asked)).mappings()]

    async def latest(self, chat: int, limit: int) -> Sequence[Message]:
        """The last `limit` messages, in order; failed ones are left out."""
        asked = {"chat": chat, "most": limit}
        async with self._database.look_up() as connection:
            rows = (await connection.execute(LATEST, asked)).mappings().all()
        return [message_of(row) for row in reversed(rows)]

    async def chat(self, connection: AsyncConnection, chat: int) -> Chat | None:
        """The chat with that id."""
        return await _one(connection, CHAT, key=chat)

    async def named(self, connection: AsyncConnection, part: str, limit: int) -> Sequence[Chat]:
        """Chats whose name holds that, in any case, the latest written to first."""
        # Databases fold the case of some letters only; names are mostly written like one of these.
        spelled = {part, part.lower(), part.upper(), part.title()}
        holds = or_(*(chats.c.name.icontains(each, autoescape=True) for each in spelled))
        latest = (chats.c.client_at.desc().nulls_last(), chats.c.id.desc())
        query = select(chats).where(holds).order_by(*latest).limit(limit)
        return [chat_of(row) for row in (await connection.execute(query)).mappings()]

    async def lock_chat(self, tx: Transaction, chat: int) -> Chat | None:
        """The same, held until the transaction ends."""
        return await lock_chat(tx.connection, chat)

    async def employee(self, connection: AsyncConnection, employee: str) -> Employee | None:
        """The employee with that id."""
        row = (await connection.execute(EMPLOYEE, {"key": employee})).mappings().one_or_none()
        return employee_of(row) if row is not None else None

    async def message(self, connection: AsyncConnection, message: int) -> Message | None:
        """The message with that id."""
        row = (await connection.execute(MESSAGE, {"key": message})).mappings().one_or_none()
        return message_of(row) if row is not None else None


async def chat_at(connection: AsyncConnection, ref: ChatRef) -> Chat | None:
    """The chat at that address."""
    return await _one(connection, CHAT_AT, account=ref.account, address=ref.address)


async def lock_chat(connection: AsyncConnection, chat: int) -> Chat | None:
    """The chat, held until the transaction ends; SQLite's writer holds all of them anyway."""
    return await _one(connection, CHAT.with_for_update(), key=chat)


async def add_outgoing(
    connection: AsyncConnection, chat: Chat, at: datetime, values: dict[str, Any]
) -> Message:
    """Store the intent to send as the next message of a held chat."""
    message = await _insert(
        connection,
        chat,
        {"author": Author.EMPLOYEE, "at": at, "delivery": Delivery.SENDING, **values},
    )
    await change_chat(connection, chat.id, {"last_n": message.n})
    return message


async def settle_message(
    connection: AsyncConnection, message: int, delivery: Delivery, external_id: str | None
) -> bool:
    """Record what became of an outgoing message; false for what failed, which stays failed.

    What is known to have arrived is not uncertain. An id that the chat knows already is left out.
    """
    this = messages.c.id == message
    settled = await connection.execute(SETTLED[delivery], {"key": message})
    if external_id is not None:
        other = messages.alias()
        same = (other.c.chat_id == messages.c.chat_id) & (other.c.external_id == external_id)
        free = ~exists().where(same)
        named = update(messages).where(this, free).values(external_id=external_id)
        await connection.execute(named)
    return settled.rowcount > 0


async def change_chat(connection: AsyncConnection, chat: int, values: dict[str, Any]) -> None:
    """Set columns of a held chat."""
    await connection.execute(CHANGED, {"key": chat, **values})


async def note_arrival(connection: AsyncConnection, message: int, arrival: Arrival) -> None:
    """Record how far a message got; what was read is never merely delivered again."""
    this = (messages.c.id == message) & messages.c.arrival.is_distinct_from(Arrival.READ)
    await connection.execute(update(messages).where(this).values(arrival=arrival))


async def answered_since(connection: AsyncConnection, chat: int, n: int) -> bool:
    """Whether the client was answered after that message, by whomever."""
    query = select(messages.c.id).where(
        messages.c.chat_id == chat,
        messages.c.n > n,
        messages.c.author != Author.CLIENT,
        messages.c.plugin.is_(None),
        messages.c.delivery != Delivery.FAILED,
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def move_chat(connection: AsyncConnection, ref: ChatRef, address: str) -> None:
    """Give the chat another address, unless somebody has that already."""
    taken = await chat_at(connection, replace(ref, address=address))
    if taken is None:
        at = (chats.c.account == ref.account) & (chats.c.address == ref.address)
        await connection.execute(update(chats).where(at).values(address=address))


async def free_answers(connection: AsyncConnection, worker: str) -> None:
    """Take back what the worker of that name had claimed; only claimed chats are read.

    The first of them in order: so PostgreSQL takes the index even before it has any statistics.
    Of more than that the leases end by themselves.
    """
    claimed = select(chats.c.id).where(chats.c.answer_lease.is_not(None))
    claimed = claimed.order_by(chats.c.answer_lease).limit(_BATCH)
    keys = (await connection.execute(claimed)).scalars().all()
    if keys:
        its_own = chats.c.answer_token.startswith(f"{worker}:", autoescape=True)
        free = update(chats).where(chats.c.id.in_(keys), its_own)
        await connection.execute(free.values(answer_token=None, answer_lease=None))


async def unfinished_answers(connection: AsyncConnection, before: datetime) -> Sequence[Message]:
    """Answers whose sending began before that moment and never ended."""
    query = (
        select(messages)
        .where(
            messages.c.delivery == Delivery.SENDING,
            messages.c.at < before,
            messages.c.plugin.is_(None),
        )
        .order_by(messages.c.at)
        .limit(_BATCH)
    )
    return [message_of(row) for row in (await connection.execute(query)).mappings()]


async def forget_messages(connection: AsyncConnection, before: datetime) -> None:
    """Delete messages older than that, except those still being sent."""
    old = (messages.c.at < before) & (messages.c.delivery != Delivery.SENDING)
    await connection.execute(delete(messages).where(old))


async def _insert(connection: AsyncConnection, chat: Chat, values: dict[str, Any]) -> Message:
    said = {"n": chat.last_n + 1, **values, "text": storable(values["text"])}
    key = (await connection.execute(SAID, {"chat_id": chat.id, **said})).scalar_one()
    return Message(id=key, chat=chat.id, **said)


async def _one(connection: AsyncConnection, query: Select[Any], **asked: Any) -> Chat | None:
    row = (await connection.execute(query, asked)).mappings().one_or_none()
    return chat_of(row) if row is not None else None
