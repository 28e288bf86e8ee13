"""RQ's own scheduler: a job of the same id takes the place of the earlier one."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis
from rq import Queue

from benchmarks.peers.note import REDIS, work

ALONE = False
IN_FLIGHT = 1
_WORKER = ("rq.worker.SimpleWorker", "bench", "--url", REDIS, "--quiet")
_MOST = 23
"""A worker does one job at a time in a process of about 35 MB: a thousand do not fit."""


class Peer:
    """Over a queue named `bench`."""

    def __init__(self) -> None:
        self._redis = Redis.from_url(REDIS)
        self._queue = Queue("bench", connection=self._redis)

    async def open(self) -> None:
        """Nothing is to be prepared."""

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """As one call."""
        self._enqueue(key, due, seconds)

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """In one pipeline."""
        with self._redis.pipeline() as pipe:
            for row in rows:
                self._enqueue(*row, pipeline=pipe)
            pipe.execute()

    def _enqueue(self, key: int, due: float, seconds: float, **more: object) -> None:
        at = datetime.fromtimestamp(due, UTC)
        name = f"chat-{key}"
        self._queue.enqueue_at(at, work, key, due, seconds, job_id=name, result_ttl=0, **more)


def commands(width: int) -> Sequence[Sequence[str]]:
    """Workers with the scheduler in one of them."""
    rq = str(Path(sys.executable).with_name("rq"))
    command = [rq, "worker", "-w", *_WORKER]
    count = 2 if width < _MOST else _MOST
    return [[*command, "--with-scheduler"], *[command] * (count - 1)]
