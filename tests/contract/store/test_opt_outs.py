"""Who wanted no reminders when their chat was erased, kept as hashes, on both databases."""

import pytest

from bot.model import ChannelAccount
from bot.testing import MONDAY
from plugins.followup.adapters.opt_outs_sql import SqlOptOuts
from tests.contract.store.conftest import Count, Shop

ACCOUNTS = {name: ChannelAccount(name, "web", "anna") for name in ("site", "other")}


@pytest.fixture
def opt_outs() -> SqlOptOuts:
    return SqlOptOuts(ACCOUNTS)


async def test_who_was_kept_is_known_and_nobody_else(shop: Shop, opt_outs: SqlOptOuts) -> None:
    kim, lee = await shop.chat("kim"), await shop.chat("lee")
    async with shop.database.write() as tx:
        await opt_outs.keep(tx, kim, MONDAY)

    async with shop.database.write() as tx:
        assert await opt_outs.held(tx, [lee, kim]) == [kim.id]
        assert not await opt_outs.held(tx, [lee])


async def test_the_person_is_known_at_another_account_and_by_another_process(
    shop: Shop, opt_outs: SqlOptOuts
) -> None:
    kim, elsewhere = await shop.chat("kim"), await shop.chat("kim", "other")
    async with shop.database.write() as tx:
        await opt_outs.keep(tx, kim, MONDAY)

    async with shop.database.write() as tx:
        assert await SqlOptOuts(ACCOUNTS).held(tx, [elsewhere]) == [elsewhere.id]


async def test_kept_twice_is_one_row_and_dropped_is_gone(
    shop: Shop, opt_outs: SqlOptOuts, count: Count
) -> None:
    kim = await shop.chat("kim")
    async with shop.database.write() as tx:
        await opt_outs.keep(tx, kim, MONDAY)
        await opt_outs.keep(tx, kim, MONDAY)
    assert await count("followup_opt_outs") == 1

    async with shop.database.write() as tx:
        await opt_outs.drop(tx, kim)
        assert not await opt_outs.held(tx, [kim])

    assert await count("followup_opt_outs") == 0


async def test_an_emptied_table_of_salts_is_filled_once(
    shop: Shop, opt_outs: SqlOptOuts, count: Count
) -> None:
    kim = await shop.chat("kim")
    async with shop.database.write() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM followup_salts")
    for _ in range(2):
        async with shop.database.write() as tx:
            await opt_outs.keep(tx, kim, MONDAY)

    assert (await count("followup_salts"), await count("followup_opt_outs")) == (1, 1)
