"""One leader for each name, whoever comes and goes; terms are short here, not minutes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.embedded import EmbeddedRedis
from bot.leader import Leadership
from bot.redis_link import connect_async, rest

pytestmark = pytest.mark.redis

TERM, TURN = timedelta(milliseconds=600), timedelta(milliseconds=50)


class Work:
    """What a leader does; remembers who is at it, and whether two ever were at once."""

    def __init__(self) -> None:
        self.at_it: list[str] = []
        self.began: list[str] = []
        self.most = 0

    async def of(self, me: str) -> None:
        self.began.append(me)
        self.at_it.append(me)
        self.most = max(self.most, len(self.at_it))
        try:
            await rest(60)
        finally:
            self.at_it.remove(me)


@asynccontextmanager
async def standing(
    server: EmbeddedRedis, me: str, work: Callable[[str], Any], name: str = "tg"
) -> AsyncIterator[asyncio.Task[None]]:
    """A process that stands for election."""
    client = connect_async(server.url)
    leadership = Leadership(client, me, TERM, TURN)
    task = asyncio.create_task(leadership.lead(name, lambda: work(me)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.aclose()


async def test_one_of_three_leads_and_one_that_stops_is_followed_at_once(server, until):
    work = Work()
    async with AsyncExitStack() as stack:
        tasks = {me: await stack.enter_async_context(standing(server, me, work.of)) for me in "abc"}
        await until(lambda: work.at_it)

        first = work.at_it[0]
        tasks[first].cancel()
        await until(lambda: work.at_it and work.at_it != [first])

    assert work.most == 1
    assert len(work.began) == 2


async def test_one_that_dies_without_a_word_is_followed_after_its_term(server, link, until):
    work = Work()
    link.set("followup:leader:tg", "the dead", px=int(TERM.total_seconds() * 1000))

    async with standing(server, "b", work.of):
        await rest(TURN.total_seconds() * 3)
        assert work.began == []
        await until(lambda: work.at_it == ["b"])


async def test_a_restarted_process_takes_its_own_place_back_at_once(server, link, until):
    work = Work()
    link.set("followup:leader:tg", "a", px=60_000)

    async with standing(server, "a", work.of):
        await until(lambda: work.at_it == ["a"])


async def test_who_lost_the_place_stops_at_the_next_turn(server, link, until):
    work = Work()

    async with standing(server, "a", work.of):
        await until(lambda: work.at_it == ["a"])
        link.set("followup:leader:tg", "b", px=60_000)
        await until(lambda: work.at_it == [])


async def test_who_leads_goes_on_while_redis_is_away(server, until):
    work = Work()

    async with standing(server, "a", work.of) as task:
        await until(lambda: work.at_it == ["a"])
        server.stop()
        await rest(TERM.total_seconds() * 2)

        assert work.at_it == ["a"]
        assert not task.done()


async def test_each_account_has_a_leader_of_its_own(server, link, until):
    work = Work()
    link.set("followup:leader:other", "b", px=60_000)

    async with (
        standing(server, "a", work.of),
        standing(server, "a", work.of, name="other"),
    ):
        await until(lambda: work.at_it == ["a"])

    assert work.began == ["a"]


async def test_work_that_breaks_is_no_silence(server):
    async def broken(_me: str) -> None:
        raise LookupError("no such account")

    async with standing(server, "a", broken) as task:
        with pytest.raises(LookupError, match="no such account"):
            await task
