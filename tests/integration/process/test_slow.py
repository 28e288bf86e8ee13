"""Connections that bring nothing are closed, bodies that dribble are refused."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from itertools import repeat

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.serving import Server, open_port, server
from bot.web.patience import Patience

SHORT = timedelta(seconds=0.3)


async def _read(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(await request.body())} bytes")


@pytest.fixture(params=["h11", "httptools"])
async def base(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A server without much patience."""
    app = Starlette(
        routes=[Route("/", _read, methods=["GET", "POST"])],
        middleware=[Middleware(Patience, most=SHORT)],
    )
    ready = asyncio.Event()
    config = server(app, ready.set).config
    config.http = request.param
    web = Server(config, ready.set, headers=SHORT)
    port = open_port("127.0.0.1", 0, "web")
    task = asyncio.create_task(web.serve([port]))
    await ready.wait()
    yield f"http://127.0.0.1:{port.getsockname()[1]}"
    web.should_exit = True
    await task
    port.close()


@asynccontextmanager
async def line(base: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
    try:
        yield reader, writer
    finally:
        writer.close()


async def dribble(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """A few bytes now and then, for ever."""
    with suppress(OSError):
        for each in repeat(piece):
            writer.write(each)
            await writer.drain()
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.05)


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_header_that_never_ends_is_not_waited_for(base: str, first: bytes) -> None:
    async with asyncio.timeout(10), line(base) as (reader, writer):
        writer.write(first)
        dribbling = asyncio.create_task(dribble(writer, b"X-a: b\r\n" if first else b""))

        with suppress(ConnectionError):
            assert await reader.read() == b""

        dribbling.cancel()


async def test_after_an_answer_the_next_header_is_not_waited_for_either(base: str) -> None:
    async with asyncio.timeout(10), line(base) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
        dribbling = asyncio.create_task(dribble(writer, b"T"))

        with suppress(ConnectionError):
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 200")

        dribbling.cancel()


async def test_a_body_that_dribbles_is_refused(base: str) -> None:
    async with asyncio.timeout(10), line(base) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
        dribbling = asyncio.create_task(dribble(writer, b"x"))

        answer = await reader.readuntil(b"\r\n")
        dribbling.cancel()

    assert answer == b"HTTP/1.1 408 Request Timeout\r\n"


async def test_a_connection_that_goes_on_asking_is_kept(base: str) -> None:
    pause = asyncio.Event()
    async with asyncio.timeout(20), line(base) as (reader, writer):
        for _ in range(12):
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await reader.readuntil(b"0 bytes")
            assert answer.startswith(b"HTTP/1.1 200")
            with suppress(TimeoutError):
                await asyncio.wait_for(pause.wait(), 0.1)


async def test_two_hundred_of_them_leave_the_service_up(base: str) -> None:
    loris = [
        socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2]))) for _ in range(200)
    ]
    for each in loris:
        each.sendall(b"POST / HTTP/1.1\r\nX-a:")

    async with httpx2.AsyncClient(base_url=base) as http:
        answers = [await http.post("/", content=b"hello") for _ in range(20)]

    assert {answer.text for answer in answers} == {"5 bytes"}
    for each in loris:
        each.close()


async def test_a_body_that_is_there_is_answered_however_long_that_takes() -> None:
    gone = asyncio.Event()

    async def slow(request: Request) -> PlainTextResponse:
        await request.body()
        with suppress(TimeoutError):
            await asyncio.wait_for(gone.wait(), 3 * SHORT.total_seconds())
        return PlainTextResponse("there")

    app = Patience(Starlette(routes=[Route("/", slow, methods=["POST"])]), SHORT)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://x"
    ) as http:
        answer = await http.post("/", content=b"hello")

    assert answer.text == "there"
