"""Log lines that tell which request and which chat they are about, and never what was said."""

import copy
import logging
import os
import sys
import sysconfig
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from asgi_correlation_id import correlation_id
from pythonjsonlogger.json import JsonFormatter

from bot.errors import BotError
from bot.telemetry.discretion import Secrets, told, traced

_TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"
_FIELDS: Final = "%(asctime)s %(levelname)s %(name)s %(message)s %(request)s %(job)s %(chat)s"
_NAMES: Final = {"asctime": "at", "levelname": "level", "name": "logger"}
_OURS: Final = frozenset({"bot", "plugins", "channels", "config"})
_LIBRARIES: Final = tuple(
    {sysconfig.get_path(kind) + os.sep for kind in ("purelib", "platlib", "stdlib")}
)

log = logging.getLogger(__name__)

_job: ContextVar[tuple[str, int | None] | None] = ContextVar("job", default=None)


class About(logging.Filter):
    """Adds the request, the job and the chat to each line that is written on their behalf."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through."""
        job, chat = _job.get() or (None, None)
        record.request, record.job, record.chat = correlation_id.get(), job, chat
        return True


class DiscreetHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic to checkers only
    """Writes to the error output what may be told; other handlers get the record as it was."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def handle(self, record: logging.LogRecord) -> bool:
        """Leave out what libraries tell below a warning, even where somebody lowers their levels.

        They tell whole requests, updates and statements there.
        """
        if record.levelno < logging.WARNING and _is_of_a_library(record):
            return False
        return bool(super().handle(record))

    def format(self, record: logging.LogRecord) -> str:
        """The line, without secrets, and without the words of others' errors."""
        return self._secrets.masked(super().format(_discreet(record, self._secrets)))


def _is_of_a_library(record: logging.LogRecord) -> bool:
    """By the logger's name, if it is a module's, and by where the line was written.

    The place alone would not do: what is compiled has none, and its caller's is told instead.
    """
    root = record.name.partition(".")[0]
    if root in _OURS:
        return False
    named = getattr(sys.modules.get(root), "__file__", None) or ""
    return record.pathname.startswith(_LIBRARIES) or named.startswith(_LIBRARIES)


def _discreet(record: logging.LogRecord, secrets: Secrets) -> logging.LogRecord:
    plain = copy.copy(record)
    plain.args = _safe(record.args)
    if isinstance(record.msg, BaseException):
        plain.msg = told(record.msg)
    # Masked here too: a formatter may spell it in another way.
    plain.msg, plain.args = secrets.masked(plain.getMessage()), None
    plain.exc_info = None
    plain.exc_text = None
    if record.exc_info and record.exc_info[1] is not None:
        plain.exc_text = secrets.masked(traced(record.exc_info[1]))
    return plain


def _safe(args: Any) -> Any:
    """Errors among the arguments as what may be told of them."""
    if isinstance(args, Mapping):
        return {key: _word(each) for key, each in args.items()}
    return tuple(_word(each) for each in args) if args else args


def _word(argument: object) -> object:
    if not isinstance(argument, BaseException) or isinstance(argument, BotError):
        return argument
    return told(argument)


@contextmanager
def working_on(job: str, chat: int | None) -> Iterator[None]:
    """The lines of this block are about that job, and that chat if it is about one."""
    token = _job.set((job, chat))
    try:
        yield
    finally:
        _job.reset(token)


def write_logs(form: str, secrets: Iterable[str] = ()) -> None:
    """Write log lines to the error output: `text` for people, `json` for collectors.

    What nobody catches, and what Python warns of, goes the same way, and nowhere else.
    """
    handler = DiscreetHandler(Secrets(secrets))
    handler.addFilter(About())
    if form == "json":
        handler.setFormatter(JsonFormatter(_FIELDS, rename_fields=_NAMES))
    else:
        handler.setFormatter(logging.Formatter(_TEXT))
    logging.basicConfig(handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in ("bot", "plugins", "channels"):
        logging.getLogger(name).setLevel(logging.INFO)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _uncaught(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    log.critical("nobody caught this", exc_info=error)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.critical("a thread ended early", exc_info=args.exc_value)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        log.error("an error where none can be raised", exc_info=args.exc_value)
