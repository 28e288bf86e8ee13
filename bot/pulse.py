"""Whether timers are kept at all: what a worker says to Redis as long as it lives."""

import asyncio
from typing import Final

from redis.asyncio import Redis
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from bot.ports import Ailment
from bot.redis_link import OUTAGE
from bot.rq_hints import QUEUE

_FRESH: Final = 2.0
_PATIENCE: Final = 1.0


async def workers_alive(client: Redis) -> int:
    """How many take jobs; RQ's own list of them keeps the dead for a while."""
    workers = await client.smembers(WORKERS_BY_QUEUE_KEY % QUEUE)
    return await client.exists(*workers) if workers else 0


class SoundPulse:
    """Nothing is the matter: for commands that serve nobody."""

    async def ailment(self) -> Ailment | None:
        """As `ports.Pulse.ailment`."""
        return None


class RedisPulse:
    """Asks Redis, at most once in a while, which workers are alive; their keys die with them.

    The client is the caller's.
    """

    def __init__(self, client: Redis) -> None:
        self._redis = client
        self._known: Ailment | None = None
        self._until = 0.0

    async def ailment(self) -> Ailment | None:
        """As `ports.Pulse.ailment`."""
        clock = asyncio.get_running_loop().time
        if clock() >= self._until:
            self._known = await self._asked()
            self._until = clock() + _FRESH
        return self._known

    async def _asked(self) -> Ailment | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                alive = await workers_alive(self._redis)
        except (TimeoutError, *OUTAGE):
            return Ailment.NO_REDIS
        return None if alive else Ailment.NO_WORKER
