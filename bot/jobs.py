"""Wakes work later through RQ. What is in Redis is a hint; SQL knows what is to be done."""

import asyncio
import logging
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import redis
from rq import Queue
from rq.job import JobStatus

from bot.clock import Clock
from bot.redis_link import OUTAGE, connect, longer, rest
from bot.rq_hints import FAILURE_TTL, LIVE, NEWS, PATH, hint_queue, job_states

__all__ = ["Hint", "RqJobs", "connect"]

log = logging.getLogger(__name__)

_BATCH = 1000
# A hint that nobody took dies this long after its moment, so none can be stuck for ever.
_GRACE = timedelta(hours=1)
# Longer than any mover sleeps; who looks by then sees the hint without being told.
_SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Hint:
    """One wake-up: `kind` looks at `key` from `at` on."""

    kind: str
    key: int
    at: datetime
    turn: int = 0

    @property
    def job_id(self) -> str:
        """The same for the same wake-up, in the letters that RQ allows."""
        kind = re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):x}_", self.kind)
        return f"{kind}-{self.key}-{int(self.at.timestamp() * 1000)}-{self.turn}"


class RqJobs:
    """Delayed RQ jobs, written by `run` in batches; while Redis is away they wait in memory.

    At most `room` hints wait, then the oldest are dropped: a sweep finds them again in SQL.
    """

    def __init__(
        self, connection: redis.Redis, clock: Clock, timeout: timedelta, *, room: int = 100_000
    ) -> None:
        self._redis = connection
        self._clock = clock
        self._timeout = max(1, int(timeout.total_seconds()))
        self._room = room
        self._hints: dict[str, Hint] = {}
        self._lock = threading.Lock()
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dropped = 0

    def wake(self, kind: str, key: int, at: datetime, turn: int = 0) -> None:
        """As `ports.Jobs.wake`; from any thread."""
        hint = Hint(kind, key, at, turn)
        with self._lock:
            self._hints[hint.job_id] = hint
            if len(self._hints) > self._room:
                del self._hints[next(iter(self._hints))]
                self._dropped += 1
            loop = self._loop
        # `run` sets the loop, and unsets it before the loop can close.
        if loop is not None and not self._news.is_set():
            loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Write hints to Redis as they come, until cancelled."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
        try:
            while True:
                await self._pump()
                await self._news.wait()
                self._news.clear()
        finally:
            with self._lock:
                self._loop = None

    async def _pump(self) -> None:
        """Write until nothing is left; after a fault the same hints again, after a while."""
        pause = 0.0
        while batch := self._oldest():
            try:
                await asyncio.to_thread(self._write, batch)
            except OUTAGE as error:
                if not pause:
                    log.warning("hints wait: Redis does not take them (%s)", type(error).__name__)
                pause = longer(pause)
                await rest(pause)
                continue
            self._forget(batch)
            if pause:
                log.info("Redis takes hints again")
                pause = 0.0

    def _oldest(self) -> dict[str, Hint]:
        with self._lock:
            dropped, self._dropped = self._dropped, 0
            batch = dict(item for item, _ in zip(self._hints.items(), range(_BATCH), strict=False))
        if dropped:
            log.warning("dropped %d hints, the sweep will find their work again", dropped)
        return batch

    def _forget(self, batch: Iterable[str]) -> None:
        with self._lock:
            for job_id in batch:
                self._hints.pop(job_id, None)

    def _write(self, batch: dict[str, Hint]) -> None:
        states = job_states(self._redis, list(batch))
        queue = hint_queue(self._redis)
        now = self._clock.now()
        new = [hint for job_id, hint in batch.items() if states[job_id] not in LIVE]
        soon = [hint.at for hint in new if now < hint.at <= now + _SOON]
        with self._redis.pipeline(transaction=True) as pipe:
            for hint in new:
                self._enqueue(queue, pipe, hint, now)
            if soon:
                pipe.publish(NEWS, repr(min(soon).timestamp()))
            pipe.execute()

    def _enqueue(self, queue: Queue, pipe: Any, hint: Hint, now: datetime) -> None:
        due = hint.at <= now
        job = queue.create_job(
            PATH,
            args=(hint.kind, hint.key),
            job_id=hint.job_id,
            description="-",
            timeout=self._timeout,
            result_ttl=0,
            failure_ttl=FAILURE_TTL,
            status=JobStatus.QUEUED if due else JobStatus.SCHEDULED,
        )
        # What is left of a failed one would keep its expiry.
        pipe.delete(job.key)
        job.save(pipeline=pipe)
        pipe.expire(job.key, int((max(hint.at - now, timedelta()) + _GRACE).total_seconds()))
        pipe.sadd(Queue.redis_queues_keys, queue.key)
        if due:
            queue.push_job_id(job.id, pipeline=pipe)
        else:
            # Not by `enqueue_at`, which cuts the moment to whole seconds: too early.
            pipe.zadd(queue.scheduled_job_registry.key, {job.id: hint.at.timestamp()})
