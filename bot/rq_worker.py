"""An RQ worker that runs many jobs at once as coroutines, on the application's own loop."""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import redis
from rq.worker import BaseWorker, WorkerStatus

from bot.clock import SystemClock
from bot.redis_link import OUTAGE, longer, rest
from bot.rq_hints import HintJob, hint_queue
from bot.rq_ledger import Ledger, Outcome, Task

log = logging.getLogger(__name__)

Handler = Callable[[str, int], Awaitable[None]]
Answer = TypeVar("Answer")

_BATCH = 200
_LAST_WORDS = 0.5
_BEATS_PER_MAINTENANCE = 3
_NOISY = ("rq.worker", "rq.queue", "rq.job", "rq.registry", "rq.scripts", "rq_scheduler.scheduler")


class AsyncWorker(BaseWorker):
    """Gives each hint to `handler`, at most `concurrency` at once.

    A job that is not `bot.worker.run` with a kind and a key is refused, without looking for
    what it names. Jobs that a stop had to interrupt go back to the head of the queue. One look
    into the empty queue lasts `poll`, and a stop waits for its end.
    """

    def __init__(
        self,
        connection: redis.Redis,
        handler: Handler,
        *,
        concurrency: int = 200,
        drain: timedelta = timedelta(seconds=3),
        beat: timedelta = timedelta(seconds=5),
        poll: timedelta = timedelta(seconds=1),
    ) -> None:
        clock = SystemClock()
        queue = hint_queue(connection)
        super().__init__(
            [queue],
            connection=connection,
            job_class=HintJob,
            serializer="json",
            prepare_for_work=False,
        )
        self.hostname = socket.gethostname()
        self.pid = os.getpid()
        self.birth_date = clock.now()
        self._handler = handler
        self._concurrency = concurrency
        self._drain_for = drain.total_seconds()
        self._beat_every = beat.total_seconds()
        self._poll = poll.total_seconds()
        self._ledger = Ledger(self, queue, clock, self._poll)
        # One waits for jobs, one notes their ends, one sends heartbeats.
        self._threads = ThreadPoolExecutor(3, "rq")
        self._running: dict[asyncio.Task[None], Task] = {}
        self._taking: asyncio.Future[tuple[list[Task], list[str]]] | None = None
        self._ended: list[tuple[Task, Outcome]] = []
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._stopping = asyncio.Event()
        self._closing = False
        self._stopped = asyncio.Event()
        self._stopped.set()

    def _set_connection(self, connection: redis.Redis) -> redis.Redis:
        # RQ would make the timeouts of the whole pool minutes long.
        return connection

    async def run(self) -> None:
        """Work until stopped or cancelled, once; Redis may come and go meanwhile."""
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._stopped.clear()
        beats = asyncio.create_task(self._beat())
        notes = asyncio.create_task(self._note_ends())
        try:
            await self._say_alive()
            await self._take_jobs()
            await _settled(self._running, self._drain_for)
        finally:
            self._stopping.set()
            beats.cancel()
            await self._interrupt()
            await self._close(notes)
            self._stopped.set()

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return len(self._running)

    async def stop(self) -> None:
        """Take no more jobs, give those that run some time, return when all is noted."""
        self._stopping.set()
        self._room.set()
        await self._stopped.wait()

    async def _take_jobs(self) -> None:
        pause = 0.0
        stopping = asyncio.create_task(self._stopping.wait())
        while not stopping.done():
            room = self._concurrency - len(self._running)
            if room <= 0:
                self._room.clear()
                await self._room.wait()
                continue
            self._taking = self._in_thread(self._ledger.take, room)
            either: list[asyncio.Future[Any]] = [self._taking, stopping]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not self._taking.done():
                return
            try:
                self._start_taken()
                pause = 0.0
            except OUTAGE as error:
                if not pause:
                    log.warning("no jobs are taken: Redis is away (%s)", type(error).__name__)
                pause = longer(pause)
                await asyncio.wait([stopping], timeout=pause)

    def _start_taken(self) -> None:
        if (taking := self._taking) is None:
            return
        self._taking = None
        tasks, refused = taking.result()
        for job_id in refused:
            log.error("refused the job %s: it is none of this application's", job_id)
        for task in tasks:
            running = asyncio.create_task(self._perform(task))
            self._running[running] = task
            running.add_done_callback(self._end)

    async def _perform(self, task: Task) -> None:
        async with asyncio.timeout(task.timeout):
            await self._handler(task.kind, task.key)

    def _end(self, running: asyncio.Task[None]) -> None:
        task = self._running.pop(running)
        outcome = Outcome.DONE
        if running.cancelled():
            outcome = Outcome.INTERRUPTED if self._stopping.is_set() else Outcome.FAILED
        elif error := running.exception():
            # Its text may hold what a client wrote; the handler logs what may be logged.
            log.error("the job %s failed: %s", task.job.id, type(error).__name__)
            outcome = Outcome.FAILED
        self._ended.append((task, outcome))
        self._news.set()
        self._room.set()

    async def _note_ends(self) -> None:
        """Note in Redis what ended, many at a time; during an outage it is kept and repeated."""
        pause = 0.0
        while self._ended or not self._closing:
            batch = self._ended[:_BATCH]
            if not batch:
                await self._news.wait()
                self._news.clear()
                continue
            try:
                await self._in_thread(self._ledger.finish, batch)
            except OUTAGE:
                pause = longer(pause)
                await rest(pause)
                continue
            pause = 0.0
            self._ledger.forget(batch)
            del self._ended[: len(batch)]

    async def _beat(self) -> None:
        beats = 0
        while True:
            if beats % _BEATS_PER_MAINTENANCE == 0:
                with suppress(*OUTAGE):
                    await self._in_thread(self._ledger.maintain)
            beats += 1
            await rest(self._beat_every)
            await self._say_alive()

    async def _say_alive(self) -> None:
        state = WorkerStatus.BUSY if self._running else WorkerStatus.IDLE
        with suppress(*OUTAGE):
            await self._in_thread(self._ledger.beat, state.value)

    async def _interrupt(self) -> None:
        """Cancel what still runs, and give back what was just taken."""
        if self._taking is not None:
            await _settled([self._taking], self._poll + _LAST_WORDS)
            if self._taking.done():
                with suppress(*OUTAGE):
                    self._start_taken()
        for running in self._running:
            running.cancel()
        await _settled(self._running, _LAST_WORDS)

    async def _close(self, notes: asyncio.Task[None]) -> None:
        self._closing = True
        self._news.set()
        leaving = asyncio.create_task(self._leave(notes))
        await _settled([leaving], _LAST_WORDS)
        notes.cancel()
        leaving.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _leave(self, notes: asyncio.Task[None]) -> None:
        await asyncio.wait([notes])
        with suppress(*OUTAGE):
            await self._in_thread(self._ledger.leave)

    def _in_thread(self, function: Callable[..., Answer], *args: Any) -> asyncio.Future[Answer]:
        return asyncio.get_running_loop().run_in_executor(self._threads, function, *args)


async def _settled(tasks: Collection[asyncio.Future[Any]], seconds: float) -> None:
    """Wait until all have ended, or for so long."""
    if tasks:
        await asyncio.wait(list(tasks), timeout=seconds)
