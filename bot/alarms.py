"""What happens when admins have to know something: they are told by message, once.

What is to be told is stored in the transaction of whoever finds it out, and sent after that by a
job, to the admin's own chat with one of our accounts on their network. It is marked as being sent
before the channel is called: a crash loses an alarm, and never repeats one. It is no message of
any chat: nobody answers it, and no follow-up starts.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import CursorResult, RowMapping, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.errors import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    UnknownDeliveryError,
    WindowClosedError,
)
from bot.inbox import Account
from bot.model import ChannelAccount, ChatRef, Screen
from bot.networks import Console
from bot.outbox import SEND_TIMEOUT
from bot.ports import Database, Jobs, Transaction, turn
from bot.store.chats import chat_at
from bot.store.tables import alarms, commands
from bot.store.texts import storable

log = logging.getLogger(__name__)

ALARM = "alarm"
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800))
_BATCH = 100


class AlarmState(StrEnum):
    """How far the telling of one admin is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SqlAlarm:
    """Tells admins (`Alarm`); `consoles` are by account, and `known` are all accounts."""

    database: Database
    clock: Clock
    accounts: Mapping[str, Account]
    consoles: Mapping[str, Console]
    known: Mapping[str, ChannelAccount]
    jobs: Jobs

    async def ring(self, tx: Transaction, key: str, text: str, employee: str | None = None) -> None:
        """Store it for each admin who was not told under that key yet."""
        now = self.clock.now()
        common = {
            "key": key,
            "text": storable(text),
            "employee_id": employee,
            "at": now,
            "next_at": now,
            "state": AlarmState.WAITING,
            "tries": 0,
        }
        rows = [
            {**common, "admin": admin, "account": accounts[0]}
            for admin, accounts in self._admins(employee).items()
        ]
        if not rows:
            log.warning("alarm %s: there is no admin who could be told", key)
            return
        dialect = sqlite if tx.connection.dialect.name == "sqlite" else postgresql
        new = dialect.insert(alarms).values(rows).on_conflict_do_nothing()
        for made in (await tx.connection.execute(new.returning(alarms.c.id))).scalars():
            tx.after_commit(partial(self.jobs.wake, ALARM, made, now))

    async def job(self, key: int) -> None:
        """Tell one admin, unless somebody does or did already."""
        row = await self._claimed(key)
        if row is not None:
            state, wait = await self._told(row)
            await self._settle(row, state, wait)

    async def sweep(self) -> None:
        """Wake what waits; what nobody finished may have been sent, and is left at that."""
        now = self.clock.now()
        due = select(alarms.c.id, alarms.c.next_at).where(alarms.c.next_at <= now)
        async with self.database.read() as connection:
            waiting = (await connection.execute(due.order_by(alarms.c.next_at).limit(_BATCH))).all()
        for key, at in waiting:
            self.jobs.wake(ALARM, key, at, turn(now - at))

    async def forget(self, tx: Transaction, before: datetime) -> None:
        """Delete what was told before that moment."""
        await tx.connection.execute(delete(alarms).where(alarms.c.at < before))

    def _admins(self, employee: str | None) -> dict[str, list[str]]:
        """Each admin, as the audit log names them, and the accounts that reach them, best first."""
        found: dict[str, list[str]] = {}
        for name, account in self._by_employee(employee):
            for admin in sorted(account.admins):
                found.setdefault(f"{account.kind} {admin}", []).append(name)
        return found

    def _by_employee(self, employee: str | None) -> Iterator[tuple[str, Account]]:
        """The accounts with a console, the employee's own first."""
        able = [(name, each) for name, each in self.accounts.items() if name in self.consoles]
        yield from sorted(able, key=lambda pair: pair[1].employee != employee)

    async def _claimed(self, key: int) -> RowMapping | None:
        """Mark it as being sent; one whose sender is gone for long is settled here instead."""
        now = self.clock.now()
        mine = (alarms.c.id == key) & (alarms.c.next_at <= now)
        fresh = update(alarms).where(mine, alarms.c.state == AlarmState.WAITING)
        sent = {"state": AlarmState.SENDING, "next_at": now + 2 * SEND_TIMEOUT}
        lost = update(alarms).where(mine, alarms.c.state == AlarmState.SENDING)
        over = {"state": AlarmState.UNCERTAIN, "next_at": None}
        async with self.database.write() as tx:
            await tx.connection.execute(lost.values(over))
            claimed = fresh.values(**sent, tries=alarms.c.tries + 1).returning(alarms)
            found: CursorResult[Any] = await tx.connection.execute(claimed)
            return found.mappings().one_or_none()

    async def _told(self, row: RowMapping) -> tuple[AlarmState, timedelta]:
        """What became of it, and how long to wait before it is tried again."""
        account, admin = row["account"], row["admin"].partition(" ")[2]
        console = self.consoles.get(account)
        if console is None or admin not in self.accounts[account].admins:
            return AlarmState.FAILED, timedelta()
        ref = ChatRef(account, console.address(admin))
        try:
            await self._see_open(ref)
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                await console.show(ref, Screen(row["text"]), None)
        except (TimeoutError, UnknownDeliveryError):
            return AlarmState.UNCERTAIN, timedelta()
        except ChannelError as error:
            log.warning("alarm %s: channels.%s does not take it: %s", row["key"], account, error)
            return _again(row["tries"], error)
        return AlarmState.SENT, timedelta()

    async def _see_open(self, ref: ChatRef) -> None:
        """Raises WindowClosedError where the network takes texts only soon after the admin's."""
        known = self.known.get(ref.account)
        if known is None or known.window is None:
            return
        async with self.database.read() as connection:
            wrote = await _wrote_at(connection, ref)
        if wrote is None or known.is_late(self.clock.now() - wrote):
            raise WindowClosedError("the admin has not written there for too long")

    async def _settle(self, row: RowMapping, state: AlarmState, wait: timedelta) -> None:
        """Keep what became of it; where an account cannot reach the admin, the next one tries."""
        values: dict[str, Any] = {"state": state}
        others = self._after(row) if state is AlarmState.FAILED else []
        if others:
            values = {"state": AlarmState.WAITING, "account": others[0], "tries": 0}
        again = self.clock.now() + wait if values["state"] is AlarmState.WAITING else None
        values["next_at"] = again
        async with self.database.write() as tx:
            await tx.connection.execute(
                update(alarms).where(alarms.c.id == row["id"]).values(values)
            )
            if again is not None:
                tx.after_commit(partial(self.jobs.wake, ALARM, row["id"], again))

    def _after(self, row: RowMapping) -> Sequence[str]:
        """The accounts that come after this one for that admin."""
        accounts = self._admins(row["employee_id"]).get(row["admin"], [])
        tried = accounts.index(row["account"]) if row["account"] in accounts else -1
        return accounts[tried + 1 :]


def _again(tries: int, error: ChannelError) -> tuple[AlarmState, timedelta]:
    """Later, unless it would be the same then."""
    lasting = isinstance(error, ChatUnreachableError | WindowClosedError)
    if lasting or tries > len(_PAUSES):
        return AlarmState.FAILED, timedelta()
    wait = error.wait if isinstance(error, ChannelBusyError) else timedelta()
    return AlarmState.WAITING, max(wait, _PAUSES[tries - 1])


async def _wrote_at(connection: AsyncConnection, ref: ChatRef) -> datetime | None:
    """When the admin last gave a command there, or wrote like anybody."""
    there = (commands.c.account == ref.account) & (commands.c.address == ref.address)
    asked = (await connection.execute(select(func.max(commands.c.at)).where(there))).scalar_one()
    chat = await chat_at(connection, ref)
    moments = (asked, chat.client_at if chat is not None else None)
    return max((at for at in moments if at is not None), default=None)
