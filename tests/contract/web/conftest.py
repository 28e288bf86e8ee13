"""A web app with two accounts over an in-memory runtime, and a way to read its streams."""

import asyncio
import importlib.util
import json
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

ORIGIN = "https://shop.example"


def _world() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "web_channel_world", Path(__file__).with_name("world.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def worlds() -> ModuleType:
    return _world()


@pytest.fixture
def world(worlds: ModuleType) -> Any:
    return worlds.World()


@pytest.fixture
def app(worlds: ModuleType, world: Any) -> Starlette:
    return worlds.app(world.channel("site", origins=[ORIGIN]), world.channel("other"))


@pytest.fixture
async def http(worlds: ModuleType, app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    async with worlds.client(app) as client:
        yield client


@dataclass
class Visitor:
    """Somebody with a token."""

    http: httpx2.AsyncClient
    token: str
    chat: int
    account: str = "site"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def say(self, text: object, message: object = "m1") -> httpx2.Response:
        body = {"id": message, "text": text}
        # By hand, because the client's own encoder refuses what attackers send.
        return await self.say_raw(json.dumps(body).encode())

    async def say_raw(self, body: Any) -> httpx2.Response:
        return await self.http.post(
            f"/web/{self.account}/messages", content=body, headers=self.headers
        )

    async def read(self, after: object = None, **headers: str) -> httpx2.Response:
        query = {} if after is None else {"after": str(after)}
        return await self.http.get(
            f"/web/{self.account}/messages", params=query, headers=self.headers | headers
        )


@pytest.fixture
def arrive(http: httpx2.AsyncClient) -> Any:
    async def arrive(account: str = "site") -> Visitor:
        reply = await http.post(f"/web/{account}/visitors", json={})
        return Visitor(http, reply.json()["token"], int(reply.json()["chat"]), account)

    return arrive


@pytest.fixture
async def visitor(arrive: Any) -> Visitor:
    return await arrive()


@dataclass
class Stream:
    """A client that holds a stream open; ASGI itself, as the test client waits for the end."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            self.started.set()
        else:
            self.chunks.put_nowait(message["body"])

    async def event(self) -> dict[str, Any]:
        """The next event: its fields, data as JSON."""
        async with asyncio.timeout(10):
            lines = (await self.chunks.get()).decode().splitlines()
        fields = dict(line.split(": ", 1) for line in lines if line)
        return {**fields, "data": json.loads(fields["data"])}


@pytest.fixture
async def listen(app: Starlette) -> AsyncIterator[Any]:
    tasks: list[asyncio.Task[None]] = []

    async def listen(visitor: Visitor, query: str = "", **headers: str) -> Stream:
        stream = Stream()
        told = {**visitor.headers, **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": f"/web/{visitor.account}/events",
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in told.items()],
            "root_path": "",
        }
        task = asyncio.create_task(app(scope, stream.receive, stream.send))
        task.add_done_callback(lambda _: stream.ended.set())
        tasks.append(task)
        async with asyncio.timeout(10):
            await stream.started.wait()
        return stream

    yield listen
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
