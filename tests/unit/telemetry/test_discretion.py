"""What a log line tells, whoever wrote it: no secret, no number, no words of others' errors."""

import asyncio
import io
import json
import logging
import sqlite3
import sys
import threading
import warnings
from collections.abc import Callable, Iterator

import httpx2
import pytest
from pydantic import BaseModel, ValidationError

from bot.errors import ChannelError, SettingsError
from bot.telemetry.discretion import Secrets, told, traced
from bot.telemetry.logs import DiscreetHandler, write_logs

CANARY = "canary-text-of-a-client"
SECRET = 'quoted"secret\\with signs'  # noqa: S105  a test's
TOKEN = "42:AAE_test-token_of_thirty-five_signs__"  # noqa: S105

Written = Callable[[], str]


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Everything that was logged, in that form; logging is as before afterwards."""
    root = logging.getLogger()
    kept = (root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook)
    write_logs(request.param, [SECRET])
    (handler,) = [each for each in root.handlers if isinstance(each, DiscreetHandler)]
    out = io.StringIO()
    handler.setStream(out)
    yield out.getvalue
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = kept[0], kept[1]
    sys.excepthook, threading.excepthook, sys.unraisablehook = kept[2:]


class Form(BaseModel):
    age: int


def _invalid() -> None:
    Form.model_validate({"age": CANARY})


def _quoted() -> None:
    raise ValueError(CANARY)


def _chained() -> None:
    try:
        _quoted()
    except ValueError as error:
        raise LookupError(f"no {CANARY}") from error


def _grouped() -> None:
    raise ExceptionGroup(CANARY, [ValueError(CANARY), KeyError(CANARY)])


def _noted() -> None:
    error = RuntimeError()
    error.add_note(CANARY)
    raise error


@pytest.mark.parametrize("fail", [_invalid, _quoted, _chained, _grouped, _noted])
def test_a_traceback_tells_places_and_kinds(written: Written, fail: Callable[[], None]) -> None:
    try:
        fail()
    except Exception:
        logging.getLogger("bot.worker").exception("the job failed")

    assert CANARY not in written()
    assert "the job failed" in written()
    assert fail.__name__ in written()
    assert "Error" in written() or "ExceptionGroup" in written()


def test_an_error_among_the_arguments_is_its_kind(written: Written) -> None:
    log = logging.getLogger("aiogram.event")
    log.error("Cause exception while process update\n%s: %s", "ValueError", ValueError(CANARY))
    log.error(ValueError(CANARY))
    log.error("%(it)s", {"it": ValueError(CANARY)})

    assert CANARY not in written()
    assert written().count("ValueError") >= 3


def test_what_we_say_ourselves_of_an_error_stays(written: Written) -> None:
    log = logging.getLogger("bot.answer")
    log.warning("chat %d: the channel did not take it: %s", 7, ChannelError("blocked"))

    assert "chat 7: the channel did not take it: blocked" in written()


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        (f"https://api.telegram.org/bot{TOKEN}/getMe", TOKEN),
        ("Authorization: Bearer abcdef.ghijkl", "abcdef"),
        ("postgresql://me:pass-word@db/name", "pass-word"),
        ("the 'To' number whatsapp:+491701112233 is not valid", "1701112233"),
        ("To=whatsapp%3A%2B491701112233&Body=x", "1701112233"),
        ("call +49 (170) 111-22-33 now", "22-33"),
        ("key sk-abcdefghijklmnop", "abcdefghijkl"),
        (f"it is {SECRET}", "with signs"),
        (f"<Task finished coro=<x()> exception=ValueError('{CANARY}')>", CANARY),
        (f"[type=int_parsing, input_value='{CANARY}', input_type=str]", CANARY),
    ],
)
def test_what_looks_like_a_secret_or_a_number_is_masked(
    written: Written, line: str, hidden: str
) -> None:
    logging.getLogger("httpx").warning(line)
    logging.getLogger("httpx").warning("%s", line)

    assert hidden not in written()
    assert "***" in written()


@pytest.mark.parametrize("library", [httpx2.__file__, asyncio.__file__])
def test_whole_requests_are_not_written_whatever_the_level(written: Written, library: str) -> None:
    for level in (logging.DEBUG, logging.INFO):
        _spoken("push_response", level, library)
        _spoken("httpx2.compiled", level, "/srv/shop/bot.py")

    assert written() == ""


def test_what_others_write_themselves_is_theirs_to_choose(written: Written) -> None:
    _spoken("shop.bot", logging.INFO, "/srv/shop/bot.py")
    _spoken("bot.roles", logging.INFO, httpx2.__file__)
    _spoken("httpx", logging.WARNING, httpx2.__file__)

    assert written().count("it works") == 3


def _spoken(name: str, level: int, path: str) -> None:
    record = logging.LogRecord(name, level, path, 1, "it works", None, None)
    logging.getLogger(name).handle(record)


def test_what_nobody_catches_is_told_the_same_way(written: Written) -> None:
    try:
        _quoted()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    worker = threading.Thread(target=_quoted)
    worker.start()
    worker.join()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"input_value='{CANARY}', input_type=str", stacklevel=1)

    assert CANARY not in written()
    assert "nobody caught this" in written()
    assert "a thread ended early" in written()


async def test_a_task_that_nobody_asked_tells_no_words(written: Written) -> None:
    async def fail() -> None:
        _quoted()

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler(
        {
            "message": "Task exception was never retrieved",
            "future": task,
            "exception": task.exception(),
        }
    )

    assert CANARY not in written()
    assert "never retrieved" in written()


def test_json_stays_json(written: Written) -> None:
    logging.getLogger("bot.x").error('it is "%s", +49 170 1112233\n"and" more', SECRET)

    assert "with signs" not in written()
    if written().startswith("{"):
        assert json.loads(written())["message"] == 'it is "***", +***\n"and" more'


def test_what_may_be_told_of_an_error() -> None:
    missing = AttributeError("x", name="sender")

    assert told(SettingsError("web.port: is taken")) == "SettingsError: web.port: is taken"
    assert told(missing) == "AttributeError: sender"
    assert told(AttributeError(CANARY)) == "AttributeError"
    assert told(AttributeError("x", name="what a client wrote")) == "AttributeError"
    assert told(ConnectionRefusedError(111, "Connection refused")) == (
        "ConnectionRefusedError: Connection refused"
    )
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(":memory:").execute(f"SELECT {CANARY}")
    assert told(caught.value) == "OperationalError: SQLITE_ERROR"


def test_an_error_that_led_to_itself_ends() -> None:
    one, other = ValueError(CANARY), KeyError(CANARY)
    one.__cause__, other.__cause__ = other, one

    assert traced(one) == "KeyError\n\nThat led to this:\n\nValueError"


def test_a_short_secret_does_not_blacken_everything() -> None:
    assert Secrets(["on", ""]).masked("on Monday") == "on Monday"


def test_a_validation_error_tells_no_input() -> None:
    with pytest.raises(ValidationError) as caught:
        _invalid()

    assert CANARY not in traced(caught.value)
