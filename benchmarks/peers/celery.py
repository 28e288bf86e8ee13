"""Celery: a task with an ETA; the earlier one is revoked."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from celery import Celery

from benchmarks.peers.note import REDIS, work

ALONE = False
IN_FLIGHT = 1
_WIDE = 100

app = Celery("bench", broker=REDIS)
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
task = app.task(name="work")(work)


class Peer:
    """Keeps which task a chat has, as an application would in its database."""

    def __init__(self) -> None:
        self._tasks: dict[int, str] = {}

    async def open(self) -> None:
        """Nothing is to be prepared."""

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """Revoke, then send."""
        earlier = self._tasks.get(key)
        if earlier is not None:
            app.control.revoke(earlier)
        at = datetime.fromtimestamp(due, UTC)
        self._tasks[key] = task.apply_async((key, due, seconds), eta=at).id

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """One by one: there is nothing for many."""
        for row in rows:
            await self.arm(*row)


def commands(width: int) -> Sequence[Sequence[str]]:
    """Threads for quick jobs, greenlets for many slow ones."""
    celery = str(Path(sys.executable).with_name("celery"))
    pool = ["-P", "gevent", "-c", "500"] if width > _WIDE else ["-P", "threads", "-c", "25"]
    command = [celery, "-A", "benchmarks.peers.celery", "worker", "-l", "error", *pool]
    return [[*command, "-n", f"bench{number}@%h"] for number in range(2)]
