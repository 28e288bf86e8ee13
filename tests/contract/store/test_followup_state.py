"""The plugin's state: what was put down is what is found."""

import asyncio
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.testing import MONDAY
from plugins.followup.adapters.reminders_sql import SqlReminders
from plugins.followup.adapters.search_sql import SqlSearch
from plugins.followup.adapters.store_sql import SqlChains, SqlSilences
from plugins.followup.adapters.tables import reminders, silences
from plugins.followup.hours import Hours
from plugins.followup.lots import lot_of
from plugins.followup.model import (
    Chain,
    Due,
    Limits,
    OptedBy,
    Reason,
    Silence,
    State,
    Step,
    Terms,
    Waiting,
)
from plugins.followup.ports import Put, Record, Standing
from tests.contract.store.conftest import ANNA, Shop

HOUR = timedelta(hours=1)
STEP = Step("s1", 4 * HOUR, "Ask “how it goes”\nand 🚲.")
OTHER = Step("s2", 24 * HOUR, "Ask again.", once=True)
PLAIN = Silence(1, MONDAY, MONDAY)
FULL = Silence(
    number=7,
    began=MONDAY + timedelta(microseconds=1),
    anchor=MONDAY + timedelta(microseconds=2),
    answered_at=MONDAY + timedelta(microseconds=3),
    passed=("z", "a", "s1"),
    used=frozenset({"z", "ä", "s1"}),
    postponed_until=MONDAY + timedelta(microseconds=4),
    frozen_since=MONDAY + timedelta(microseconds=5),
    postponed_for=Reason.RATE_LIMITED,
    postponed_by=("per_day", 7),
    hurried_at=MONDAY + timedelta(microseconds=6),
    stopped=Reason.OPTED_OUT,
    opted_out=True,
    opted_by=OptedBy.MANAGER,
    muted_since=MONDAY + timedelta(microseconds=7),
    snoozed_until=MONDAY + timedelta(microseconds=8),
    composer_failures=2,
    channel_failures=3,
    zone="America/Argentina/ComodRivadavia",
    lot=lot_of("anna", 1),
)


def record(chat: int = 1, silence: Silence = PLAIN, employee: str = "anna") -> Record:
    return Record(chat, employee, 12, silence)


async def save(shop: Shop, one: Record, found: Due | Waiting, version: int = 1) -> None:
    async with shop.database.write() as tx:
        await SqlSilences().save(tx, [Standing(one, found, version)])


async def put(shop: Shop, one: Record, step: Step = STEP, **values: Any) -> int:
    async with shop.database.write() as tx:
        return (await SqlReminders().put(tx, [Put(one, step, values)]))[one.chat]


async def claimed(shop: Shop, chat: int, until: datetime, worker: str = "w") -> int:
    return await put(shop, record(chat), state=State.CLAIMED, token=f"{worker}:{chat}", lease=until)


async def rows(shop: Shop) -> Sequence[Any]:
    async with shop.database.read() as connection:
        return (await connection.execute(select(reminders).order_by(reminders.c.id))).all()


async def busy(shop: Shop, chat: int, now: datetime) -> bool:
    async with shop.database.write() as tx:
        return chat in await SqlReminders().busy(tx, [chat], now)


@pytest.mark.parametrize("silence", [PLAIN, FULL], ids=["plain", "full"])
async def test_every_field_of_a_silence_comes_back(shop: Shop, silence: Silence) -> None:
    await save(shop, record(1, silence), Waiting(Reason.DONE))

    async with shop.database.read() as connection:
        found = await SqlSilences().load(connection, 1)
        assert found == record(1, silence)
        assert found.silence.lot == lot_of("anna", 1)
        assert await SqlSilences().load(connection, 2) is None


def test_the_full_silence_differs_from_the_plain_one_in_every_field() -> None:
    same = [f.name for f in fields(Silence) if getattr(FULL, f.name) == getattr(PLAIN, f.name)]

    assert same == []


@pytest.mark.parametrize("reason", Reason)
async def test_every_reason_fits(shop: Shop, reason: Reason) -> None:
    await save(shop, record(1, replace(PLAIN, stopped=reason)), Waiting(reason))
    reminder = await put(shop, record(), state=State.SKIPPED, reason=reason)

    async with shop.database.read() as connection:
        found = (await connection.execute(select(silences))).mappings().one()
    assert (found["reason"], found["stopped"]) == (reason, reason)
    assert ((await rows(shop))[0].id, (await rows(shop))[0].reason) == (reminder, reason)


async def test_a_silence_saved_again_replaces_the_row_with_its_cache(shop: Shop) -> None:
    await save(shop, record(1, FULL), Due(STEP, MONDAY, MONDAY + HOUR), version=3)

    await save(shop, record(1, PLAIN), Waiting(Reason.OFF), version=4)

    async with shop.database.read() as connection:
        found = (await connection.execute(select(silences))).mappings().one()
        assert await SqlSilences().load(connection, 1) == record(1, PLAIN)
    cache = [found[name] for name in ("due_at", "step_id", "reason", "version")]
    assert cache == [None, None, "off", 4]


async def test_chains_come_back_with_the_employees_hours(shop: Shop) -> None:
    chains = SqlChains(shop.chats)
    chain = Chain((STEP, OTHER), True, MONDAY, MONDAY + timedelta(microseconds=1))  # noqa: FBT003  a field

    async with shop.database.write() as tx:
        await chains.save(tx, "anna", chain)

    async with shop.database.read() as connection:
        plan = await chains.load(connection, "anna")
    assert plan is not None
    assert (plan.chain, plan.version) == (chain, 1)
    hours = Hours.of(ANNA.timezone, ANNA.working_hours, ANNA.special_days)
    assert plan.hours.zone is hours.zone
    assert (plan.hours.week, plan.hours.special) == (hours.week, hours.special)


async def test_terms_come_back_and_their_hours_hold_in_the_employees_zone(shop: Shop) -> None:
    chains, own = SqlChains(shop.chats), {"mon": ("10:00-12:00", "22:00-02:00")}
    limits = Limits(1, 2, 3, 4, 5)
    terms = Terms(own, {"2026-12-25": ()}, client_zone=True, limits=limits)

    async with shop.database.write() as tx:
        await chains.save(tx, "anna", Chain((STEP,), terms=terms))

    async with shop.database.read() as connection:
        plan = await chains.load(connection, "anna")
    assert plan is not None
    assert plan.chain.terms == terms
    hours = Hours.of(ANNA.timezone, own, {"2026-12-25": ()})
    assert (plan.hours.zone, plan.hours.week) == (hours.zone, hours.week)
    assert plan.hours.special == hours.special


async def test_every_save_of_a_chain_is_a_new_version_of_that_employees_alone(shop: Shop) -> None:
    chains = SqlChains(shop.chats)
    async with shop.database.write() as tx:
        await chains.save(tx, "anna", Chain((STEP,)))
        await chains.save(tx, "bert", Chain((STEP,)))

        await chains.save(tx, "anna", Chain((), enabled=False))

    async with shop.database.read() as connection:
        plan = await chains.load(connection, "anna")
        assert await chains.load(connection, "bert") is None
    assert plan is not None
    assert (plan.chain, plan.version) == (Chain((), enabled=False), 2)


async def test_an_employee_without_a_chain_is_off(shop: Shop) -> None:
    async with shop.database.read() as connection:
        plan = await SqlChains(shop.chats).load(connection, "anna")

    assert plan is not None
    assert (plan.chain, plan.version) == (Chain(enabled=False), 0)


async def test_a_reminder_comes_back_as_it_was(shop: Shop) -> None:
    number = await put(shop, record(5, FULL), OTHER, state=State.SENDING, token="w:1", lease=MONDAY)  # noqa: S106  no secret
    async with shop.database.write() as tx:
        intended = {"intent_at": MONDAY + HOUR, "message_id": 2**40}
        await SqlReminders().change(tx, {number: intended})

    async with shop.database.read() as connection:
        rows = await SqlReminders().get(connection, [number, number + 1])

    assert list(rows) == [number]
    found = rows[number]
    assert (found.chat, found.silence, found.step, found.state) == (5, 7, "s2", State.SENDING)
    assert (found.token, found.lease) == ("w:1", MONDAY)
    assert (found.intent_at, found.message) == (MONDAY + HOUR, 2**40)


async def test_a_step_put_twice_in_a_silence_is_one_row_with_the_latest_instruction(
    shop: Shop,
) -> None:
    first = await put(shop, record(), state=State.CLAIMED, token="w:1", lease=MONDAY)  # noqa: S106  no secret

    edited = replace(STEP, instruction="Something else.")
    second = await put(shop, record(), edited, state=State.SKIPPED, token=None)

    assert second == first
    (row,) = await rows(shop)
    assert (row.state, row.token, row.instruction) == ("skipped", None, "Something else.")


async def test_another_silence_step_or_chat_is_another_row(shop: Shop) -> None:
    numbers = {
        await put(shop, record(), state=State.SCHEDULED),
        await put(shop, record(), OTHER, state=State.SCHEDULED),
        await put(shop, record(2), state=State.SCHEDULED),
        await put(shop, record(1, replace(PLAIN, number=2)), state=State.SCHEDULED),
    }

    assert len(numbers) == len(await rows(shop)) == 4


async def test_two_at_once_never_make_two_rows_of_one_step(shop: Shop) -> None:
    results = await asyncio.gather(
        *(put(shop, record(), state=State.CLAIMED) for _ in range(6)), return_exceptions=True
    )

    made = {result for result in results if not isinstance(result, BaseException)}
    # Whoever does not hold the chat may be refused, but never makes a second one.
    assert all(isinstance(each, int | IntegrityError) for each in results)
    assert len(made) == len(await rows(shop)) == 1


@pytest.mark.parametrize(
    ("state", "lease", "expected"),
    [
        (State.CLAIMED, HOUR, True),
        (State.CLAIMED, timedelta(), False),
        (State.CLAIMED, -HOUR, False),
        (State.SENDING, HOUR, True),
        (State.SENDING, -HOUR, True),
        (State.SCHEDULED, None, False),
        (State.SENT, None, False),
        (State.UNCERTAIN, None, False),
        (State.SKIPPED, None, False),
        (State.FAILED, None, False),
        (State.CANCELLED, None, False),
    ],
)
async def test_a_chat_is_busy_while_one_is_sent_or_claimed_under_a_lease_that_runs(
    shop: Shop, state: State, lease: timedelta | None, expected: object
) -> None:
    until = MONDAY + lease if lease is not None else None
    await put(shop, record(), state=state, lease=until)

    assert await busy(shop, 1, MONDAY) is expected
    assert await busy(shop, 2, MONDAY) is False


async def test_cancelling_drops_what_waits_and_leaves_what_is_sent_or_settled(shop: Shop) -> None:
    for n, state in enumerate(State):
        await put(shop, record(), Step(f"s{n}", HOUR, "?"), state=state, token="t", lease=MONDAY)  # noqa: S106  no secret
    await put(shop, record(2), state=State.CLAIMED, token="t", lease=MONDAY)  # noqa: S106  no secret

    async with shop.database.write() as tx:
        await SqlReminders().cancel(tx, 1, Reason.CLIENT_REPLIED, MONDAY + HOUR)

    *ours, other = await rows(shop)
    before = [state.value for state in State]
    dropped = {"scheduled", "claimed"}
    assert [row.state for row in ours] == ["cancelled" if s in dropped else s for s in before]
    gone = [row for row, was in zip(ours, before, strict=True) if was in dropped]
    assert {(row.reason, row.token, row.lease) for row in gone} == {("client_replied", None, None)}
    assert {row.settled_at for row in gone} == {MONDAY + HOUR}
    assert (other.state, other.token) == ("claimed", "t")


async def test_only_leases_that_ended_are_expired_the_oldest_first(shop: Shop) -> None:
    late = await claimed(shop, 1, MONDAY)
    old = await claimed(shop, 2, MONDAY - HOUR)
    await claimed(shop, 3, MONDAY + timedelta(microseconds=1))
    sending = await put(shop, record(4), state=State.SENDING, lease=MONDAY - 2 * HOUR)
    await put(shop, record(5), state=State.CANCELLED, lease=MONDAY - HOUR)

    async with shop.database.read() as connection:
        found = await SqlSearch().expired(connection, MONDAY, 10)
        limited = await SqlSearch().expired(connection, MONDAY, 2)

    assert [reminder.id for reminder in found] == [sending, old, late]
    assert [reminder.id for reminder in limited] == [sending, old]


async def test_what_a_worker_holds_is_found_by_its_whole_name(shop: Shop) -> None:
    mine = await claimed(shop, 1, MONDAY, "w_1")
    await claimed(shop, 2, MONDAY, "wx1")
    await claimed(shop, 3, MONDAY, "w_11")
    await put(shop, record(4), state=State.SENT, token="w_1:4")  # noqa: S106  no secret

    async with shop.database.read() as connection:
        found = await SqlSearch().held_by(connection, "w_1")

    assert [reminder.id for reminder in found] == [mine]


async def test_what_is_due_by_then_is_found_the_earliest_first(shop: Shop) -> None:
    for chat, at in ((1, MONDAY), (2, MONDAY - HOUR), (3, MONDAY + timedelta(microseconds=1))):
        await save(shop, record(chat), Due(STEP, at, at))
    await save(shop, record(4), Waiting(Reason.WAITING_FOR_ANSWER))

    async with shop.database.read() as connection:
        found = await SqlSearch().ready(connection, MONDAY, None, 10)
        limited = await SqlSearch().ready(connection, MONDAY, None, 1)
        others = await SqlSearch().ready(connection, MONDAY, limited[-1], 10)

    assert found == [(MONDAY - HOUR, 2), (MONDAY, 1)]
    assert all(at.tzinfo is UTC for at, _ in found)
    assert limited == [(MONDAY - HOUR, 2)]
    assert others == [(MONDAY, 1)]


async def test_what_somebody_works_on_is_not_ready(shop: Shop) -> None:
    for chat in (1, 2, 3, 4):
        await save(shop, record(chat), Due(STEP, MONDAY, MONDAY))
    await claimed(shop, 1, MONDAY + HOUR)
    await claimed(shop, 2, MONDAY)
    await put(shop, record(3), state=State.SENDING)

    async with shop.database.read() as connection:
        found = await SqlSearch().ready(connection, MONDAY, None, 10)

    assert found == [(MONDAY, 2), (MONDAY, 4)]


async def test_chats_that_are_due_at_one_moment_share_it(shop: Shop) -> None:
    late, early = MONDAY + HOUR, MONDAY + timedelta(microseconds=1)
    for chat, at in ((1, late), (2, late), (3, early), (4, MONDAY), (5, late + HOUR)):
        await save(shop, record(chat), Due(STEP, at, at))

    async with shop.database.read() as connection:
        found = await SqlSearch().moments(connection, MONDAY, late, 10)
        limited = await SqlSearch().moments(connection, MONDAY, late, 1)

    assert found == [early, late]
    assert limited == [early]


async def test_the_states_of_many_chats_come_back(shop: Shop) -> None:
    ones = [record(chat, replace(FULL, number=chat)) for chat in range(1, 4)]
    async with shop.database.write() as tx:
        everybody = [Standing(one, Due(STEP, MONDAY, MONDAY), 1) for one in ones]
        await SqlSilences().save(tx, everybody)
        await SqlSilences().save(tx, [])

    async with shop.database.read() as connection:
        found = await SqlSilences().load_all(connection, [3, 1, 2, 9])

    assert found == {one.chat: one for one in ones}


async def test_rows_of_many_chats_are_put_and_changed_each_by_itself(shop: Shop) -> None:
    reminders_ = SqlReminders()
    puts = [
        Put(record(1), STEP, {"state": State.CLAIMED, "token": "w:1", "lease": MONDAY}),
        Put(record(2), STEP, {"state": State.SKIPPED, "reason": Reason.TOO_LATE}),
        Put(record(3), STEP, {"state": State.CLAIMED, "token": "w:3", "lease": MONDAY}),
    ]
    async with shop.database.write() as tx:
        ids = await reminders_.put(tx, puts)
        again = await reminders_.put(tx, puts)
        await reminders_.change(tx, {ids[1]: {"token": None}, ids[2]: {"state": State.FAILED}})

    assert ids == again
    async with shop.database.read() as connection:
        rows = await reminders_.get(connection, list(ids.values()))
    kept = [(row.chat, row.state, row.token) for row in rows.values()]
    assert sorted(kept) == [
        (1, State.CLAIMED, None),
        (2, State.FAILED, None),
        (3, State.CLAIMED, "w:3"),
    ]


async def test_chats_planned_by_older_settings_are_stale(shop: Shop) -> None:
    chains = SqlChains(shop.chats)
    async with shop.database.write() as tx:
        for employee in ("anna", "anna", "bert"):
            await chains.save(tx, employee, Chain((STEP,)))
    await save(shop, record(1), Waiting(Reason.DONE), version=1)
    await save(shop, record(2), Waiting(Reason.DONE), version=2)
    await save(shop, record(3, employee="bert"), Waiting(Reason.DONE), version=1)
    await save(shop, record(4), Waiting(Reason.OFF), version=0)
    await save(shop, record(5, employee="bert"), Waiting(Reason.OFF), version=0)

    async with shop.database.read() as connection:
        assert sorted(await SqlSearch().stale(connection, 10)) == [1, 4, 5]
        assert len(await SqlSearch().stale(connection, 2)) == 2
