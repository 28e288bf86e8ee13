"""What the employee pages ask of the databases: the audit log, chats of late, standing silences."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.hooks import Hooks
from bot.journal import SqlJournal
from bot.model import Change, Employee
from bot.staff import Hand, Staff
from bot.testing import MONDAY, FakeClock
from plugins.followup.adapters.overview_sql import SqlOverview
from plugins.followup.adapters.store_sql import SqlSilences
from plugins.followup.model import Due, Reason, Silence, Step, Waiting
from plugins.followup.ports import Record, Standing
from tests.contract.store.conftest import Shop

HOUR = timedelta(hours=1)
STEP = Step("s1", 4 * HOUR, "Ask.")
CHANGES = (
    Change("kim", "followup.save", "anna", after={"steps": ["Ask “how”\n🚲"]}),
    Change("kim", "followup.pause", "anna", chat=7),
    Change("kim", "followupXsave", "anna"),
    Change("kim", "followup.save", "bert"),
    Change("lee", "followup.rollback", "anna", before={"enabled": False}),
    Change("lee", "employee.hours", "anna"),
    Change("kim", "followup.save", "anna"),
)


async def test_the_audit_log_is_read_back_page_by_page_the_latest_first(shop: Shop) -> None:
    journal = SqlJournal(FakeClock())
    async with shop.database.write() as tx:
        for change in CHANGES:
            await journal.record(tx, change)

    async with shop.database.read() as connection:
        first = await journal.history(connection, "anna", actions="followup.", limit=2)
        rest = await journal.history(
            connection, "anna", actions="followup.", limit=2, before=first[-1].id
        )
        one = await journal.recorded(connection, rest[0].id)
        none = await journal.recorded(connection, 999)

    assert [row.change for row in (*first, *rest)] == [CHANGES[6], CHANGES[4], CHANGES[0]]
    assert one is not None
    assert (one.at, one.change) == (MONDAY, CHANGES[0])
    assert none is None


async def test_silences_that_a_save_may_change_are_found_those_that_wait_first(
    shop: Shop,
) -> None:
    silence = Silence(1, MONDAY, MONDAY)
    rows = {
        1: (silence, Waiting(Reason.DONE)),
        2: (silence, Due(STEP, MONDAY, MONDAY)),
        3: (replace(silence, stopped=Reason.UNREACHABLE), Waiting(Reason.UNREACHABLE)),
        4: (replace(silence, frozen_since=MONDAY), Waiting(Reason.HUMAN_ACTIVE)),
        5: (replace(silence, opted_out=True), Waiting(Reason.OPTED_OUT)),
        6: (replace(silence, number=6), Due(STEP, MONDAY, MONDAY)),
    }
    async with shop.database.write() as tx:
        for chat, (each, found) in rows.items():
            await SqlSilences().save(tx, [Standing(Record(chat, "anna", 1, each), found, 1)])
        due = Due(STEP, MONDAY, MONDAY)
        await SqlSilences().save(tx, [Standing(Record(9, "bert", 1, silence), due, 1)])
    overview = SqlOverview(shop.chats)

    async with shop.database.read() as connection:
        everyone = await overview.standing(connection, "anna", 10)
        two = await overview.standing(connection, "anna", 2)

    assert len(everyone) == 3
    assert sorted(each.number for each in two) == [1, 6]


async def test_of_two_who_amend_an_employee_at_once_neither_is_lost(shop: Shop) -> None:
    staff = Staff(shop.database, Hooks(), SqlJournal(FakeClock()))

    def longer(held: Employee) -> Employee:
        return replace(held, persona=f"{held.persona}!")

    await asyncio.gather(
        *(staff.amend(Hand("kim", "employee.persona"), "anna", longer) for _ in range(4))
    )

    found = await staff.find("anna")
    assert found is not None
    assert found.persona.endswith("!!!!")


async def test_what_refuses_an_amendment_leaves_everything_as_it_was(shop: Shop) -> None:
    staff = Staff(shop.database, Hooks(), SqlJournal(FakeClock()))

    await staff.amend(Hand("kim", "employee.persona"), "nobody", lambda held: held)
    await staff.amend(Hand("kim", "employee.persona"), "anna", lambda held: held)

    async with shop.database.read() as connection:
        assert await SqlJournal(FakeClock()).history(connection, "anna", actions="", limit=9) == []


async def test_an_employee_is_hired_once(shop: Shop) -> None:
    staff = Staff(shop.database, Hooks(), SqlJournal(FakeClock()))
    bert = Employee("bert", "Bert", "Kind.")

    hired = [await staff.hire(bert, "kim"), await staff.hire(bert, "lee")]

    assert hired == [True, False]
    assert await staff.find("bert") == bert
