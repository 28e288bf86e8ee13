"""GET events: what was said and what will be, as server-sent events."""

import asyncio
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from bot.api import Delivery


async def test_a_stream_tells_what_was_said_and_then_what_is_said(
    visitor: Any, listen: Any, world: Any
) -> None:
    said = (await visitor.say("hello", "a1")).json()
    stream = await listen(visitor)

    before = await stream.event()
    world.say(visitor.chat, "Hello!\nHow can I help?")
    now = await stream.event()

    assert before == {"id": "1", "data": said}
    assert now["id"] == "2"
    assert now["data"]["text"] == "Hello!\nHow can I help?"
    assert now["data"]["from"] == "employee"


async def test_a_stream_is_neither_stored_nor_held_back(visitor: Any, listen: Any) -> None:
    stream = await listen(visitor)

    assert stream.status == 200
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no"


async def test_a_stream_begins_after_the_number_asked_for(
    visitor: Any, listen: Any, world: Any
) -> None:
    for number in range(1, 6):
        world.say(visitor.chat, f"message {number}")

    asked = await (await listen(visitor, "after=3")).event()

    assert asked["id"] == "4"


async def test_a_stream_is_resumed_where_the_last_one_broke_off(
    visitor: Any, listen: Any, world: Any
) -> None:
    for number in range(1, 6):
        world.say(visitor.chat, f"message {number}")

    resumed = await (await listen(visitor, "after=1", **{"Last-Event-ID": "4"})).event()

    assert resumed["id"] == "5"


async def test_a_long_history_is_told_in_full(visitor: Any, listen: Any, world: Any) -> None:
    for number in range(1, 451):
        world.say(visitor.chat, f"message {number}")
    stream = await listen(visitor)

    told = [(await stream.event())["id"] for _ in range(450)]

    assert told == [str(number) for number in range(1, 451)]


async def test_a_message_that_failed_is_not_told(visitor: Any, listen: Any, world: Any) -> None:
    world.deliver(world.say(visitor.chat, "failed"), Delivery.FAILED)
    world.deliver(world.say(visitor.chat, "sending"), Delivery.SENDING)

    assert (await (await listen(visitor)).event())["data"]["text"] == "sending"


async def test_news_that_got_lost_are_found(
    visitor: Any, listen: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules["channels.web.server"]
    monkeypatch.setattr(module, "LOOK_AGAIN", module.LOOK_AGAIN / 400)
    stream = await listen(visitor)
    world.silent_news = True

    world.say(visitor.chat, "nobody was told")

    assert (await stream.event())["data"]["text"] == "nobody was told"


async def test_nobody_hears_another_visitors_messages(arrive: Any, listen: Any, world: Any) -> None:
    ann, bob = await arrive(), await arrive()
    stream = await listen(bob)

    world.say(ann.chat, "for Ann")
    world.say(bob.chat, "for Bob")

    assert (await stream.event())["data"]["text"] == "for Bob"


async def test_a_client_that_leaves_is_forgotten(visitor: Any, listen: Any, world: Any) -> None:
    stream = await listen(visitor)
    world.say(visitor.chat, "hello")
    await stream.event()
    [followers] = world.followers.values()
    assert followers

    stream.gone.set()

    async with asyncio.timeout(10):
        await stream.ended.wait()
    assert not followers


@pytest.mark.parametrize("told", ["x", "-1", "1.0"])
async def test_a_strange_resume_position_is_refused(http: Any, visitor: Any, told: str) -> None:
    reply = await http.get("/web/site/events", headers={**visitor.headers, "Last-Event-ID": told})

    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"


async def test_a_server_with_open_streams_stops_when_asked(worlds: ModuleType) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(worlds.__file__ or "")), str(port), cwd=Path.cwd()
    )
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            visitor = await _arrive(http)
            headers = {"Authorization": f"Bearer {visitor['token']}"}
            async with http.stream("GET", "/web/site/events", headers=headers) as stream:
                assert stream.status_code == 200

                server.send_signal(signal.SIGINT)

                async with asyncio.timeout(5):
                    await server.wait()
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()


async def _arrive(http: httpx2.AsyncClient) -> Any:
    """The first visitor of a server that is still starting."""
    async with asyncio.timeout(30):
        while True:
            try:
                return (await http.post("/web/site/visitors")).json()
            except httpx2.ConnectError:
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.Event().wait(), 0.05)
