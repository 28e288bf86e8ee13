"""Log lines that tell which request and which chat they are about, and never what was said."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from asgi_correlation_id import correlation_id
from pythonjsonlogger.json import JsonFormatter

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_FIELDS: Final = "%(asctime)s %(levelname)s %(name)s %(message)s %(request)s %(job)s %(chat)s"
_NAMES: Final = {"asctime": "at", "levelname": "level", "name": "logger"}

_job: ContextVar[tuple[str, int | None] | None] = ContextVar("job", default=None)


class About(logging.Filter):
    """Adds the request, the job and the chat to each line that is written on their behalf."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through."""
        job, chat = _job.get() or (None, None)
        record.request, record.job, record.chat = correlation_id.get(), job, chat
        return True


@contextmanager
def working_on(job: str, chat: int | None) -> Iterator[None]:
    """The lines of this block are about that job, and that chat if it is about one."""
    token = _job.set((job, chat))
    try:
        yield
    finally:
        _job.reset(token)


def write_logs(form: str) -> None:
    """Write log lines to the error output: `text` for people, `json` for collectors."""
    handler = logging.StreamHandler()
    handler.addFilter(About())
    if form == "json":
        handler.setFormatter(JsonFormatter(_FIELDS, rename_fields=_NAMES))
    else:
        handler.setFormatter(logging.Formatter(_TEXT))
    logging.basicConfig(handlers=[handler], force=True)
    for name in ("bot", "plugins", "channels"):
        logging.getLogger(name).setLevel(logging.INFO)
