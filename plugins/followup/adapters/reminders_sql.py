"""The reminders in SQL; every write joins the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, RowMapping, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Message, Transaction, among
from plugins.followup.adapters.tables import reminders
from plugins.followup.lots import chosen, variant
from plugins.followup.model import Reason, State
from plugins.followup.ports import Put, Record, Reminder

# Made once: building a statement costs as much as running it.
_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_REMINDERS = select(reminders).where(among(reminders.c.id))
_CHANGED = update(reminders).where(reminders.c.id == bindparam("key"))
_SPENT = _CHANGED.values(
    tokens=func.coalesce(reminders.c.tokens, 0) + bindparam("spent", type_=Integer)
)
_LATEST = (
    select(reminders)
    .where(reminders.c.chat_id == bindparam("chat"), reminders.c.silence == bindparam("number"))
    .order_by(reminders.c.claimed_at.desc(), reminders.c.id.desc())
    .limit(1)
)
_DROPPED = update(reminders).where(
    reminders.c.chat_id == bindparam("chat"),
    reminders.c.state.in_((State.SCHEDULED, State.CLAIMED)),
)
_BUSY = select(reminders.c.chat_id).where(
    among(reminders.c.chat_id),
    (reminders.c.state == State.SENDING)
    | ((reminders.c.state == State.CLAIMED) & (reminders.c.lease > bindparam("now"))),
)


class SqlReminders:
    """The reminders of all chats."""

    async def busy(self, tx: Transaction, chats: Sequence[int], now: datetime) -> Collection[int]:
        """Those of the chats of which one is being sent, or is claimed under a lease that runs."""
        return set((await tx.connection.execute(_BUSY, {"keys": chats, "now": now})).scalars())

    async def get(
        self, connection: AsyncConnection, reminders: Sequence[int]
    ) -> Mapping[int, Reminder]:
        """The reminders with those ids."""
        rows = (await connection.execute(_REMINDERS, {"keys": reminders})).mappings()
        return {row["id"]: reminder_of(row) for row in rows}

    async def latest(self, connection: AsyncConnection, record: Record) -> Reminder | None:
        """The one of the present silence that was taken up last."""
        which = {"chat": record.chat, "number": record.silence.number}
        row = (await connection.execute(_LATEST, which)).mappings().one_or_none()
        return reminder_of(row) if row is not None else None

    async def of_message(self, connection: AsyncConnection, message: Message) -> Reminder | None:
        """The reminder that the message is."""
        query = select(reminders).where(
            reminders.c.chat_id == message.chat, reminders.c.message_id == message.id
        )
        row = (await connection.execute(query)).mappings().one_or_none()
        return reminder_of(row) if row is not None else None

    async def was_used(self, tx: Transaction, chat: int, step: str) -> bool:
        """Whether that step ever went out in this chat, or may have."""
        query = select(reminders.c.id).where(
            reminders.c.chat_id == chat,
            reminders.c.step_id == step,
            reminders.c.state.in_((State.SENT, State.UNCERTAIN)),
        )
        return (await tx.connection.execute(query.limit(1))).first() is not None

    async def put(self, tx: Transaction, puts: Sequence[Put]) -> Mapping[int, int]:
        """Make or change rows, one for each chat; gives their ids by chat."""
        ids: dict[int, int] = {}
        for rows in _alike({**_place_of(put), **put.values} for put in puts):
            statement = _put_statement(tx.connection.dialect.name, tuple(rows[0]))
            found = await tx.connection.execute(statement, rows)
            ids.update((chat, key) for chat, key in found)
        return ids

    async def change(self, tx: Transaction, changes: Mapping[int, Mapping[str, object]]) -> None:
        """Set columns of rows, by their ids; `spent` tokens are added to what they took before."""
        for rows in _alike(_change(key, values) for key, values in changes.items()):
            await tx.connection.execute(_SPENT if "spent" in rows[0] else _CHANGED, rows)

    async def cancel(self, tx: Transaction, chat: int, reason: Reason, now: datetime) -> None:
        """Drop what is scheduled or claimed in this chat; what is being sent stays."""
        ended = {"state": State.CANCELLED, "reason": reason, "settled_at": now}
        free = {"token": None, "lease": None}
        await tx.connection.execute(_DROPPED, {"chat": chat, **ended, **free})


def _alike(rows: Iterable[Mapping[str, Any]]) -> Iterable[Sequence[Mapping[str, Any]]]:
    """Rows that set the same columns, together: a statement for each kind."""
    kinds: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        kinds.setdefault(tuple(row), []).append(row)
    return kinds.values()


def _change(key: int, values: Mapping[str, object]) -> dict[str, Any]:
    """Who spent nothing changes nothing there."""
    if values.get("spent", 0) is None:
        values = {name: value for name, value in values.items() if name != "spent"}
    return {"key": key, **values}


_KEY = ("chat_id", "silence", "step_id")


def _place_of(put: Put) -> dict[str, Any]:
    number, step = put.record.silence.number, put.step
    key = dict(zip(_KEY, (put.record.chat, number, step.id), strict=True))
    return {
        **key,
        "instruction": chosen(step, put.record.chat).instruction,
        "variant": variant(step, put.record.chat),
        "employee_id": put.record.employee,
    }


@cache
def _put_statement(dialect: str, columns: tuple[str, ...]) -> Any:
    added = _DIALECTS[dialect].insert(reminders)
    changed = {name: added.excluded[name] for name in columns if name not in _KEY}
    if "first_at" in changed:
        changed["first_at"] = func.coalesce(reminders.c.first_at, added.excluded.first_at)
    put = added.on_conflict_do_update(index_elements=list(_KEY), set_=changed)
    return put.returning(reminders.c.chat_id, reminders.c.id)


def reminder_of(row: RowMapping) -> Reminder:
    """A row of reminders as a value."""
    return Reminder(
        id=row["id"],
        chat=row["chat_id"],
        silence=row["silence"],
        step=row["step_id"],
        state=State(row["state"]),
        token=row["token"],
        lease=row["lease"],
        intent_at=row["intent_at"],
        message=row["message_id"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        until=row["until"],
        said=row["said"] or "",
        fault=row["fault"] or "",
    )
