"""APScheduler with its store in Redis: one process arms and works."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from apscheduler.jobstores.redis import RedisJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from benchmarks.peers.note import REDIS, work_async

ALONE = True
IN_FLIGHT = 1


class Peer:
    """A scheduler in this process."""

    async def open(self) -> None:
        """Start it; what is late is still to be done."""
        place = urlsplit(REDIS)
        store = RedisJobStore(host=place.hostname, port=place.port)
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": store}, job_defaults={"misfire_grace_time": None}
        )
        self._scheduler.start()

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """Replace the job of that id."""
        at = datetime.fromtimestamp(due, UTC)
        self._scheduler.add_job(
            work_async, "date", (key, due, seconds), run_date=at, id=str(key), replace_existing=True
        )

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """One by one: there is nothing for many."""
        for row in rows:
            await self.arm(*row)


def commands(_width: int) -> Sequence[Sequence[str]]:
    """None: it works where it arms."""
    return []
