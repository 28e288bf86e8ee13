"""What is said in many chats at once is stored by a few statements, however much it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Arrival, Author, Chat, ChatRef, Delivery, Incoming, Message
from bot.store.rows import chat_of, message_of
from bot.store.statements import CHANGED
from bot.store.tables import chats, messages
from bot.store.texts import named, storable
from bot.store.wishes import needs_no_answer, wish_of

_ACCOUNTS: BindParameter[Any] = bindparam("accounts", expanding=True)
_ADDRESSES: BindParameter[Any] = bindparam("addresses", expanding=True)
# SQLite looks up no pairs: an address at two of the accounts brings a chat too many now and then.
# Held in order, so that two who hold many never deadlock.
_AT = (
    select(chats)
    .where(chats.c.account.in_(_ACCOUNTS), chats.c.address.in_(_ADDRESSES))
    .order_by(chats.c.id)
    .with_for_update()
)
_KNOWN = select(messages).where(
    messages.c.chat_id == bindparam("chat"), messages.c.external_id == bindparam("external")
)
_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_MADE = {
    name: dialect.insert(chats).on_conflict_do_nothing(index_elements=["account", "address"])
    for name, dialect in _DIALECTS.items()
}
_SAID = {
    name: dialect.insert(messages)
    .on_conflict_do_nothing(index_elements=["chat_id", "external_id"])
    .returning(messages.c.chat_id, messages.c.id)
    for name, dialect in _DIALECTS.items()
}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whom the chat at that address belongs to, and what it is called, if it has to be made."""

    employee: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Arriving:
    """What was said in a held chat; `answered`: whether the employee is to answer there."""

    chat: Chat
    incoming: Incoming
    answered: bool


async def open_chats(
    connection: AsyncConnection, wanted: Mapping[ChatRef, Newcomer | None]
) -> Mapping[ChatRef, Chat]:
    """The chats at those addresses, held; one that is missing is made for a newcomer.

    A first name is kept.
    """
    found = await _held(connection, wanted)
    missing = {
        ref: newcomer
        for ref, newcomer in sorted(wanted.items(), key=_place)
        if newcomer is not None and ref not in found
    }
    if missing:
        rows = [_first(ref, newcomer) for ref, newcomer in missing.items()]
        await connection.execute(_MADE[connection.dialect.name], rows)
        found |= await _held(connection, missing)
    for ref in missing:
        if ref not in found:
            raise LookupError(f"a chat of {ref.account} vanished while it was made")
    return found


async def open_chat(
    connection: AsyncConnection, ref: ChatRef, employee: str, name: str | None
) -> Chat:
    """The same for one."""
    return (await open_chats(connection, {ref: Newcomer(employee, name)}))[ref]


async def known_message(connection: AsyncConnection, chat: int, external_id: str) -> Message:
    """The message of that chat with the channel's id, which is stored already."""
    asked = {"chat": chat, "external": external_id}
    return message_of((await connection.execute(_KNOWN, asked)).mappings().one())


async def add_incoming(
    connection: AsyncConnection, arriving: Sequence[Arriving]
) -> Mapping[ChatRef, tuple[Chat, Message]]:
    """Store what was said as the next message of each of those held chats, all of them different.

    What is stored already, by the channel's id, is left out. A client's message waits for an answer
    from now on, unless it wants none; a manager's is one.
    """
    wishes = [wish_of(each.chat, each.incoming, answered=each.answered) for each in arriving]
    wants = [
        None if needs_no_answer(each.chat, each.incoming, wish) else each.incoming.at
        for each, wish in zip(arriving, wishes, strict=True)
    ]
    said = [_said(each, quiet=want is None) for each, want in zip(arriving, wants, strict=True)]
    rows = await connection.execute(_SAID[connection.dialect.name], said)
    keys = {row.chat_id: row.id for row in rows}
    changes, stored = [], {}
    for each, wish, want, row in zip(arriving, wishes, wants, said, strict=True):
        if each.chat.id in keys:
            chat, answer_at = _changed(each, wish, wants=want)
            changes.append(_row(chat, answer_at))
            message = Message(id=keys[chat.id], chat=row.pop("chat_id"), **row)
            stored[chat.ref] = chat, message
    if changes:
        await connection.execute(CHANGED, changes)
    return stored


def _said(arriving: Arriving, *, quiet: bool) -> dict[str, Any]:
    incoming = arriving.incoming
    return {
        "chat_id": arriving.chat.id,
        "n": arriving.chat.last_n + 1,
        "author": incoming.author,
        "text": storable(incoming.text),
        "at": incoming.at,
        "external_id": incoming.id,
        "delivery": Delivery.SENT,
        "arrival": Arrival.READ if quiet else None,
        "by": named(incoming.by) if incoming.by else None,
    }


def _changed(
    arriving: Arriving, wish: Mapping[str, Any], *, wants: datetime | None
) -> tuple[Chat, datetime | None]:
    """The chat as it is from now on, and since when the employee owes it an answer."""
    chat, incoming = arriving.chat, arriving.incoming
    told: dict[str, Any] = {
        "last_n": chat.last_n + 1,
        "zone": chat.zone if incoming.zone is None else incoming.zone,
        "name": chat.name if incoming.name is None else storable(incoming.name),
    }
    if incoming.author is not Author.CLIENT:
        return replace(chat, **told, waiting_since=None, farewell_n=None), None
    told |= {
        "client_n": chat.last_n + 1,
        "client_at": max(incoming.at, chat.client_at or incoming.at),
        "waiting_since": wants,
        "route": incoming.route,
    }
    return replace(chat, **told, **wish), wants if arriving.answered else None


def _row(chat: Chat, answer_at: datetime | None) -> dict[str, Any]:
    return {
        "key": chat.id,
        "employee_id": chat.employee,
        "name": chat.name,
        "last_n": chat.last_n,
        "client_n": chat.client_n,
        "client_at": chat.client_at,
        "waiting_since": chat.waiting_since,
        "route": chat.route,
        "zone": chat.zone,
        "opted_out_at": chat.opted_out_at,
        "farewell_n": chat.farewell_n,
        "answer_at": answer_at,
        "answer_failures": 0,
    }


async def _held(connection: AsyncConnection, refs: Collection[ChatRef]) -> dict[ChatRef, Chat]:
    asked = {
        "accounts": list({ref.account for ref in refs}),
        "addresses": list({ref.address for ref in refs}),
    }
    rows = (await connection.execute(_AT, asked)).mappings()
    found = [chat_of(row) for row in rows]
    return {chat.ref: chat for chat in found if chat.ref in refs}


def _place(wanted: tuple[ChatRef, Newcomer | None]) -> tuple[str, str]:
    ref, _ = wanted
    return ref.account, ref.address


def _first(ref: ChatRef, newcomer: Newcomer) -> dict[str, Any]:
    return {
        "account": ref.account,
        "address": ref.address,
        "employee_id": newcomer.employee,
        "name": newcomer.name and storable(newcomer.name),
        "last_n": 0,
        "client_n": 0,
        "answer_failures": 0,
    }
