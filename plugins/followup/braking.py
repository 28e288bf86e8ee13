"""Holds reminders back: their turn in a wave, the limits, and the breaker that stops everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Transaction
from plugins.followup.brakes import Account
from plugins.followup.chain import due, hours_of
from plugins.followup.model import Limits, Reason, Waiting
from plugins.followup.planning import plan_of
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.restraint import CROWD, WAVE, Hold, Spent, hold, in_crowds, turn_in_wave
from plugins.followup.room import Place

Found = tuple[Chat, Record, Plan]
"""A chat that is held, with where it stands and what it goes by."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a chat may go, and its place: since when it is due, and which it is."""

    at: datetime
    place: Place


@dataclass(slots=True)
class Crowds:
    """Spreads those of one employee who are due at one moment; each crowd is counted once."""

    ports: Ports
    tx: Transaction
    counted: dict[tuple[str, datetime], int] = field(default_factory=dict)

    async def turn(self, record: Record, plan: Plan, now: datetime) -> Turn:
        """When that chat, due by now, may go; a moment ahead if many are due with it."""
        found = due(record.silence, plan.chain, plan.hours)
        if isinstance(found, Waiting):
            return Turn(now, (now, record.chat))
        place = (found.at, record.chat)
        if now - found.at >= WAVE or not in_crowds(found, plan.chain):
            return Turn(now, place)
        hours = hours_of(record.silence, plan.chain, plan.hours)
        crowd = await self._count(record.employee, found.at)
        return Turn(turn_in_wave(record.chat, found.at, crowd, hours), place)

    async def _count(self, employee: str, at: datetime) -> int:
        key = (employee, at)
        if key not in self.counted:
            search = self.ports.search
            self.counted[key] = await search.crowd(self.tx.connection, employee, at, CROWD + 1)
        return self.counted[key]


@dataclass(slots=True)
class Turnstile:
    """Lets reminders through within one transaction, as long as no limit is reached.

    `strictly` is how the gate does it: nobody else passes meanwhile, and what is being written
    elsewhere does not count. A claim only spares tokens, so it counts that too, and waits for
    nobody.
    """

    ports: Ports
    tx: Transaction
    strictly: bool
    passed: list[Account] = field(default_factory=list)

    async def hold(self, found: Found) -> Hold | None:
        """Why that chat's reminder has to wait; None lets it through, and counts it."""
        _, _, plan = found
        limits, now = plan.chain.terms.limits, self.ports.runtime.clock.now()
        if limits == Limits():
            return None
        account = await account_of(self.ports, self.tx, found)
        if self.strictly:
            await self.ports.spendings.hold(self.tx, [(account, limits)], now)
        spent = await self.ports.spendings.spent(self.tx.connection, account, limits, now)
        held = hold(limits, self._with_ours(account, spent, now), now, plan.hours.zone)
        if held is None:
            self.passed.append(account)
            if self.strictly:
                await self.ports.spendings.add(self.tx, account, now, sent=1, tokens=0)
        return held

    def _with_ours(self, account: Account, spent: Spent, now: datetime) -> Spent:
        """What this very transaction lets through counts too, though no row says so yet."""
        chats = {account.chat, *account.alike}
        alike = sum(each.chat in chats for each in self.passed)
        if self.strictly:
            person = [*spent.person, *[now] * alike]
            return replace(spent, person=person, person_claimed=0, day_claimed=0)
        same = sum(each.employee == account.employee for each in self.passed)
        return replace(
            spent,
            person_claimed=spent.person_claimed + alike,
            day_claimed=spent.day_claimed + same,
        )


async def at_gate(turnstile: Turnstile, found: Found) -> Hold | None:
    """Why a reminder that is composed may not go out now after all."""
    if found[2].latched:
        return Hold(turnstile.ports.runtime.clock.now(), Reason.RATE_LIMITED)
    return await turnstile.hold(found)


async def account_of(ports: Ports, tx: Transaction, found: Found) -> Account:
    """What a reminder to that chat is counted to."""
    chat, record, plan = found
    alike: Sequence[int] = ()
    if plan.chain.terms.limits.person_day is not None:
        known = ports.runtime.accounts
        kind = known[chat.ref.account].kind if chat.ref.account in known else None
        accounts = [name for name, each in known.items() if each.kind == kind]
        alike = await ports.runtime.lists.alike(tx.connection, accounts, chat.ref.address)
    return Account(record.employee, plan.hours.zone, chat.id, alike)


async def spend(ports: Ports, tx: Transaction, found: Found, tokens: int | None) -> None:
    """Count the tokens that a composed verdict took, whatever becomes of it."""
    _, record, plan = found
    limits, now = plan.chain.terms.limits, ports.runtime.clock.now()
    if tokens and (limits.day or limits.tokens_day):
        account = Account(record.employee, plan.hours.zone, record.chat)
        await ports.spendings.hold(tx, [(account, limits)], now)
        await ports.spendings.add(tx, account, now, sent=0, tokens=tokens)


async def used_today(
    ports: Ports, connection: AsyncConnection, employee: str, plan: Plan
) -> Mapping[str, int]:
    """By limit of a day, if there is one: how much of it is used."""
    limits, now = plan.chain.terms.limits, ports.runtime.clock.now()
    asked = Limits(day=limits.day, tokens_day=limits.tokens_day)
    account = Account(employee, plan.hours.zone, 0)
    spent = await ports.spendings.spent(connection, account, asked, now)
    used = {"day": (limits.day, spent.day), "tokens_day": (limits.tokens_day, spent.tokens)}
    return {key: count for key, (most, count) in used.items() if most is not None}


async def give_back(ports: Ports, tx: Transaction, record: Record, at: datetime) -> None:
    """A reminder that passed the gate then was surely not sent: it does not count."""
    plan = await plan_of(ports, tx, record)
    if plan is not None and plan.chain.terms.limits.day is not None:
        account = Account(record.employee, plan.hours.zone, record.chat)
        await ports.spendings.add(tx, account, at, sent=-1, tokens=0)
