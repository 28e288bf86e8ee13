"""arq: a deferred job; the earlier one is taken out by hand, as there is no call for it."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from arq import create_pool, func
from arq.connections import ArqRedis, RedisSettings

from benchmarks.peers.note import REDIS, work_async

ALONE = False
IN_FLIGHT = 32
_QUEUE = "arq:queue"


async def work(_context: dict[str, object], key: int, due: float, seconds: float) -> None:
    """The job, in the shape that arq calls."""
    await work_async(key, due, seconds)


class WorkerSettings:
    """Read by arq's command."""

    functions = (func(work, keep_result=0),)
    redis_settings = RedisSettings.from_dsn(REDIS)
    max_jobs = 500
    poll_delay = 0.02
    job_timeout = 20
    """By default 300 s, and so long work in flight would stay lost after a kill."""


class Peer:
    """Over the default queue."""

    _redis: ArqRedis

    async def open(self) -> None:
        """Connect."""
        self._redis = await create_pool(WorkerSettings.redis_settings)

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """Take the earlier one out, put the next in."""
        name = f"chat-{key}"
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(_QUEUE, name)
            pipe.delete(f"arq:job:{name}")
            await pipe.execute()
        await self._enqueue(key, due, seconds)

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """One by one: there is nothing for many."""
        for row in rows:
            await self._enqueue(*row)

    async def _enqueue(self, key: int, due: float, seconds: float) -> None:
        at = datetime.fromtimestamp(due, UTC)
        await self._redis.enqueue_job(
            "work", key, due, seconds, _job_id=f"chat-{key}", _defer_until=at
        )


def commands(width: int) -> Sequence[Sequence[str]]:
    """Two workers, each of 500 jobs at most, however many are wanted."""
    program = str(Path(sys.executable).with_name("arq"))
    return [[program, "benchmarks.peers.arq.WorkerSettings"]] * (1 + (width > 1))
