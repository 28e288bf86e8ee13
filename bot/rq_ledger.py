"""RQ's bookkeeping of a worker that runs many jobs at once, in few round trips.

It writes what RQ's own workers write (executions, the started and failed registries, the
worker's counters), so RQ's tools show the truth, but for many jobs in one pipeline. Nothing
that Redis says is ever imported, called or unpickled: a job is its path and two arguments, or
it is refused.
"""

import json
import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import redis
from rq import Queue
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.registry import clean_registries
from rq.utils import utcformat
from rq.worker import BaseWorker
from rq.worker_registration import clean_worker_registry, register, unregister

from bot.clock import Clock
from bot.rq_hints import FAILURE_TTL, JOB_ID, PATH, HintJob, as_text

log = logging.getLogger(__name__)

# A worker that has not been heard of for so long is dead, and so are its jobs. Three
# heartbeats long; to be wrong costs nothing, since SQL decides who may send.
TTL = 15
_BATCH = 100
_BIGGEST = 2**63
_LONGEST = 3600

# Put back what a worker took and then died before it could start it.
_PUT_BACK = """
if redis.call('LREM', KEYS[1], 1, ARGV[1]) > 0 then redis.call('LPUSH', KEYS[2], ARGV[1]) end
"""


class Outcome(StrEnum):
    """What became of a job."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Task:
    """A job that was taken and may be run."""

    job: Job
    kind: str
    key: int
    timeout: float
    periodic: bool
    execution: Execution
    started_at: datetime


class Ledger:
    """All that the worker says to Redis; it blocks, so it is called in threads."""

    def __init__(self, worker: BaseWorker, queue: Queue, clock: Clock, poll: float) -> None:
        self._worker = worker
        self._poll = poll
        self._redis: redis.Redis = worker.connection
        self._queue = queue
        self._clock = clock
        self._seen: set[str] = set()

    def take(self, room: int) -> tuple[list[Task], list[str]]:
        """Up to `room` jobs, noted as started, and the ids of those that were refused."""
        ids = self._pop(room)
        if not ids:
            return [], []
        with self._redis.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hgetall(Job.key_for(job_id))
            rows = pipe.execute(raise_on_error=False)
        tasks, refused = [], []
        with self._redis.pipeline(transaction=True) as pipe:
            for job_id, row in zip(ids, rows, strict=True):
                if task := self._begin(pipe, job_id, row):
                    tasks.append(task)
                elif row:
                    self._refuse(pipe, job_id)
                    refused.append(job_id)
                pipe.lrem(self._queue.intermediate_queue_key, 1, job_id)
            pipe.execute()
        for task in tasks:
            self._worker.executions[task.execution.id] = task.execution
        return tasks, refused

    def _pop(self, room: int) -> list[str]:
        """Move ids to RQ's intermediate list, where a crash cannot lose them."""
        source, target = self._queue.key, self._queue.intermediate_queue_key
        # The library's types know whole seconds only, the server fractions too.
        wait: Any = self._poll
        first = self._redis.blmove(source, target, wait)
        if first is None:
            return []
        more = min(room - 1, _BATCH, int(self._redis.llen(source)))
        with self._redis.pipeline(transaction=False) as pipe:
            for _ in range(more):
                pipe.lmove(source, target)
            ids = [first, *pipe.execute()]
        # The same id twice in a batch is the same wake-up.
        return list(dict.fromkeys(as_text(i) for i in ids if i))

    def _begin(self, pipe: Any, job_id: str, row: Any) -> Task | None:
        call = _call(row)
        if call is None or not JOB_ID.fullmatch(job_id):
            return None
        job = HintJob(job_id, self._redis)
        job.origin = self._queue.name
        execution = Execution.create(job, TTL, pipe, self._worker.name)
        job.prepare_for_execution(self._worker.name, pipe)
        return Task(
            job=job,
            kind=call[0],
            key=call[1],
            timeout=_timeout(row.get(b"timeout")),
            periodic=_number(row.get(b"result_ttl")) < 0,
            execution=execution,
            started_at=self._clock.now(),
        )

    def _refuse(self, pipe: Any, job_id: str) -> None:
        key = Job.key_for(job_id)
        pipe.delete(key)
        pipe.hset(key, mapping={"status": JobStatus.FAILED.value, "origin": self._queue.name})
        self._fail(pipe, job_id, "refused: not a job of this application")

    def _fail(self, pipe: Any, job_id: str, reason: str) -> None:
        key = Job.key_for(job_id)
        now = self._clock.now()
        note = {
            "status": JobStatus.FAILED.value,
            "ended_at": utcformat(now),
            "exc_info": zlib.compress(reason.encode()),
        }
        pipe.hset(key, mapping=note)
        pipe.expire(key, FAILURE_TTL)
        pipe.zadd(self._queue.failed_job_registry.key, {job_id: now.timestamp() + FAILURE_TTL})

    def finish(self, ended: Sequence[tuple[Task, Outcome]]) -> None:
        """Note what became of jobs; may be said again after a fault."""
        now = self._clock.now()
        with self._redis.pipeline(transaction=True) as pipe:
            for task, outcome in ended:
                task.execution.delete(task.job, pipe)
                self._end(pipe, task, outcome, now)
            self._count(pipe, ended, now)
            pipe.execute()

    def forget(self, ended: Iterable[tuple[Task, Outcome]]) -> None:
        """Send no more heartbeats for them."""
        for task, _ in ended:
            self._worker.executions.pop(task.execution.id, None)

    def _end(self, pipe: Any, task: Task, outcome: Outcome, now: datetime) -> None:
        job = task.job
        match outcome:
            case Outcome.DONE if task.periodic:
                note = {"status": JobStatus.FINISHED.value, "ended_at": utcformat(now)}
                pipe.hset(job.key, mapping=note)
            case Outcome.DONE:
                pipe.delete(job.key)
            case Outcome.FAILED:
                self._fail(pipe, job.id, "failed or timed out, see the log")
            case Outcome.INTERRUPTED:
                pipe.hset(job.key, "status", JobStatus.QUEUED.value)
                pipe.lpush(self._queue.key, job.id)

    def _count(self, pipe: Any, ended: Sequence[tuple[Task, Outcome]], now: datetime) -> None:
        done = sum(outcome is Outcome.DONE for _, outcome in ended)
        failed = sum(outcome is Outcome.FAILED for _, outcome in ended)
        worked = sum((now - task.started_at).total_seconds() for task, _ in ended)
        pipe.hincrby(self._worker.key, "successful_job_count", done)
        pipe.hincrby(self._worker.key, "failed_job_count", failed)
        pipe.hincrbyfloat(self._worker.key, "total_working_time", worked)
        # The first counter after a FLUSHALL makes the key anew; it must not stay for ever.
        pipe.expire(self._worker.key, TTL)

    def beat(self, state: str) -> None:
        """Say that the worker and its jobs are alive; written whole, so it survives FLUSHALL."""
        worker = self._worker
        worker.last_heartbeat = self._clock.now()
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(worker.key, mapping={**worker.serialize(), "state": state})
            pipe.expire(worker.key, TTL)
            register(worker, pipe)
            pipe.expire(worker.executions_key, TTL)
            for execution in list(worker.executions.values()):
                execution.heartbeat(self._queue.started_job_registry, TTL, pipe)
            pipe.execute()

    def maintain(self) -> None:
        """Clear away what dead workers left. Every worker may do it, at any time."""
        self._put_back()
        try:
            clean_registries(self._queue)
            clean_worker_registry(self._queue)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            log.warning("there is something foreign in the queue: %s", type(error).__name__)

    def _put_back(self) -> None:
        """Queue again what was taken, and at two looks in a row not yet started."""
        source, target = self._queue.intermediate_queue_key, self._queue.key
        stuck = {as_text(i) for i in self._redis.lrange(source, 0, -1)}
        put_back = self._redis.register_script(_PUT_BACK)
        for job_id in stuck & self._seen:
            put_back(keys=[source, target], args=[job_id])
        self._seen = stuck

    def leave(self) -> None:
        """Say that the worker has ended; whatever it had started is nobody's then."""
        with self._redis.pipeline(transaction=True) as pipe:
            unregister(self._worker, pipe)
            pipe.delete(self._worker.key, self._worker.executions_key)
            pipe.execute()


def _call(row: Any) -> tuple[str, int] | None:
    """The two arguments, if the stored job is exactly ours."""
    try:
        path, instance, args, kwargs = json.loads(_unpacked(row[b"data"]))
    except (ValueError, LookupError, TypeError, RecursionError, zlib.error):
        return None
    if path != PATH or instance is not None or kwargs:
        return None
    match args:
        case [str(kind), int(key)] if not isinstance(key, bool) and abs(key) < _BIGGEST:
            return kind, key
        case _:
            return None


def _unpacked(packed: bytes) -> bytes:
    # Ours take some sixty bytes; a small text can unpack to very much.
    return zlib.decompressobj().decompress(packed, 4096)


def _timeout(text: bytes | None) -> float:
    seconds = _number(text)
    return seconds if 0 < seconds <= _LONGEST else float(Queue.DEFAULT_TIMEOUT)


def _number(text: bytes | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
