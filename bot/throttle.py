"""The networks' limits, kept by all processes together in Redis.

A slot is taken right before a message passes its gate, so that nobody waits behind it, and another
one right before it is sent, so that those who were slow in between make no crowd. Where Redis is
away there are no jobs either; what is sent in such a moment goes without a slot, and the network's
own refusal is obeyed.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

from redis.asyncio import Redis

from bot.clock import Clock
from bot.model import Chat, Rate
from bot.redis_link import OUTAGE

_AT_LEAST = timedelta(milliseconds=20)
# So long an answer is good for everybody in this process, in seconds.
_FRESH = 0.05
# And so long it does while Redis is asked again: nobody who may send waits for that. Who was wrong
# is told so by the network, which takes nothing then.
_STALE = 1.0
_PREFIX = "followup:rate"


class FreeThrottle:
    """Lets everything pass: for tests, and for commands that send nothing."""

    async def slot(self, door: str, chat: Chat, rates: Sequence[Rate]) -> timedelta:
        """As `networks.Throttle.slot`."""
        return timedelta()

    async def hold(self, account: str, wait: timedelta) -> None:
        """As `networks.Throttle.hold`."""

    async def held(self, account: str) -> timedelta:
        """As `networks.Throttle.held`."""
        return timedelta()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What Redis said, or is about to say, to a question of that time; `before`: what it said."""

    at: float
    until: asyncio.Future[datetime | None]
    before: "_Seen | None" = None

    def known(self, now: float) -> "_Seen | None":
        """The latest answer that is good enough."""
        if self.until.done():
            return self if now - self.at <= _STALE else None
        return self.before.known(now) if self.before is not None else None


class RedisThrottle:
    """Moving windows, and the waits that networks asked for."""

    def __init__(self, connection: Redis, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    async def slot(self, door: str, chat: Chat, rates: Sequence[Rate]) -> timedelta:
        """As `networks.Throttle.slot`; the account's own limits first: they are the scarce ones."""
        try:
            held = await self.held(chat.ref.account)
            if held:
                return held
            for rate in sorted(rates, key=lambda rate: rate.each_chat):
                wait = await self._hit(door, chat, rate)
                if wait:
                    return wait
        except OUTAGE:
            return timedelta()
        return timedelta()

    async def hold(self, account: str, wait: timedelta) -> None:
        """As `networks.Throttle.hold`."""
        self._seen.pop(account, None)
        with suppress(*OUTAGE):
            # Made if there is none; never shortened.
            name, length = _hold(account), max(wait, _AT_LEAST)
            if not await self._connection.set(name, "", px=length, nx=True):
                await self._connection.pexpire(name, length, gt=True)

    async def held(self, account: str) -> timedelta:
        """As `networks.Throttle.held`; hundreds that ask at once ask Redis once."""
        now = asyncio.get_running_loop().time()
        seen = self._seen.get(account)
        known = seen.known(now) if seen is not None else None
        if seen is None or (seen.until.done() and now - seen.at > _FRESH):
            asked = asyncio.ensure_future(self._left(account))
            before = replace(known, before=None) if known is not None else None
            seen = self._seen[account] = _Seen(now, asked, before)
        if known is None:
            await asyncio.shield(seen.until)
            known = seen
        ends = known.until.result()
        return max(ends - self._clock.now(), timedelta()) if ends is not None else timedelta()

    async def _left(self, account: str) -> datetime | None:
        """Until when the network wants us to wait."""
        try:
            left = await self._connection.pttl(_hold(account))
        except OUTAGE:
            return None
        return self._clock.now() + timedelta(milliseconds=left) if left > 0 else None

    async def _hit(self, door: str, chat: Chat, rate: Rate) -> timedelta:
        whose = [chat.ref.account, *([str(chat.id)] if rate.each_chat else [])]
        if ends := await self._windows.hit(door, rate, *whose):
            return max(timedelta(seconds=ends - self._clock.now().timestamp()), _AT_LEAST)
        return timedelta()

    @cached_property
    def _windows(self) -> "_Windows":
        return _Windows(self._connection)


class _Windows:
    """Moving windows; their library is loaded with the first: most channels have no limits."""

    def __init__(self, connection: Redis) -> None:
        from limits import RateLimitItemPerSecond  # noqa: PLC0415
        from limits.aio.storage import RedisStorage  # noqa: PLC0415
        from limits.aio.strategies import MovingWindowRateLimiter  # noqa: PLC0415

        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=_PREFIX,
            # The library passes on whatever redis takes, but declares plain values only.
            connection_pool=cast(Any, connection.connection_pool),
        )
        self._limiter = MovingWindowRateLimiter(storage)
        self._item = RateLimitItemPerSecond

    async def hit(self, door: str, rate: Rate, *whose: str) -> float:
        """Zero, and the window has one more in it; or when there is room again."""
        item = self._item(rate.count, int(rate.per.total_seconds()), namespace=door)
        if await self._limiter.hit(item, *whose):
            return 0.0
        return (await self._limiter.get_window_stats(item, *whose)).reset_time


def _hold(account: str) -> str:
    return f"followup:hold:{account}"
