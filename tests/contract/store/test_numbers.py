"""Numbers on each database: what the client did is kept, counted, and counted right."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from bot.testing import MONDAY
from plugins.followup.adapters.figures_sql import SqlLedger
from plugins.followup.adapters.outcomes_sql import SqlOutcomes
from plugins.followup.adapters.tables import held, reminders, silences
from plugins.followup.figures.days import Span
from plugins.followup.figures.tallies import Outcome, Source, Tally
from plugins.followup.model import Silence, State
from plugins.followup.ports import Record
from tests.contract.store.conftest import Shop

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1000)
NOW = MONDAY + 100 * HOUR
WEEK = Span(MONDAY, MONDAY + 168 * HOUR)
S1 = Source("anna", "s1")


def row(chat: int, at: datetime | None = MONDAY, **more: Any) -> dict[str, Any]:
    sent = {"state": State.SENT, "intent_at": at, "settled_at": at, "tokens": None}
    told: dict[str, Any] = {
        "employee_id": "anna",
        "variant": None,
        "replied_at": None,
        "opted_at": None,
    }
    told["first_at"] = None
    place = {"chat_id": chat, "silence": 1, "step_id": "s1", "instruction": "?"}
    return {**place, **sent, **told, **more}


async def put(shop: Shop, *rows: dict[str, Any]) -> None:
    async with shop.database.write() as tx:
        await tx.connection.execute(insert(reminders), rows)


async def tallies(shop: Shop, span: Span = WEEK, now: datetime = NOW) -> dict[Source, Tally]:
    async with shop.database.read() as connection:
        return dict(await SqlLedger().tallies(connection, span, now))


async def test_an_answer_counts_to_the_millisecond_of_its_24_hours(shop: Shop) -> None:
    day = 24 * HOUR
    await put(
        shop,
        row(1, replied_at=MONDAY + day),
        row(2, replied_at=MONDAY + day + TICK),
        row(3, replied_at=MONDAY),
        row(4, replied_at=MONDAY - TICK),
        row(5),
    )

    assert await tallies(shop) == {S1: Tally(sent=5, ripe=5, answered=2)}


async def test_what_was_sent_within_24_hours_is_open(shop: Shop) -> None:
    await put(
        shop,
        row(1, NOW - 24 * HOUR, replied_at=NOW - HOUR),
        row(2, NOW - 24 * HOUR + TICK, replied_at=NOW - HOUR),
    )

    assert await tallies(shop) == {S1: Tally(sent=2, ripe=1, answered=1)}


async def test_what_is_perhaps_sent_counts_and_what_failed_does_not(shop: Shop) -> None:
    for n, state in enumerate(State):
        await put(shop, row(n, state=state, replied_at=MONDAY + HOUR, tokens=10))

    found = await tallies(shop)

    assert found == {S1: Tally(sent=2, ripe=2, answered=2, tokens=10 * len(State))}


async def test_what_was_composed_and_not_sent_counts_its_tokens_where_it_ended(
    shop: Shop,
) -> None:
    await put(
        shop,
        row(1, None, state=State.SKIPPED, settled_at=MONDAY + HOUR, tokens=7),
        row(2, None, state=State.SKIPPED, settled_at=MONDAY - HOUR, tokens=9),
        row(3, tokens=2),
    )

    assert await tallies(shop) == {S1: Tally(sent=1, ripe=1, tokens=9)}


async def test_a_span_ends_before_its_end(shop: Shop) -> None:
    await put(shop, row(1, MONDAY), row(2, MONDAY + HOUR - TICK), row(3, MONDAY + HOUR))

    assert await tallies(shop, Span(MONDAY, MONDAY + HOUR)) == {S1: Tally(sent=2, ripe=2)}


async def test_a_row_of_an_older_version_is_its_silences_employees(shop: Shop) -> None:
    values = {"chat_id": 1, "employee_id": "bert", "client_n": 1, "number": 1, "version": 1}
    counters = {"opted_out": False, "composer_failures": 0, "channel_failures": 0}
    lists: dict[str, Any] = {"passed": [], "used": [], "began": MONDAY, "anchor": MONDAY}
    async with shop.database.write() as tx:
        await tx.connection.execute(insert(silences).values(**values, **counters, **lists))
    await put(shop, row(1, employee_id=None))

    assert await tallies(shop) == {Source("bert", "s1"): Tally(sent=1, ripe=1)}


async def test_minutes_to_the_answer_are_whole_and_counted(shop: Shop) -> None:
    minute = timedelta(minutes=1)
    await put(
        shop,
        row(1, replied_at=MONDAY + 2 * minute - TICK),
        row(2, replied_at=MONDAY + minute),
        row(3, replied_at=MONDAY + 24 * HOUR),
        row(4, replied_at=MONDAY + 25 * HOUR),
        row(5, replied_at=MONDAY + 5 * minute, variant="b"),
    )

    async with shop.database.read() as connection:
        found = await SqlLedger().waits(connection, WEEK, NOW)

    assert found == {S1: {1: 2, 24 * 60: 1}, Source("anna", "s1", "b"): {5: 1}}


async def test_silences_are_compared_from_when_they_came_due(shop: Shop) -> None:
    day, week, now = 24 * HOUR, 168 * HOUR, MONDAY + 200 * HOUR
    fresh = now - HOUR
    await put(
        shop,
        row(1, first_at=MONDAY, replied_at=MONDAY + day),
        row(2, first_at=MONDAY, replied_at=MONDAY + day + TICK),
        row(3, first_at=MONDAY, replied_at=MONDAY + week + TICK, state=State.SKIPPED),
        row(4, first_at=now - week, replied_at=MONDAY + week),
        row(5, first_at=fresh, replied_at=now),
        row(6, first_at=MONDAY, employee_id="bert"),
        row(7),
    )
    ended = {"silence": 1, "employee_id": "anna", "due_at": MONDAY}
    values = {"employee_id": "anna", "client_n": 1, "number": 1, "version": 1, "opted_out": False}
    counters = {"composer_failures": 0, "channel_failures": 0, "passed": [], "used": []}
    lasting = {**values, **counters, "began": MONDAY, "anchor": MONDAY}
    async with shop.database.write() as tx:
        run = tx.connection.execute
        await run(insert(held).values(chat_id=1, replied_at=MONDAY + HOUR, **ended))
        await run(insert(held).values(chat_id=2, replied_at=MONDAY + week, **ended))
        for n, at in enumerate((MONDAY, fresh, now + HOUR)):
            await run(insert(silences).values(chat_id=n, held_at=at, **lasting))

    async with shop.database.read() as connection:
        found = await SqlLedger().groups(connection, "anna", Span(MONDAY, now + day), now)

    assert found[0] == Outcome(due=5, days=4, in_day=1, weeks=4, in_week=3)
    assert found[1] == Outcome(due=4, days=3, in_day=1, weeks=3, in_week=2)


async def test_a_silence_of_the_hold_out_is_kept_when_it_ends_after_it_came_due(
    shop: Shop,
) -> None:
    async with shop.database.write() as tx:
        for chat, at in ((1, MONDAY), (2, MONDAY + 2 * HOUR), (3, None)):
            silence = Silence(4, MONDAY, MONDAY)
            record = Record(chat, "anna", 1, silence, held_at=at)
            await SqlOutcomes().replied(tx, [(record, MONDAY + HOUR)], MONDAY + HOUR)

    async with shop.database.read() as connection:
        rows = (await connection.execute(select(held))).all()
    assert [tuple(each) for each in rows] == [(1, 4, "anna", MONDAY, MONDAY + HOUR)]


async def outcome(shop: Shop) -> list[tuple[Any, ...]]:
    columns = (reminders.c.state, reminders.c.replied_at, reminders.c.opted_at)
    async with shop.database.read() as connection:
        rows = await connection.execute(select(*columns).order_by(reminders.c.id))
        return [tuple(each) for each in rows]


def record(number: int) -> Record:
    return Record(1, "anna", 1, Silence(number, MONDAY, MONDAY))


async def test_the_first_message_after_a_reminder_is_its_answer_once(shop: Shop) -> None:
    await put(
        shop,
        row(1, silence=1),
        row(1, silence=2, step_id="s1"),
        row(1, None, silence=2, step_id="s2", state=State.SCHEDULED),
        row(2),
    )

    async with shop.database.write() as tx:
        for later in (HOUR, 2 * HOUR):
            await SqlOutcomes().replied(tx, [(record(2), MONDAY + later)], MONDAY + later)

    assert await outcome(shop) == [
        (State.SENT, None, None),
        (State.SENT, MONDAY + HOUR, None),
        (State.CANCELLED, MONDAY + HOUR, None),
        (State.SENT, None, None),
    ]


async def test_what_is_under_way_keeps_its_claim_when_the_client_writes(shop: Shop) -> None:
    sending = row(1, state=State.SENDING, settled_at=None, token="w:1", lease=NOW)  # noqa: S106  no secret
    await put(shop, sending)

    async with shop.database.write() as tx:
        await SqlOutcomes().replied(tx, [(record(1), MONDAY + HOUR)], MONDAY + HOUR)

    async with shop.database.read() as connection:
        found = (await connection.execute(select(reminders))).mappings().one()
    assert (found["state"], found["token"], found["lease"]) == ("sending", "w:1", NOW)
    assert (found["settled_at"], found["replied_at"]) == (None, MONDAY + HOUR)


async def test_wanting_no_more_is_put_down_once_with_the_latest_that_went_out(shop: Shop) -> None:
    await put(
        shop,
        row(1, MONDAY),
        row(1, MONDAY + HOUR, silence=2),
        row(1, MONDAY + 2 * HOUR, silence=2, step_id="s2", state=State.FAILED),
        row(2, MONDAY + 3 * HOUR),
    )

    async with shop.database.write() as tx:
        for later in (4 * HOUR, 5 * HOUR):
            await SqlOutcomes().opted(tx, 1, MONDAY - HOUR, MONDAY + later)

    assert [each[2] for each in await outcome(shop)] == [None, MONDAY + 4 * HOUR, None, None]


async def test_wanting_no_more_blames_nothing_that_is_long_ago(shop: Shop) -> None:
    await put(shop, row(1, MONDAY))

    async with shop.database.write() as tx:
        await SqlOutcomes().opted(tx, 1, MONDAY + HOUR, NOW)

    assert (await outcome(shop))[0][2] is None
