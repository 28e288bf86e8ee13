"""How Redis and what waits there are, for whoever looks after a process."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from redis.asyncio import Redis

from bot.clock import Clock
from bot.pulse import workers_alive
from bot.rq_hints import QUEUE

_SWEPT = "followup:swept"


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits in Redis: jobs that could run, jobs whose time comes, and who works.

    `swept` is how many seconds ago the last sweep ended, on any machine; None if none ever did.
    """

    ready: int
    delayed: int
    workers: int
    swept: float | None


class Vitals(Protocol):
    """Looks at Redis; both raise `redis_link.OUTAGE` while it is away."""

    async def queues(self) -> Queues:
        """What waits there."""
        ...

    async def swept(self) -> None:
        """A sweep ended just now."""
        ...


class NoVitals:
    """Where there is no Redis to look at."""

    async def queues(self) -> Queues:
        """Nothing waits."""
        return Queues(0, 0, 0, None)

    async def swept(self) -> None:
        """Nobody asks."""


@dataclass(frozen=True, slots=True)
class RedisVitals:
    """The same over all processes that share a Redis; the client is the caller's."""

    redis: Redis
    clock: Clock

    async def queues(self) -> Queues:
        """As `Vitals.queues`."""
        # The library says that what is only noted down here had to be awaited.
        pipe: Any
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.llen(f"rq:queue:{QUEUE}")
            pipe.zcard(f"rq:scheduled:{QUEUE}")
            pipe.get(_SWEPT)
            ready, delayed, swept = await pipe.execute()
        ago = None if swept is None else max(0.0, self.clock.now().timestamp() - float(swept))
        return Queues(ready, delayed, await workers_alive(self.redis), ago)

    async def swept(self) -> None:
        """As `Vitals.swept`."""
        await cast(Awaitable[object], self.redis.set(_SWEPT, repr(self.clock.now().timestamp())))
