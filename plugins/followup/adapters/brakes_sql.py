"""What the brakes go by, in SQL: rows of reminders, a row for each day, one row for the latch."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import bindparam, case, delete, func, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Transaction, among
from plugins.followup.adapters.tables import latches, reminders, silences, spendings
from plugins.followup.brakes import Account, Latch
from plugins.followup.model import Limits, State
from plugins.followup.restraint import WEEK, Spent, today

# Written into the statement: SQLite takes a partial index only for what it can read there.
_BUSY = reminders.c.state.in_(
    [literal(state.value, literal_execute=True) for state in (State.CLAIMED, State.SENDING)]
)
_OUT = (State.SENDING, State.SENT, State.UNCERTAIN)
_CLAIMED = (reminders.c.state == State.CLAIMED) & (reminders.c.lease > bindparam("now"))
_MOMENTS = select(reminders.c.chat_id, reminders.c.state, reminders.c.intent_at).where(
    among(reminders.c.chat_id, "chats"),
    or_(_CLAIMED, reminders.c.state.in_(_OUT) & (reminders.c.intent_at > bindparam("since"))),
)
_UNDER_WAY = (
    select(func.count())
    .select_from(reminders)
    .join(silences, silences.c.chat_id == reminders.c.chat_id)
    .where(silences.c.employee_id == bindparam("employee"), _BUSY, _CLAIMED)
)
_DAY = select(spendings.c.sent, spendings.c.tokens).where(
    spendings.c.employee_id == bindparam("employee"), spendings.c.day == bindparam("day")
)
_ADDED = (
    update(spendings)
    .where(spendings.c.employee_id == bindparam("who"), spendings.c.day == bindparam("when"))
    .values(
        sent=spendings.c.sent + bindparam("more_sent"),
        tokens=spendings.c.tokens + bindparam("more_tokens"),
    )
)
# What was touched since midnight is found by an index; of it, what went out.
_ROWS = (
    select(
        func.coalesce(func.sum(case((reminders.c.state.in_(_OUT), 1), else_=0)), 0),
        func.coalesce(func.sum(reminders.c.tokens), 0),
    )
    .join(silences, silences.c.chat_id == reminders.c.chat_id)
    .where(
        silences.c.employee_id == bindparam("employee"),
        or_(
            reminders.c.settled_at >= bindparam("since"),
            _BUSY & (reminders.c.state == State.SENDING),
        ),
    )
)
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_LATCHED = select(latches.c.at, latches.c.why).where(latches.c.at.is_not(None))
_THE = 1
_WENT = (State.SENT, State.UNCERTAIN)


class SqlSpendings:
    """Counts reminders by their rows, and an employee's day in a row of its own."""

    async def spent(
        self, connection: AsyncConnection, account: Account, limits: Limits, now: datetime
    ) -> Spent:
        """As much of it as the limits ask for."""
        spent = Spent()
        if limits.chat_day or limits.chat_week or limits.person_day:
            chats = {account.chat, *account.alike}
            asked = {"chats": sorted(chats), "since": now - WEEK, "now": now}
            rows = (await connection.execute(_MOMENTS, asked)).all()
            out = [(row.chat_id, row.intent_at) for row in rows if row.state != State.CLAIMED]
            spent = Spent(
                chat=[at for chat, at in out if chat == account.chat],
                person=[at for _, at in out],
                person_claimed=sum(
                    row.state == State.CLAIMED and row.chat_id != account.chat for row in rows
                ),
            )
        if limits.day or limits.tokens_day:
            day, tokens = await self._day(connection, account, now)
            spent = replace(spent, day=day, tokens=tokens)
        if limits.day:
            asked = {"employee": account.employee, "now": now}
            under_way = (await connection.execute(_UNDER_WAY, asked)).scalar_one()
            spent = replace(spent, day_claimed=int(under_way))
        return spent

    async def hold(
        self, tx: Transaction, accounts: Sequence[tuple[Account, Limits]], now: datetime
    ) -> None:
        """Nobody else spends of these until the transaction ends.

        SQLite has one writer anyway. On PostgreSQL statements after this see what others
        committed before; keys are taken in one order, so that nobody waits in a circle.
        """
        days = {each.employee: each for each, limits in accounts if _counts_days(limits)}
        if tx.connection.dialect.name != "sqlite":
            people = {min(a.chat, *a.alike) for a, limits in accounts if limits.person_day}
            for key in sorted(_number(str(each)) for each in (*days, *people)):
                await tx.connection.execute(_LOCK, {"key": key})
        for account in days.values():
            await self._open(tx, account, now)

    async def add(
        self, tx: Transaction, account: Account, now: datetime, *, sent: int, tokens: int
    ) -> None:
        """Count it to the employee's day, if that is counted."""
        values = {"more_sent": sent, "more_tokens": tokens, "when": _key(account, now)}
        await tx.connection.execute(_ADDED, {"who": account.employee, **values})

    async def forget(self, tx: Transaction, employee: str) -> None:
        """Count the day anew, by what went out."""
        await tx.connection.execute(delete(spendings).where(spendings.c.employee_id == employee))

    async def _day(
        self, connection: AsyncConnection, account: Account, now: datetime
    ) -> tuple[int, int]:
        """What the row of the day says; before there is one, what the reminders say."""
        asked = {"employee": account.employee, "day": _key(account, now)}
        row = (await connection.execute(_DAY, asked)).one_or_none()
        if row is None:
            since = {"employee": account.employee, "since": today(now, account.zone)}
            row = (await connection.execute(_ROWS, since)).one()
        return int(row[0]), int(row[1])

    async def _open(self, tx: Transaction, account: Account, now: datetime) -> None:
        """Begin the row of the day with what went out before there was a limit."""
        asked = {"employee": account.employee, "day": _key(account, now)}
        if (await tx.connection.execute(_DAY, asked)).one_or_none() is not None:
            return
        sent, tokens = await self._day(tx.connection, account, now)
        dialect = sqlite if tx.connection.dialect.name == "sqlite" else postgresql
        row = {"employee_id": account.employee, "day": asked["day"], "sent": sent, "tokens": tokens}
        await tx.connection.execute(dialect.insert(spendings).values(row).on_conflict_do_nothing())


class SqlBreaker:
    """One row: since when everything stands still."""

    async def latched(self, connection: AsyncConnection) -> Latch | None:
        """Why nothing goes out; None if it does."""
        row = (await connection.execute(_LATCHED)).one_or_none()
        return None if row is None else Latch(row.at, row.why)

    async def latch(self, tx: Transaction, latch: Latch | None) -> bool:
        """Stop, or with None let go on; false if somebody was faster."""
        values: dict[str, Any] = {"at": None, "why": ""}
        was = latches.c.at.is_not(None)
        if latch is not None:
            values, was = {"at": latch.at, "why": latch.why}, latches.c.at.is_(None)
        changed = update(latches).where(latches.c.id == _THE, was).values(values)
        if (await tx.connection.execute(changed)).rowcount:
            return True
        if latch is None:
            return False
        dialect = sqlite if tx.connection.dialect.name == "sqlite" else postgresql
        first = dialect.insert(latches).values(id=_THE, at=latch.at, why=latch.why)
        first = first.on_conflict_do_nothing().returning(latches.c.id)
        return (await tx.connection.execute(first)).first() is not None

    async def went(self, connection: AsyncConnection, since: datetime, most: int) -> int:
        """How many reminders went out since then; no more than `most` are counted."""
        found = select(reminders.c.id).where(
            reminders.c.settled_at > since, reminders.c.state.in_(_WENT)
        )
        counted = select(func.count()).select_from(found.limit(most).subquery())
        return int((await connection.execute(counted)).scalar_one())

    async def bad(self, connection: AsyncConnection, last: int) -> int:
        """How many of the last ones are uncertain or failed, or made the client opt out."""
        recent = (
            select(reminders.c.chat_id, reminders.c.state)
            .where(
                reminders.c.settled_at.is_not(None),
                reminders.c.state.in_((*_WENT, State.FAILED)),
            )
            .order_by(reminders.c.settled_at.desc())
            .limit(last)
            .subquery()
        )
        counted = (
            select(func.count())
            .select_from(recent)
            .join(silences, silences.c.chat_id == recent.c.chat_id)
            .where(or_(recent.c.state != State.SENT, silences.c.opted_out))
        )
        return int((await connection.execute(counted)).scalar_one())


def _counts_days(limits: Limits) -> bool:
    return limits.day is not None or limits.tokens_day is not None


def _key(account: Account, now: datetime) -> str:
    return now.astimezone(account.zone).date().isoformat()


def _number(key: str) -> int:
    """A lock of PostgreSQL is a number."""
    digest = blake2b(f"followup {key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
