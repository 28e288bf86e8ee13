"""The plugin's state in SQL; every write joins the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, RowMapping, Select, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Directory, Message, Transaction
from plugins.followup.adapters.index_sql import place
from plugins.followup.adapters.tables import chains, latches, reminders, silences
from plugins.followup.lots import chosen, lot_of, variant
from plugins.followup.model import Chain, Due, Reason, Silence, State, Step, Terms, Waiting
from plugins.followup.options import FollowupOptions, terms_table
from plugins.followup.planning import hours_for
from plugins.followup.ports import Plan, Record, Reminder

# Made once: building a statement costs as much as running it.
_SILENCE = select(silences).where(silences.c.chat_id == bindparam("chat"))
_DUE = select(silences.c.due_at).where(silences.c.chat_id == bindparam("chat"))
# Whether everything stands still is asked with the settings: it costs no query of its own.
_LATCHED = select(latches.c.id).where(latches.c.at.is_not(None)).exists().label("latched")
_CHAIN = select(chains, _LATCHED).where(chains.c.employee_id == bindparam("employee"))
_REMINDER = select(reminders).where(reminders.c.id == bindparam("key"))
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
_BUSY = (
    select(reminders.c.id)
    .where(
        reminders.c.chat_id == bindparam("chat"),
        (reminders.c.state == State.SENDING)
        | ((reminders.c.state == State.CLAIMED) & (reminders.c.lease > bindparam("now"))),
    )
    .limit(1)
)


def _upsert(dialect: Any) -> Any:
    added = dialect.insert(silences)
    return added.on_conflict_do_update(index_elements=["chat_id"], set_=dict(added.excluded))


_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_SAVED = {name: _upsert(dialect) for name, dialect in _DIALECTS.items()}


class SqlSilences:
    """Where chats stand, a row each."""

    async def load(self, connection: AsyncConnection, chat: int) -> Record | None:
        """The chat's state; None if its client never wrote."""
        row = (await connection.execute(_SILENCE, {"chat": chat})).mappings().one_or_none()
        return record_of(row) if row is not None else None

    async def due(self, connection: AsyncConnection, chat: int) -> datetime | None:
        """When its reminder is due, as that was computed last; None if there is none."""
        return (await connection.execute(_DUE, {"chat": chat})).scalar_one_or_none()

    async def save(
        self, tx: Transaction, record: Record, found: Due | Waiting, version: int
    ) -> None:
        """Store it, with the due moment as a cache."""
        values: dict[str, Any] = {
            "chat_id": record.chat,
            "employee_id": record.employee,
            "client_n": record.client_n,
            **_silence_values(record.silence),
            **_cached(found),
            "held_at": record.held_at,
            "version": version,
        }
        await tx.connection.execute(_SAVED[tx.connection.dialect.name], values)
        await place(tx, record.chat, record.employee, values["due_at"])


class SqlChains:
    """The employees' chains; hours that are not their own come from the runtime."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def load(self, connection: AsyncConnection, employee: str) -> Plan | None:
        """The employee's live settings; one without a chain is off."""
        return await self._plan(connection, employee, _CHAIN)

    async def hold(self, tx: Transaction, employee: str) -> Plan | None:
        """The same, and nobody else saves them until the transaction ends."""
        return await self._plan(tx.connection, employee, _CHAIN.with_for_update(of=chains))

    async def _plan(
        self, connection: AsyncConnection, employee: str, query: Select[Any]
    ) -> Plan | None:
        person = await self._directory.employee(connection, employee)
        if person is None:
            return None
        row = (await connection.execute(query, {"employee": employee})).mappings().one_or_none()
        if row is None:
            return Plan(Chain(enabled=False), hours_for(person, Terms()), 0)
        steps = tuple(_step(table) for table in row["steps"])
        terms = FollowupOptions.model_validate(row["terms"] or {}).terms
        chain = Chain(steps, row["enabled"], row["enabled_since"], row["saved_at"], terms)
        chain = replace(chain, shares=_shares(row["shares"]))
        return Plan(chain, hours_for(person, terms), row["version"], bool(row["latched"]))

    async def save(self, tx: Transaction, employee: str, chain: Chain) -> None:
        """Store a new version."""
        values = {
            "enabled": chain.enabled,
            "enabled_since": chain.enabled_since,
            "saved_at": chain.saved_at,
            "steps": [_step_table(step) for step in chain.steps],
            "terms": terms_table(chain.terms) or None,
            "shares": [[until.isoformat(), share] for until, share in chain.shares] or None,
        }
        newer = update(chains).where(chains.c.employee_id == employee)
        newer = newer.values(**values, version=chains.c.version + 1)
        if (await tx.connection.execute(newer)).rowcount == 0:
            first = insert(chains).values(employee_id=employee, version=1, **values)
            await tx.connection.execute(first)


class SqlReminders:
    """The reminders of all chats."""

    async def busy(self, tx: Transaction, chat: int, now: datetime) -> bool:
        """Whether one of this chat is being sent, or is claimed under a lease that runs."""
        return (await tx.connection.execute(_BUSY, {"chat": chat, "now": now})).first() is not None

    async def get(self, connection: AsyncConnection, reminder: int) -> Reminder | None:
        """The reminder with that id."""
        row = (await connection.execute(_REMINDER, {"key": reminder})).mappings().one_or_none()
        return reminder_of(row) if row is not None else None

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

    async def put(self, tx: Transaction, record: Record, step: Step, **values: object) -> int:
        """Make or change the row of that step in the present silence, and give its id."""
        key = {
            "chat_id": record.chat,
            "silence": record.silence.number,
            "step_id": step.id,
        }
        values = {
            **values,
            "instruction": chosen(step, record.chat).instruction,
            "variant": variant(step, record.chat),
            "employee_id": record.employee,
        }
        added = _DIALECTS[tx.connection.dialect.name].insert(reminders)
        changed = {name: added.excluded[name] for name in values}
        if "first_at" in values:
            changed["first_at"] = func.coalesce(reminders.c.first_at, added.excluded.first_at)
        put = added.on_conflict_do_update(index_elements=list(key), set_=changed)
        found = await tx.connection.execute(put.returning(reminders.c.id), {**key, **values})
        return int(found.scalar_one())

    async def change(self, tx: Transaction, reminder: int, **values: object) -> None:
        """Set columns of a row; `spent` tokens are added to what it took before."""
        statement = _CHANGED if values.get("spent") is None else _SPENT
        if statement is _CHANGED:
            values.pop("spent", None)
        await tx.connection.execute(statement, {"key": reminder, **values})

    async def cancel(self, tx: Transaction, chat: int, reason: Reason, now: datetime) -> None:
        """Drop what is scheduled or claimed in this chat; what is being sent stays."""
        ended = {"state": State.CANCELLED, "reason": reason, "settled_at": now}
        free = {"token": None, "lease": None}
        await tx.connection.execute(_DROPPED, {"chat": chat, **ended, **free})


def record_of(row: RowMapping) -> Record:
    """A row of silences as a value."""
    stopped, held = row["stopped"], row["postponed_for"]
    silence = Silence(
        number=row["number"],
        began=row["began"],
        anchor=row["anchor"],
        answered_at=row["answered_at"],
        passed=tuple(row["passed"]),
        used=frozenset(row["used"]),
        postponed_until=row["postponed_until"],
        postponed_for=Reason(held) if held is not None else None,
        hurried_at=row["hurried_at"],
        frozen_since=row["frozen_since"],
        stopped=Reason(stopped) if stopped is not None else None,
        opted_out=row["opted_out"],
        composer_failures=row["composer_failures"],
        channel_failures=row["channel_failures"],
        zone=row["zone"],
        lot=lot_of(row["employee_id"], row["chat_id"]),
    )
    return Record(row["chat_id"], row["employee_id"], row["client_n"], silence, row["held_at"])


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


def _silence_values(silence: Silence) -> dict[str, Any]:
    values = {each.name: getattr(silence, each.name) for each in fields(silence)}
    # Drawn anew whenever it is read.
    del values["lot"]
    return values | {"passed": list(silence.passed), "used": sorted(silence.used)}


def _cached(found: Due | Waiting) -> dict[str, Any]:
    if isinstance(found, Due):
        return {"due_at": found.at, "step_id": found.step.id, "reason": None}
    return {"due_at": None, "step_id": None, "reason": found.reason}


def _shares(table: Sequence[tuple[str, int]] | None) -> tuple[tuple[datetime, int], ...]:
    return tuple((datetime.fromisoformat(until), share) for until, share in table or ())


def _step(table: Mapping[str, Any]) -> Step:
    delay = timedelta(seconds=table["seconds"])
    second = table.get("instruction_b")
    return Step(table["id"], delay, table["instruction"], table["once"], second)


def _step_table(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "seconds": int(step.delay.total_seconds()),
        "instruction": step.instruction,
        "once": step.once,
        "instruction_b": step.instruction_b,
    }
