"""rq-scheduler: a process beside RQ's workers that asks once a second what is due."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis
from rq_scheduler import Scheduler

from benchmarks.peers.note import REDIS, work

ALONE = False
IN_FLIGHT = 1
_MOST = 22


class Peer:
    """Over a queue named `bench`."""

    def __init__(self) -> None:
        self._scheduler = Scheduler("bench", connection=Redis.from_url(REDIS))

    async def open(self) -> None:
        """Nothing is to be prepared."""

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """A job of the same id takes the place of the earlier one."""
        at = datetime.fromtimestamp(due, UTC).replace(tzinfo=None)
        more = {"job_id": f"chat-{key}", "job_result_ttl": 0}
        self._scheduler.enqueue_at(at, work, key, due, seconds, **more)

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """One by one: there is nothing for many."""
        for row in rows:
            await self.arm(*row)


def commands(width: int) -> Sequence[Sequence[str]]:
    """The scheduler and plain workers."""
    programs = Path(sys.executable)
    worker = [str(programs.with_name("rq")), "worker", "-w", "rq.worker.SimpleWorker"]
    worker += ["bench", "--url", REDIS, "--quiet"]
    scheduler = [str(programs.with_name("rqscheduler")), "-i", "1", "--url", REDIS, "--quiet"]
    return [scheduler, *[worker] * (2 if width < _MOST else _MOST)]
