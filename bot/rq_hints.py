"""The one shape of job that is ever written to Redis, and ever believed when it is read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

QUEUE = "followup"
PATH = "bot.worker.run"
NEWS = "followup:hints"
"""Where the moment of a hint is told that is due before a mover may look again."""
FAILURE_TTL = 3600
JOB_ID = re.compile(r"[A-Za-z0-9_-]+")
LIVE = frozenset({JobStatus.QUEUED, JobStatus.SCHEDULED, JobStatus.STARTED})


class HintJob(Job):
    """A job that can only be JSON, and that never leads RQ to import or call what it names.

    Whoever can write to Redis could otherwise have callbacks and web hooks run by our processes.
    """

    def __init__(
        self,
        id: str | None = None,  # noqa: A002 - RQ's own name for it
        connection: redis.Redis | None = None,
        serializer: Any = None,
    ) -> None:
        del serializer
        super().__init__(id, connection, JSONSerializer)

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Read a job; one that makes no sense is as good as none."""
        try:
            super().restore(raw_data)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise NoSuchJobError("not a job of this application") from error
        self._success_callback_name = None
        self._failure_callback_name = None
        self._stopped_callback_name = None
        self.webhooks = []
        self.retries_left = None


def hint_queue(connection: redis.Redis) -> Queue:
    """The application's queue."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=HintJob)


def job_states(connection: redis.Redis, job_ids: Sequence[str]) -> dict[str, str]:
    """The status of each; none for one that does not exist, or whose worker died with it."""
    with connection.pipeline(transaction=False) as pipe:
        for job_id in job_ids:
            pipe.hmget(Job.key_for(job_id), "status", "worker_name")
        rows = dict(zip(job_ids, pipe.execute(), strict=True))
    states = {job_id: as_text(status) for job_id, (status, _) in rows.items()}
    started = [job_id for job_id, state in states.items() if state == JobStatus.STARTED]
    with connection.pipeline(transaction=False) as pipe:
        for job_id in started:
            pipe.exists(f"{BaseWorker.redis_worker_namespace_prefix}{as_text(rows[job_id][1])}")
        for job_id, alive in zip(started, pipe.execute(), strict=True):
            states[job_id] = states[job_id] if alive else ""
    return states


def as_text(value: bytes | str | None) -> str:
    """What Redis answered, as text; nothing is empty."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""
