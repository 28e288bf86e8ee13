"""Who listens to an account, of all the processes that could: one leader for each name."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from redis.asyncio import Redis

from bot.redis_link import OUTAGE, rest

log = logging.getLogger(__name__)

# Whose it is by now, after having tried to take it or to keep it.
_TAKE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
_LET_GO = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


@dataclass(frozen=True, slots=True)
class Leadership:
    """Does a work in one process at a time; `me` names this process.

    A leader that is killed is followed within `term` and a turn; one that stops, within a turn.
    While Redis is away nobody is elected, and whoever leads goes on: to hear twice is harmless,
    because a message is stored once; not to hear is not.
    """

    redis: Redis
    me: str
    term: timedelta = timedelta(seconds=10)
    turn: timedelta = timedelta(seconds=3)

    async def lead(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do the work for as long as we are the leader; stand by otherwise, until cancelled."""
        working: asyncio.Task[None] | None = None
        try:
            while True:
                leading = await self._elected(name, before=working is not None)
                if leading and working is None:
                    log.info("%s: listening here", name)
                    working = asyncio.create_task(work())
                elif not leading and working is not None:
                    log.info("%s: another process listens", name)
                    await _ended(working)
                    working = None
                await self._wait(working)
        finally:
            if working is not None:
                await _ended(working)
                await self._resign(name)

    async def _elected(self, name: str, *, before: bool) -> bool:
        milliseconds = int(self.term.total_seconds() * 1000)
        try:
            asked = self.redis.eval(_TAKE, 1, _key(name), self.me, str(milliseconds))
            return bool(await cast(Awaitable[int], asked))
        except OUTAGE:
            return before

    async def _wait(self, working: asyncio.Task[None] | None) -> None:
        """Until the next turn; work that ends by itself is a fault, and is raised."""
        turn = asyncio.create_task(rest(self.turn.total_seconds()))
        tasks = {turn} if working is None else {turn, working}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            turn.cancel()
        if working is not None and working.done():
            await working

    async def _resign(self, name: str) -> None:
        try:
            await cast(Awaitable[None], self.redis.eval(_LET_GO, 1, _key(name), self.me))
        except OUTAGE:
            log.info("%s: could not resign; another process follows soon", name)


def _key(name: str) -> str:
    return f"followup:leader:{name}"


async def _ended(work: asyncio.Task[None]) -> None:
    """Cancel it and wait until it has put its things in order; a fault of it is raised."""
    work.cancel()
    (outcome,) = await asyncio.gather(work, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome
