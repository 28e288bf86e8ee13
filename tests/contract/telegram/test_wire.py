"""What a driver tells when the network fails: surely not sent, or nobody knows."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import pytest

from channels.telegram.options import TelegramOptions
from channels.telegram.server import _DRIVERS
from channels.telegram.wire import NoAnswerError, NotReachedError, RefusedError, Wire, answered
from tests.contract.telegram.stage import TOKEN, Stage

HELLO = {"chat_id": 5, "text": "Hello"}


@pytest.fixture
async def wires(stage: Stage) -> AsyncIterator[Any]:
    """Call it with an address for a bot's connection there."""
    made: list[Wire] = []

    def wire(base: str) -> Wire:
        options = TelegramOptions(token=TOKEN, driver=stage.driver, api_base=base)
        made.append(import_module(_DRIVERS[stage.driver]).wire(options))
        return made[-1]

    yield wire
    for each in made:
        await each.close()


@pytest.mark.parametrize(("mood", "arrived"), [("hang", 0), ("taken, then hang", 1)])
async def test_a_timeout_after_the_question_tells_nothing(
    stage: Stage, wires: Any, mood: str, arrived: int
) -> None:
    stage.telegram.plan("sendMessage", mood)

    with pytest.raises(NoAnswerError):
        await wires(stage.chaos.url).call("sendMessage", HELLO, 1.0)

    assert len(stage.telegram.asked("sendMessage")) == 1
    assert len(stage.delivered) == arrived


async def test_a_timeout_before_there_is_a_connection_sent_nothing(wires: Any) -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        place = full.getsockname()
        for _ in range(4):
            # Nobody takes them, so the next one is not even greeted.
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(place)

        with pytest.raises(NotReachedError):
            await wires(f"http://127.0.0.1:{place[1]}").call("sendMessage", HELLO, 1.0)


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://no-such-host.invalid"])
async def test_without_a_server_nothing_was_sent(wires: Any, base: str) -> None:
    with pytest.raises(NotReachedError) as told:
        await wires(base).call("sendMessage", HELLO, 5.0)

    assert TOKEN not in str(told.value)


async def test_nobody_else_is_asked_whatever_the_answer_says(wires: Any) -> None:
    asked: list[bytes] = []

    async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n"))
        writer.write(
            b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n"
            b"Connection: close\r\n\r\n"
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(moved, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NoAnswerError):
            await wires(f"http://127.0.0.1:{port}").call("sendMessage", HELLO, 5.0)

    assert len(asked) == 1


async def test_a_result_comes_as_telegram_wrote_it(stage: Stage, wires: Any) -> None:
    sent = await wires(stage.chaos.url).call("sendMessage", HELLO)

    assert sent["chat"] == {"id": 5, "type": "private", "first_name": "Client"}
    assert sent["text"] == "Hello"


async def test_a_refusal_comes_with_all_that_it_tells(stage: Stage, wires: Any) -> None:
    stage.telegram.plan("sendMessage", "very busy")

    with pytest.raises(RefusedError) as told:
        await wires(stage.chaos.url).call("sendMessage", HELLO)

    assert told.value.code == 429
    assert told.value.parameters == {"retry_after": 7}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (302, b""),
        (500, b'{"ok": false, "error_code": 500}'),
        (200, b'{"ok": false, "error_code": 502}'),
        (504, b"\xff"),
        (500, b'{"ok": true, "result": 1}'),
    ],
)
def test_an_answer_that_is_not_clear_is_none(status: int, body: bytes) -> None:
    with pytest.raises(NoAnswerError):
        answered(status, body)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b"<html>", 400),
        (413, b"", 413),
        (403, b'{"ok": false, "error_code": 403, "description": "no"}', 403),
        (200, b'{"ok": false, "error_code": 400}', 400),
        (429, b'{"ok": false, "parameters": 7}', 429),
    ],
)
def test_a_clear_no_is_a_refusal(status: int, body: bytes, code: int) -> None:
    with pytest.raises(RefusedError) as told:
        answered(status, body)
    assert told.value.code == code
