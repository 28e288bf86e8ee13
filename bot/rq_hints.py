"""The one shape of job that is ever written to Redis, and ever believed when it is read."""

from collections.abc import Mapping
from typing import Any

import redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUE = "followup"
PATH = "bot.worker.run"
FAILURE_TTL = 3600


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


def as_text(value: bytes | str | None) -> str:
    """What Redis answers, as text; nothing is empty."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value or ""
