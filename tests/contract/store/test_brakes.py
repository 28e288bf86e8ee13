"""What the brakes count, and that nobody passes twice, on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.testing import MONDAY
from plugins.followup.adapters.brakes_sql import SqlBreaker, SqlSpendings
from plugins.followup.adapters.reminders_sql import SqlReminders
from plugins.followup.adapters.search_sql import SqlSearch
from plugins.followup.adapters.store_sql import SqlSilences
from plugins.followup.adapters.tables import spendings
from plugins.followup.brakes import Account, Latch
from plugins.followup.model import Due, Limits, Reason, Silence, State, Step, Waiting
from plugins.followup.ports import Put, Record, Standing
from plugins.followup.restraint import hold
from tests.contract.store.conftest import Shop

HOUR = timedelta(hours=1)
NOW = MONDAY + 30 * HOUR
STEP = Step("s1", HOUR, "Ask.")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = Limits(day=3, tokens_day=100)


def account(chat: int = 1, *alike: int) -> Account:
    return Account("anna", BERLIN, chat, alike)


async def silent(shop: Shop, chat: int, found: Due | None = None, **more: bool) -> None:
    record = Record(chat, "anna", 1, Silence(1, MONDAY, MONDAY, **more))
    async with shop.database.write() as tx:
        await SqlSilences().save(tx, [Standing(record, found or Waiting(Reason.DONE), 1)])


async def reminder(shop: Shop, chat: int, state: State, hours: float, silence: int = 1) -> None:
    """A reminder of that chat, that many hours ago."""
    at = NOW - hours * HOUR
    record = Record(chat, "anna", 1, Silence(silence, MONDAY, MONDAY))
    values = {"intent_at": at, "settled_at": at, "tokens": 10, "lease": None}
    if state is State.CLAIMED:
        values = {"lease": NOW + HOUR, "tokens": None}
    async with shop.database.write() as tx:
        await SqlReminders().put(tx, [Put(record, STEP, {"state": state, **values})])


async def test_what_went_out_is_counted_by_chat_and_by_person(shop: Shop) -> None:
    for silence, (state, hours) in enumerate(
        [(State.SENT, 1), (State.UNCERTAIN, 50), (State.SENT, 200), (State.FAILED, 2)], 1
    ):
        await reminder(shop, 1, state, hours, silence)
    await reminder(shop, 2, State.SENT, 3)
    await reminder(shop, 3, State.CLAIMED, 0)
    await reminder(shop, 9, State.SENT, 1)

    async with shop.database.read() as connection:
        limits = Limits(chat_day=1, person_day=1)
        spent = await SqlSpendings().spent(connection, account(1, 1, 2, 3), limits, NOW)
        nothing = await SqlSpendings().spent(connection, account(1), Limits(), NOW)

    assert sorted(spent.chat) == [NOW - 50 * HOUR, NOW - HOUR]
    assert sorted(spent.person) == [NOW - 50 * HOUR, NOW - 3 * HOUR, NOW - HOUR]
    assert (spent.person_claimed, spent.day) == (1, 0)
    assert nothing == replace(nothing, chat=(), person=(), day=0, tokens=0)


async def test_a_day_begins_with_what_went_out_before_anybody_counted(shop: Shop) -> None:
    for chat, hours in ((1, 1), (2, 2), (3, 20)):
        await silent(shop, chat)
        await reminder(shop, chat, State.SENT, hours)
    await silent(shop, 4)
    await reminder(shop, 4, State.CLAIMED, 0)
    purse = SqlSpendings()

    async with shop.database.read() as connection:
        before = await purse.spent(connection, account(), DAY, NOW)
    async with shop.database.write() as tx:
        await purse.hold(tx, [(account(), DAY)], NOW)
        await purse.add(tx, account(), NOW, sent=1, tokens=5)
        after = await purse.spent(tx.connection, account(), DAY, NOW)
        await purse.forget(tx, "anna")
        anew = await purse.spent(tx.connection, account(), DAY, NOW)

    assert (before.day, before.tokens, before.day_claimed) == (2, 20, 1)
    assert (after.day, after.tokens) == (3, 25)
    assert anew == before


async def test_a_new_day_begins_at_the_employees_midnight(shop: Shop) -> None:
    purse, late = SqlSpendings(), MONDAY.replace(hour=22, minute=30)
    async with shop.database.write() as tx:
        for at in (late, late + HOUR):
            await purse.hold(tx, [(account(), DAY)], at)
            await purse.add(tx, account(), at, sent=1, tokens=0)

    async with shop.database.read() as connection:
        rows = (await connection.execute(select(spendings.c.day, spendings.c.sent))).all()
    assert sorted(tuple(row) for row in rows) == [("2026-03-02", 1), ("2026-03-03", 1)]


@pytest.mark.parametrize("limits", [Limits(day=3), Limits(person_day=3)])
async def test_machines_that_race_never_pass_the_limit_together(shop: Shop, limits: Limits) -> None:
    chats = range(1, 13)
    for chat in chats:
        await silent(shop, chat)
    purse, passed = SqlSpendings(), []

    async def gate(chat: int) -> None:
        mine = account(chat, *chats)
        async with shop.database.write() as tx:
            await purse.hold(tx, [(mine, limits)], NOW)
            spent = await purse.spent(tx.connection, mine, limits, NOW)
            free = replace(spent, day_claimed=0, person_claimed=0)
            if hold(limits, free, NOW, BERLIN) is None:
                await purse.add(tx, mine, NOW, sent=1, tokens=0)
                record = Record(chat, "anna", 1, Silence(1, MONDAY, MONDAY))
                values = {"state": State.SENDING, "intent_at": NOW, "lease": NOW + HOUR}
                await SqlReminders().put(tx, [Put(record, STEP, values)])
                passed.append(chat)

    await asyncio.gather(*(gate(chat) for chat in chats))

    assert len(passed) == 3


async def test_the_breaker_latches_once_and_is_released_once(shop: Shop) -> None:
    breaker, latch = SqlBreaker(), Latch(MONDAY, "too many")
    found = []
    for wanted in (latch, Latch(NOW, "again"), None, None, latch):
        async with shop.database.write() as tx:
            found.append(await breaker.latch(tx, wanted))
        async with shop.database.read() as connection:
            found.append(await breaker.latched(connection))

    assert found == [True, latch, False, latch, True, None, False, None, True, latch]


async def test_the_breaker_counts_what_went_and_what_went_wrong(shop: Shop) -> None:
    states = [State.SENT, State.UNCERTAIN, State.FAILED, State.SENT, State.SKIPPED]
    for chat, state in enumerate(states, 1):
        await silent(shop, chat, opted_out=chat == 4)
        await reminder(shop, chat, state, hours=chat)

    async with shop.database.read() as connection:
        breaker = SqlBreaker()
        went = [await breaker.went(connection, NOW - h * HOUR, 2) for h in (1.5, 2.5, 9)]
        bad = [await breaker.bad(connection, last) for last in (1, 3, 50)]

    assert went == [1, 2, 2]
    assert bad == [0, 2, 3]


async def test_a_crowd_is_counted_by_employee_and_moment_and_no_further(shop: Shop) -> None:
    for chat in range(1, 6):
        await silent(shop, chat, Due(STEP, NOW, NOW if chat < 5 else NOW + HOUR))

    async with shop.database.read() as connection:
        counted = [
            await SqlSearch().crowd(connection, name, NOW, most)
            for name, most in (("anna", 9), ("anna", 3), ("bert", 9))
        ]

    assert counted == [4, 3, 0]
