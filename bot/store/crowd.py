"""Queries and changes for hundreds of chats at once: a few statements, however many they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.columns import among
from bot.model import Author, Chat, Delivery, Message, Reply, Settled
from bot.ports import Transaction
from bot.store.rows import chat_of, message_of
from bot.store.statements import SAID_BY_MANY
from bot.store.tables import chats, messages
from bot.store.texts import storable

_HELD = select(chats).where(among(chats.c.id)).order_by(chats.c.id)
_WAITING = _HELD.with_for_update()
_FREE_ONES = _HELD.with_for_update(skip_locked=True)
_FOUND = select(messages).where(among(messages.c.id))
# Messages are numbered without gaps, so the last ones are a range of the index on (chat_id, n).
_LATEST = (
    select(messages)
    .join(chats, chats.c.id == messages.c.chat_id)
    .where(
        among(chats.c.id),
        messages.c.n > chats.c.last_n - bindparam("most"),
        messages.c.delivery != Delivery.FAILED,
    )
    .order_by(messages.c.chat_id, messages.c.n)
)
_COUNTED = update(chats).where(chats.c.id == bindparam("key")).values(last_n=bindparam("said"))

_other = messages.alias()
_ID = bindparam("external", type_=messages.c.external_id.type)
_KNOWN = exists().where(_other.c.chat_id == messages.c.chat_id, _other.c.external_id == _ID)
_FATE = bindparam("fate", type_=messages.c.delivery.type)
_SETTLED = (
    update(messages)
    .where(messages.c.id == bindparam("key"))
    .values(
        # What failed stays failed; what is known to have arrived is not uncertain.
        delivery=case(
            (messages.c.delivery == Delivery.FAILED, Delivery.FAILED),
            (and_(_FATE == Delivery.UNCERTAIN, messages.c.arrival.is_not(None)), Delivery.SENT),
            else_=_FATE,
        ),
        external_id=case((or_(_ID.is_(None), _KNOWN), messages.c.external_id), else_=_ID),
    )
)


class SqlCrowd:
    """As `plugin.Crowd`."""

    async def hold(
        self, tx: Transaction, chats: Sequence[int], *, wait: bool = True
    ) -> Mapping[int, Chat]:
        """As `plugin.Crowd.hold`; in order, so that two who hold many never deadlock."""
        query = _WAITING if wait else _FREE_ONES
        rows = (await tx.connection.execute(query, {"keys": chats})).mappings()
        return {row["id"]: chat_of(row) for row in rows}

    async def messages(
        self, connection: AsyncConnection, messages: Sequence[int]
    ) -> Mapping[int, Message]:
        """As `plugin.Crowd.messages`."""
        rows = (await connection.execute(_FOUND, {"keys": messages})).mappings()
        return {row["id"]: message_of(row) for row in rows}

    async def latest(
        self, connection: AsyncConnection, chats: Sequence[int], most: int
    ) -> Mapping[int, Sequence[Message]]:
        """As `plugin.Crowd.latest`."""
        found: dict[int, list[Message]] = {chat: [] for chat in chats}
        rows = (await connection.execute(_LATEST, {"keys": chats, "most": most})).mappings()
        for row in rows:
            found[row["chat_id"]].append(message_of(row))
        return found


async def add_replies(
    connection: AsyncConnection,
    replies: Sequence[tuple[Chat, Reply]],
    at: datetime,
    plugin: str | None,
) -> Sequence[Message]:
    """Store the intent to send, as the next message of each of those held chats."""
    said: list[dict[str, Any]] = [
        {
            "chat_id": chat.id,
            "n": chat.last_n + 1,
            "author": Author.EMPLOYEE,
            "text": storable(reply.text),
            "at": at,
            "delivery": Delivery.SENDING,
            "plugin": plugin,
            "tokens": reply.tokens,
        }
        for chat, reply in replies
    ]
    keys = {row.chat_id: row.id for row in await connection.execute(SAID_BY_MANY, said)}
    await connection.execute(_COUNTED, [{"key": s["chat_id"], "said": s["n"]} for s in said])
    return [Message(id=keys[row["chat_id"]], chat=row.pop("chat_id"), **row) for row in said]


async def settle_messages(connection: AsyncConnection, settled: Sequence[Settled]) -> None:
    """Record what became of outgoing messages."""
    rows = [
        {"key": each.message, "fate": each.delivery, "external": each.external_id}
        for each in settled
    ]
    await connection.execute(_SETTLED, rows)
