"""A real embedded server for each test, and what the tests watch it with."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.jobs import RqJobs
from bot.mover import Mover
from bot.redis_link import connect, rest
from bot.rq_worker import AsyncWorker

Until = Callable[[Callable[[], Any]], Awaitable[None]]
Running = Callable[..., AbstractAsyncContextManager[Any]]


class Seen:
    """A handler that remembers; it ends only when `gate` is open."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self.moments: list[datetime] = []
        self.running = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, kind: str, key: int) -> None:
        self.calls.append((kind, key))
        self.moments.append(datetime.now(UTC))  # noqa: TID251 - it is the real time that is judged
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.gate.wait()
        finally:
            self.running -= 1


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def link(server: EmbeddedRedis) -> Iterator[redis.Redis]:
    with connect(server.url) as link:
        yield link


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def until() -> Until:
    async def wait(condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await rest(0.02)

    return wait


@pytest.fixture
async def jobs(link: redis.Redis) -> AsyncIterator[RqJobs]:
    jobs = RqJobs(link, SystemClock(), timedelta(seconds=30))
    task = asyncio.create_task(jobs.run())
    yield jobs
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def working(link: redis.Redis, seen: Seen) -> Running:
    @asynccontextmanager
    async def work(handler: Any = seen, **options: Any) -> AsyncIterator[AsyncWorker]:
        worker = AsyncWorker(link, handler, poll=timedelta(milliseconds=50), **options)
        task = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            await worker.stop()
            await task

    return work


@pytest.fixture
def mover(link: redis.Redis, server: EmbeddedRedis) -> Iterator[Mover]:
    mover = Mover(link, {}, server, poll=timedelta(milliseconds=20))
    mover.start()
    yield mover
    mover.stop()


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"mover", "embedded-redis"}
