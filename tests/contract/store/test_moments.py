"""Moments keep their instant and their microseconds, whatever zone they were given in."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from bot.columns import Moment
from bot.store.database import SqlDatabase

PROBES = Table("probes", MetaData(), Column("id", Integer, primary_key=True), Column("at", Moment))


@pytest.fixture
async def probes(database: SqlDatabase) -> AsyncIterator[SqlDatabase]:
    async with database.write() as tx:
        await tx.connection.run_sync(PROBES.metadata.create_all)
    yield database
    async with database.write() as tx:
        await tx.connection.run_sync(PROBES.metadata.drop_all)


async def stored(database: SqlDatabase, at: datetime | None) -> datetime | None:
    async with database.write() as tx:
        await tx.connection.execute(insert(PROBES).values(at=at))
    async with database.read() as connection:
        found: datetime | None = (await connection.execute(select(PROBES.c.at))).scalar_one()
        return found


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 0, 59, 999_999, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=0),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2026, 7, 1, 0, 15, tzinfo=ZoneInfo("Asia/Kathmandu")),
        datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(8999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
    ids=str,
)
async def test_a_moment_comes_back_as_the_same_instant_in_utc(
    probes: SqlDatabase, at: datetime
) -> None:
    found = await stored(probes, at)

    assert found is not None
    assert found.utcoffset() == timedelta()
    # Compared in UTC: one of two moments of a fold is equal to nothing else.
    assert found == at.astimezone(UTC)


async def test_no_moment_comes_back_as_none(probes: SqlDatabase) -> None:
    assert await stored(probes, None) is None


async def test_moments_of_different_zones_are_compared_as_instants(probes: SqlDatabase) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    zones = [ZoneInfo("Pacific/Kiritimati"), UTC, ZoneInfo("Pacific/Pago_Pago")]
    moments = [(noon + timedelta(microseconds=n)).astimezone(zone) for n, zone in enumerate(zones)]
    async with probes.write() as tx:
        for at in reversed(moments):
            await tx.connection.execute(insert(PROBES).values(at=at))

    async with probes.read() as connection:
        query = select(PROBES.c.at).where(PROBES.c.at > moments[0]).order_by(PROBES.c.at)
        found = (await connection.execute(query)).scalars().all()

    assert found == moments[1:]


async def test_a_server_with_another_zone_changes_nothing(probes: SqlDatabase, kind: str) -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)
    async with probes.write() as tx:
        await tx.connection.execute(insert(PROBES).values(at=at))

    async with probes.read() as connection:
        if kind == "postgresql":
            await connection.exec_driver_sql("SET TIME ZONE 'Pacific/Chatham'")
        found = (await connection.execute(select(PROBES.c.at).where(PROBES.c.at == at))).scalars()

        assert [moment.isoformat() for moment in found] == [at.isoformat()]


async def test_a_moment_without_a_zone_is_refused(probes: SqlDatabase) -> None:
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001  that is the point

    with pytest.raises(StatementError, match="needs a time zone"):
        async with probes.write() as tx:
            await tx.connection.execute(insert(PROBES).values(id=1, at=naive))
