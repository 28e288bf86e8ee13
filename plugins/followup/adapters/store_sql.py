"""The plugin's state in SQL; every write joins the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    RowMapping,
    Select,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Directory, Transaction, among
from plugins.followup.adapters.index_sql import place
from plugins.followup.adapters.tables import chains, latches, silences
from plugins.followup.lots import lot_of
from plugins.followup.model import Chain, Due, OptedBy, Reason, Silence, Step, Terms, Waiting
from plugins.followup.options import FollowupOptions, terms_table
from plugins.followup.planning import hours_for
from plugins.followup.ports import Listed, Plan, Record, Standing

# The lot is drawn anew whenever a chat is read.
_OF_SILENCE = tuple(each.name for each in fields(Silence) if each.name != "lot")
_NAMES = (
    *("chat_id", "employee_id", "client_n", "held_at", "name", "due_at", "reason"),
    *_OF_SILENCE,
)
_COLUMNS = [silences.c[name] for name in _NAMES]
# Made once: building a statement costs as much as running it.
_SILENCES = select(*_COLUMNS).where(among(silences.c.chat_id))
_SILENCE = select(*_COLUMNS).where(silences.c.chat_id == bindparam("chat"))
_DUE = select(silences.c.due_at).where(silences.c.chat_id == bindparam("chat"))
# Whether everything stands still is asked with the settings: it costs no query of its own.
_LATCHED = select(latches.c.id).where(latches.c.at.is_not(None)).exists().label("latched")
_CHAIN = select(chains, _LATCHED).where(chains.c.employee_id == bindparam("employee"))


def _upsert(dialect: Any) -> Any:
    added = dialect.insert(silences)
    return added.on_conflict_do_update(index_elements=["chat_id"], set_=dict(added.excluded))


_DIALECTS: Mapping[str, Any] = {"sqlite": sqlite, "postgresql": postgresql}
_SAVED = {name: _upsert(dialect) for name, dialect in _DIALECTS.items()}


class SqlSilences:
    """Where chats stand, a row each."""

    async def load(self, connection: AsyncConnection, chat: int) -> Record | None:
        """The chat's state; None if its client never wrote."""
        row = (await connection.execute(_SILENCE, {"chat": chat})).one_or_none()
        return _record(row) if row is not None else None

    async def due(self, connection: AsyncConnection, chat: int) -> datetime | None:
        """When its reminder is due, as that was computed last; None if there is none."""
        return (await connection.execute(_DUE, {"chat": chat})).scalar_one_or_none()

    async def load_all(
        self, connection: AsyncConnection, chats: Sequence[int]
    ) -> Mapping[int, Record]:
        """The same of many chats."""
        rows = await connection.execute(_SILENCES, {"keys": chats})
        return {record.chat: record for record in map(_record, rows)}

    async def save(self, tx: Transaction, standings: Sequence[Standing]) -> None:
        """Store them, with the due moments as a cache."""
        if not standings:
            return
        rows = [_standing_values(each) for each in standings]
        await tx.connection.execute(_SAVED[tx.connection.dialect.name], rows)
        moved = [row for each, row in zip(standings, rows, strict=True) if _moves(each)]
        if moved:
            await place(tx, moved)


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


def record_of(row: RowMapping) -> Record:
    """A row of silences as a value."""
    return _record([row[name] for name in _NAMES])


def _record(row: Sequence[Any]) -> Record:
    """The same of `_NAMES` alone, in that order: a wave reads thousands, and names cost time."""
    chat, employee, client_n, held_at, name, due_at, reason, *row = row
    number, began, anchor, answered_at, *more = row
    passed, used, until, held, limit, hurried_at, frozen_since, stopped, *more = more
    opted_out, opted_by, muted_since, snoozed_until, composer, channel, zone = more
    silence = Silence(
        number=number,
        began=began,
        anchor=anchor,
        answered_at=answered_at,
        passed=tuple(passed),
        used=frozenset(used),
        postponed_until=until,
        postponed_for=Reason(held) if held is not None else None,
        postponed_by=(limit[0], limit[1]) if limit is not None else None,
        hurried_at=hurried_at,
        frozen_since=frozen_since,
        stopped=Reason(stopped) if stopped is not None else None,
        opted_out=opted_out,
        opted_by=OptedBy(opted_by) if opted_by else None,
        muted_since=muted_since,
        snoozed_until=snoozed_until,
        composer_failures=composer,
        channel_failures=channel,
        zone=zone,
        lot=lot_of(employee, chat),
    )
    listed = Listed(employee, due_at, Reason(reason) if reason is not None else None)
    return Record(chat, employee, client_n, silence, held_at, name, listed)


def _moves(standing: Standing) -> bool:
    """Whether its words have to move in the list.

    Who waits for an answer is about to be answered, so their words stay where they are until then.
    """
    listed, found = standing.record.listed, standing.found
    if listed is None or listed.employee != standing.record.employee:
        return True
    if isinstance(found, Due):
        return found.at != listed.due_at
    if found.reason is Reason.WAITING_FOR_ANSWER:
        return False
    return listed.due_at is not None or listed.reason is Reason.WAITING_FOR_ANSWER


def _standing_values(standing: Standing) -> dict[str, Any]:
    record = standing.record
    return {
        "chat_id": record.chat,
        "employee_id": record.employee,
        "client_n": record.client_n,
        **_silence_values(record.silence),
        **_cached(standing.found),
        "held_at": record.held_at,
        "name": record.name,
        "version": standing.version,
    }


def _silence_values(silence: Silence) -> dict[str, Any]:
    values = {name: getattr(silence, name) for name in _OF_SILENCE}
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
