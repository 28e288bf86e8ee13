"""What commands ask of the databases: overviews, names, undo, and one save after the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.model import Author, ChatRef, Incoming
from bot.store.employees import create_employee
from bot.testing import MONDAY
from plugins.followup.adapters.overview_sql import SqlOverview, SqlUndos
from plugins.followup.adapters.store_sql import SqlChains, SqlSilences
from plugins.followup.model import Chain, Due, Reason, Silence, Step, Waiting
from plugins.followup.ports import Record, Standing
from plugins.followup.undos import Undo
from tests.contract.store.conftest import ANNA, Shop

HOUR = timedelta(hours=1)
STEP = Step("s1", 4 * HOUR, "Ask “how it goes”\nand 🚲.", once=True)


async def called(shop: Shop, *names: str) -> list[int]:
    """Chats of clients of those names, an hour after each other."""
    found = []
    for n, name in enumerate(names):
        at = MONDAY + n * HOUR
        message = Incoming(ChatRef("site", f"c{n}"), "m", Author.CLIENT, "Hi", at, name)
        found.append((await shop.inbox.receive(message)).chat.id)
    return found


async def planned(shop: Shop, chat: int, due: int | None, employee: str = "anna") -> None:
    """Due after so many hours, or not at all."""
    began = MONDAY + chat * HOUR
    at = MONDAY + (due or 0) * HOUR
    found = Waiting(Reason.DONE) if due is None else Due(STEP, at, at)
    async with shop.database.write() as tx:
        record = Record(chat, employee, 1, Silence(1, began, began))
        await SqlSilences().save(tx, [Standing(record, found, 1)])


async def named(shop: Shop, part: str, limit: int = 10) -> Sequence[str | None]:
    async with shop.database.read() as connection:
        return [chat.name for chat in await shop.chats.named(connection, part, limit)]


async def test_names_are_found_in_any_case_the_latest_written_to_first(shop: Shop) -> None:
    await called(shop, "Kim", "ÖZLEM Kaya", "kimberly", "Лиза", "Zoë")

    assert await named(shop, "KIM") == ["kimberly", "Kim"]
    assert await named(shop, "özlem") == ["ÖZLEM Kaya"]
    assert await named(shop, "лиза") == ["Лиза"]
    assert await named(shop, "i", limit=1) == ["kimberly"]


async def test_signs_that_searches_have_for_themselves_are_only_signs(shop: Shop) -> None:
    await called(shop, "100% Kim", "under_score", "back\\slash", "Kim")

    assert await named(shop, "%") == ["100% Kim"]
    assert await named(shop, "_") == ["under_score"]
    assert await named(shop, "\\") == ["back\\slash"]


async def test_employees_are_all_who_have_a_chain(shop: Shop) -> None:
    async with shop.database.write() as tx:
        await create_employee(tx.connection, replace(ANNA, id="bert", name="Bert"))
        for employee in ("bert", "anna", "gone"):
            await SqlChains(shop.chats).save(tx, employee, Chain((STEP,)))

    async with shop.database.read() as connection:
        people = await SqlOverview(shop.chats).employees(connection)

    assert [each.id for each in people] == ["anna", "bert"]


async def test_waiting_chats_are_counted_and_listed_by_their_moment(shop: Shop) -> None:
    chats = await called(shop, "One", "Two", "Three", "Four")
    for chat, due in zip(chats, (9, 5, None, 7), strict=True):
        await planned(shop, chat, due)
    await planned(shop, 99, 1, employee="bert")
    overview = SqlOverview(shop.chats)

    async with shop.database.read() as connection:
        assert await overview.waiting(connection, "anna") == (3, MONDAY + 5 * HOUR)
        assert await overview.waiting(connection, "nobody") == (0, None)
        first = await overview.scheduled(connection, "anna", 0, 2)
        second = await overview.scheduled(connection, "anna", 2, 2)
        gone = await overview.scheduled(connection, "bert", 0, 2)

    assert [chat.name for chat in first] == ["Two", "Four"]
    assert [chat.name for chat in second] == ["One"]
    assert gone == []


async def test_the_latest_chat_is_the_one_in_which_the_latest_silence_began(shop: Shop) -> None:
    chats = await called(shop, "One", "Two")
    for chat in chats:
        await planned(shop, chat, None)
    overview = SqlOverview(shop.chats)

    async with shop.database.read() as connection:
        latest = await overview.latest(connection, "anna")
        nobody = await overview.latest(connection, "bert")

    assert latest is not None
    assert latest.name == "Two"
    assert nobody is None


async def test_what_can_be_undone_comes_back_and_is_replaced(shop: Shop) -> None:
    undos = SqlUndos()
    first = Undo("anna", "telegram 7", 2, Chain((STEP,), enabled=False))
    second = Undo("anna", "whatsapp +49170", 3, Chain())
    async with shop.database.write() as tx:
        await undos.keep(tx, first)
    async with shop.database.read() as connection:
        found = await undos.find(connection, "anna")

    async with shop.database.write() as tx:
        await undos.keep(tx, second)

    async with shop.database.read() as connection:
        assert found == first
        assert await undos.find(connection, "anna") == second
        assert await undos.find(connection, "bert") is None


async def test_two_who_save_at_once_save_one_after_the_other(shop: Shop) -> None:
    chains = SqlChains(shop.chats)
    async with shop.database.write() as tx:
        await chains.save(tx, "anna", Chain())

    async def add(name: str) -> None:
        async with shop.database.write() as tx:
            plan = await chains.hold(tx, "anna")
            assert plan is not None
            steps = (*plan.chain.steps, replace(STEP, id=name))
            await chains.save(tx, "anna", Chain(steps))

    await asyncio.gather(*(add(f"s{n}") for n in range(8)))

    async with shop.database.read() as connection:
        plan = await chains.load(connection, "anna")
    assert plan is not None
    assert {step.id for step in plan.chain.steps} == {f"s{n}" for n in range(8)}
    assert plan.version == 9
