"""python-telegram-bot's JobQueue: timers in the memory of the bot's process."""

from collections.abc import Sequence
from datetime import UTC, datetime

from telegram.ext import Application, CallbackContext, Job

from benchmarks.peers.note import work_async

ALONE = True
IN_FLIGHT = 1
_KIND = {"misfire_grace_time": None}
"""By default what is a second late is dropped without a word."""


async def run(context: CallbackContext) -> None:
    """The job, in the shape that the library calls."""
    await work_async(*context.job.data)


class Peer:
    """Keeps the Job of each chat: to look one up by name walks over all of them."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}

    async def open(self) -> None:
        """Start the queue, without the network."""
        self._application = Application.builder().token("1:none").build()
        self._queue = self._application.job_queue
        await self._queue.start()

    async def arm(self, key: int, due: float, seconds: float) -> None:
        """Remove, then add."""
        earlier = self._jobs.get(key)
        if earlier is not None:
            earlier.schedule_removal()
        at = datetime.fromtimestamp(due, UTC)
        self._jobs[key] = self._queue.run_once(
            run, at, data=(key, due, seconds), name=str(key), job_kwargs=_KIND
        )

    async def fill(self, rows: Sequence[tuple[int, float, float]]) -> None:
        """One by one: there is nothing for many."""
        for row in rows:
            await self.arm(*row)


def commands(_width: int) -> Sequence[Sequence[str]]:
    """None: it works where it arms."""
    return []
