"""Moves what is due in Redis to where workers take it: delayed hints, and the periodic jobs.

Two things of RQ's own schedulers are done differently here, because they fail in ways that a
reminder would feel. Delayed hints move by one script, so that any number of movers can run at
once: no hint is moved twice, early, or after it was deleted, and none waits for the lock of a
process that was killed. The periodic jobs are rq-scheduler's, but its daemon's lock runs out
while it works; ours is refreshed at each turn and belongs to whoever holds the token.
"""

import logging
import math
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import redis
from rq.job import Job, JobStatus
from rq.scripts import acquire_or_refresh_lock, release_lock
from rq.utils import utcformat
from rq_scheduler import Scheduler

from bot.clock import Clock, SystemClock
from bot.embedded import EmbeddedRedis
from bot.redis_link import OUTAGE, longer
from bot.rq_hints import NEWS, PATH, QUEUE, HintJob, hint_queue, job_states

log = logging.getLogger(__name__)

LOCK = "followup:periodic"
_LOCK_TTL = 10
_CHUNK = 500
_ROUNDED = 0.0005
_PERIODIC_TURN = 1.0
_PERIODIC_TIMEOUT = timedelta(minutes=10)

# A hint that is gone, or that is no hash, is dropped; one fault must not stop the others. Tells
# how many it saw, and when the next one is due.
_MOVE = """
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local job = ARGV[3] .. id
  if redis.call('EXISTS', job) == 1 then
    local fault = redis.pcall('HSET', job, 'status', 'queued', 'enqueued_at', ARGV[4])
    if type(fault) == 'number' then redis.call('RPUSH', KEYS[2], id) end
  end
  redis.call('ZREM', KEYS[1], id)
end
local later = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {#ids, later[2] or ''}
"""


class Mover:
    """A thread that moves what is due; any number may run, on any number of machines.

    It wakes at the moment of the next hint that it knows of; of one that is due sooner it is told.
    Each `poll` it looks, in case nobody told it.
    """

    def __init__(
        self,
        connection: redis.Redis,
        periodic: Mapping[str, timedelta],
        embedded: EmbeddedRedis | None = None,
        *,
        clock: Clock | None = None,
        poll: timedelta = timedelta(milliseconds=200),
    ) -> None:
        self._redis = connection
        self._clock = clock or SystemClock()
        self._periodic = Periodic(connection, periodic, self._clock)
        self._embedded = embedded
        self._poll = poll.total_seconds()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._next_periodic = 0.0
        self._next_hint: float | None = None
        self._bell = _Bell(connection)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to move."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="mover", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End within two seconds, the lock released, unless Redis hangs."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=2)
            self._thread = None

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                self._rest()
                self._turn()
            except OUTAGE as error:
                if not pause:
                    log.warning("nothing is moved: Redis is away (%s)", type(error).__name__)
                pause = longer(pause)
                self._bell.close()
                if self._embedded is not None:
                    self._embedded.ensure_alive()
            else:
                if pause:
                    log.info("Redis is back")
                pause = 0.0
        self._bell.close()
        self._periodic.let_go()

    def _rest(self) -> None:
        """Until something is due; who is told of an earlier moment rests until that."""
        while (told := self._bell.wait(self._until_next())) is not None:
            self._next_hint = min(told, self._next_hint or told)
            if self._next_hint <= self._clock.now().timestamp() or self._stopping.is_set():
                return

    def _until_next(self) -> float:
        """How long there is nothing to move, as far as we know; rounded up, so never too early."""
        if self._next_hint is None:
            return self._poll
        left = self._next_hint - self._clock.now().timestamp()
        return min(max(left + _ROUNDED, _ROUNDED), self._poll)

    def _turn(self) -> None:
        while self._move() == _CHUNK and not self._stopping.is_set():
            pass
        if time.monotonic() >= self._next_periodic:
            self._periodic.turn()
            self._next_periodic = time.monotonic() + min(_PERIODIC_TURN, self._poll * 5)

    def _move(self) -> int:
        queue = hint_queue(self._redis)
        now = self._clock.now()
        moved, later = self._redis.register_script(_MOVE)(
            keys=[queue.scheduled_job_registry.key, queue.key],
            args=[repr(now.timestamp()), _CHUNK, Job.key_for(""), utcformat(now)],
        )
        self._next_hint = float(later) if later else None
        return int(moved)


class _Bell:
    """Wakes its mover for hints that are due before it would look; connects when it is asked."""

    def __init__(self, connection: redis.Redis) -> None:
        self._redis = connection
        self._news: redis.client.PubSub | None = None

    def wait(self, seconds: float) -> float | None:
        """The moment that is told within so many seconds; none if it was quiet."""
        if self._news is None:
            # The library types neither.
            self._news = self._redis.pubsub()  # type: ignore[no-untyped-call]
            self._news.subscribe(NEWS)
        told = self._news.get_message(timeout=seconds)
        if told is None or told["type"] != "message":
            return None
        with suppress(ValueError):
            at = float(told["data"])
            return at if math.isfinite(at) else None
        return None

    def close(self) -> None:
        """Listen no more; to wait connects anew."""
        if self._news is not None:
            self._news.close()
            self._news = None


class Periodic:
    """Keeps periodic jobs registered and queues those that are due, if it gets the lock."""

    def __init__(
        self, connection: redis.Redis, intervals: Mapping[str, timedelta], clock: Clock
    ) -> None:
        self._redis = connection
        self._kinds = {f"periodic-{kind}": kind for kind in intervals}
        self._intervals = intervals
        self._clock = clock
        self._token = uuid4().hex
        self._registry = Scheduler(QUEUE, connection=connection, job_class=HintJob)

    def turn(self) -> None:
        """Do what is due now; nothing while another process holds the lock."""
        outcome = acquire_or_refresh_lock(self._redis, LOCK, self._token, _LOCK_TTL)
        if outcome == "taken":
            return
        now = self._clock.now()
        moments = self._moments()
        for job_id, moment in moments.items():
            latest = now + self._intervals[self._kinds[job_id]]
            if moment is None:
                self._register(job_id, now)
            elif moment > latest.timestamp():
                # The interval became shorter in the settings.
                self._postpone(self._redis, job_id, latest)
        due = [i for i, moment in moments.items() if moment and moment <= now.timestamp()]
        for job_id in due:
            self._queue(job_id, now)

    def let_go(self) -> None:
        """Release the lock, for another process to take it at once."""
        try:
            release_lock(self._redis, LOCK, self._token)
        except OUTAGE as error:
            log.debug("the lock runs out by itself (%s)", type(error).__name__)

    def _moments(self) -> dict[str, float | None]:
        """When each is due; None for one that is not in Redis, or not whole."""
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in self._kinds:
                pipe.zscore(Scheduler.scheduled_jobs_key, job_id)
                pipe.hexists(Job.key_for(job_id), "data")
            found = pipe.execute()
        pairs = zip(found[::2], found[1::2], strict=True)
        return {i: at if whole else None for i, (at, whole) in zip(self._kinds, pairs, strict=True)}

    def _register(self, job_id: str, now: datetime) -> None:
        """Write it, due at once."""
        kind = self._kinds[job_id]
        self._registry.schedule(
            now,
            PATH,
            args=[kind, 0],
            id=job_id,
            interval=self._intervals[kind].total_seconds(),
            description="-",
            timeout=int(_PERIODIC_TIMEOUT.total_seconds()),
        )

    def _postpone(self, connection: redis.Redis, job_id: str, to: datetime) -> None:
        connection.zadd(Scheduler.scheduled_jobs_key, {job_id: to.timestamp()})

    def _queue(self, job_id: str, now: datetime) -> None:
        """Queue it, unless its last time is still waiting or running: then look again soon."""
        queue = hint_queue(self._redis)
        key = Job.key_for(job_id)
        later = now + self._intervals[self._kinds[job_id]]
        if self._is_busy(job_id, queue.key, queue.intermediate_queue_key):
            return
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(key, mapping={"status": "queued", "enqueued_at": utcformat(now)})
            pipe.persist(key)
            queue.push_job_id(job_id, pipeline=pipe)
            self._postpone(pipe, job_id, later)
            pipe.execute()

    def _is_busy(self, job_id: str, *lists: str) -> bool:
        state = job_states(self._redis, [job_id])[job_id]
        if state == JobStatus.QUEUED:
            return any(self._redis.lpos(name, job_id) is not None for name in lists)
        return state == JobStatus.STARTED
