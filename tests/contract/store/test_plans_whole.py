"""A start, a sweep and messages of many clients, whole: no statement reads a whole table."""

import asyncio
from datetime import timedelta

from bot.app import Outside, build
from bot.model import Author, ChatRef, Incoming
from bot.news import LocalNews
from bot.testing import MONDAY, FakeClock, FakeJobs
from config.settings import Settings
from tests.contract.store.conftest import Shop
from tests.contract.store.full import MANY, explained, fill, whole_tables


async def test_a_start_a_sweep_and_a_crowd_of_messages_look_everything_up(
    shop: Shop, url: str
) -> None:
    await fill(shop.database)
    settings = Settings(
        employees={"anna": {"name": "Anna", "persona": "Kind."}},
        channels={"site": {"kind": "web", "employee": "anna"}},
    )
    jobs = FakeJobs()
    app = build(settings, Outside(url, jobs, LocalNews(), FakeClock(MONDAY), worker="w"))
    said = [
        Incoming(ChatRef("site", f"c{n}"), "new", Author.CLIENT, "And on Sunday?", MONDAY)
        for n in range(MANY - 20, MANY + 20)
    ]
    with explained(app.database) as plans:
        await app.prepare()
        await app.begin()
        await app.sweep()
        await asyncio.gather(*map(app.inbox.receive, said))
        app.outside.clock.advance(timedelta(minutes=1))
        await app.sweep()
    await app.close()

    assert len(plans) > 40
    assert {name: plan for plan in plans for name in whole_tables(plan)} == {}
