"""taskiq: a schedule in a list of Redis, read once a second; the earlier one is deleted."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from taskiq import TaskiqScheduler
from taskiq_redis import ListQueueBroker, ListRedisScheduleSource

from benchmarks.peers.note import REDIS, work_async

ALONE = False
IN_FLIGHT = 32

# Without a limit: the client library breaks off, after 5 s by default, what waits for work.
broker = ListQueueBroker(REDIS, socket_timeout=None)
source = ListRedisScheduleSource(REDIS)
scheduler = TaskiqScheduler(broker, [source])
task = broker.task(task_name="work")(work_async)


class Peer:
    """Over one list of schedules."""

    async def open(self) -> None:
        """Connect."""
        await broker.startup()
        await source.startup()

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """Delete, then schedule."""
        await source.delete_schedule(f"chat-{key}")
        await self._schedule(key, due, seconds)

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """One by one: there is nothing for many."""
        for row in rows:
            await self._schedule(*row)

    async def _schedule(self, key: int, due: float, seconds: float) -> None:
        at = datetime.fromtimestamp(due, UTC)
        made = task.kicker().with_schedule_id(f"chat-{key}")
        await made.schedule_by_time(source, at, key, due, seconds)


def commands(width: int) -> Sequence[Sequence[str]]:
    """Two workers and the scheduler."""
    taskiq = str(Path(sys.executable).with_name("taskiq"))
    each = str(max(50, width // 2))
    worker = [taskiq, "worker", "benchmarks.peers.taskiq:broker", "--workers", "2"]
    timer = [taskiq, "scheduler", "benchmarks.peers.taskiq:scheduler", "--update-interval", "1"]
    quiet = ["--log-level", "ERROR"]
    return [[*worker, "--max-async-tasks", each, *quiet], [*timer, *quiet]]
