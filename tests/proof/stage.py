"""Lets a test decide who goes on next: actors stop at every point where the world may change.

Between two points nobody else gets a turn, so a point stands before each transaction, after its
commit, before and after each call to the outside. A kill may also come at any statement.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import App
from bot.ports import Transaction
from tests.proof.inline import without_threads
from tests.story.world import Killed

Result = TypeVar("Result")

_current: ContextVar["Actor | None"] = ContextVar("actor", default=None)

POINTS = frozenset({"read", "write", "committed", "model", "send", "sent"})


class Actor:
    """Somebody who does one thing, from point to point."""

    def __init__(self, name: str, worker: str, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.worker = worker
        self.at = "start"
        self.statements_left: int | None = None
        self.told: object = None
        """What the model said to it."""
        self._loop = loop
        self._turn = loop.create_future()
        self._halted = loop.create_future()
        self.task: asyncio.Task[None] | None = None
        self.killed = False
        self.error: BaseException | None = None

    @property
    def gone(self) -> bool:
        """Whether it has nothing more to do."""
        return self.task is not None and self.task.done()

    async def wait(self, point: str) -> None:
        """Stop here until it is told to go on; or die here."""
        self.at = point
        self._turn = self._loop.create_future()
        if not self._halted.done():
            self._halted.set_result(None)
        await self._turn

    async def play(self, work: Callable[[], Awaitable[object]]) -> None:
        _current.set(self)
        await self.wait("start")
        await work()

    def go(self) -> None:
        """To the next point, or to the end."""
        self._turn.set_result(None)
        self._run()

    def die(self) -> None:
        """Here and now, as if the power were cut."""
        self._turn.set_exception(Killed())
        self._run()

    def cancel(self) -> None:
        """The job's time is over."""
        assert self.task is not None
        self.task.cancel()
        self._run()

    def run(self, work: Callable[[], Awaitable[object]]) -> None:
        """Begin; the first turn is still to come."""
        self.task = self._loop.create_task(self.play(work))
        self.task.add_done_callback(self._ended)
        self._loop.run_until_complete(self._halted)

    def _run(self) -> None:
        self._halted = self._loop.create_future()
        assert self.task is not None
        if not self.task.done():
            self._loop.run_until_complete(self._halted)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not self._halted.done():
            self._halted.set_result(None)
        # Asked for, so that nobody complains that it was not.
        error = None if task.cancelled() else task.exception()
        self.killed = isinstance(error, Killed)
        self.error = None if self.killed else error


class Stage:
    """The loop on which all actors play, and the points at which they stop."""

    def __init__(self, stops: frozenset[str] = POINTS) -> None:
        self.loop = asyncio.new_event_loop()
        self.stops = stops
        self.after: Callable[[], None] = lambda: None
        """Called after every transaction, before anybody else has a turn."""

    def actor(self, name: str, worker: str, work: Callable[[], Awaitable[object]]) -> Actor:
        actor = Actor(name, worker, self.loop)
        actor.run(work)
        return actor

    def do(self, work: Awaitable[Result]) -> Result:
        """All of it at once; nobody else has a turn."""

        async def alone() -> Result:
            _current.set(None)
            return await work

        return self.loop.run_until_complete(alone())

    async def point(self, name: str) -> None:
        """Where somebody else may have a turn."""
        actor = _current.get()
        if actor is not None and name in self.stops:
            await actor.wait(name)

    def statement(self) -> None:
        """Where an actor that is to die at a statement dies."""
        actor = _current.get()
        if actor is None or actor.statements_left is None:
            return
        actor.statements_left -= 1
        if actor.statements_left < 0:
            raise Killed

    @property
    def actor_now(self) -> Actor | None:
        """Whose turn it is."""
        return _current.get()

    def watch(self, app: App) -> None:
        """Put points around every transaction of that application."""
        database = app.database
        without_threads(database.engine, self.statement)
        read, write = database.read, database.write

        @asynccontextmanager
        async def watched_read() -> AsyncIterator[AsyncConnection]:
            await self.point("read")
            async with read() as connection:
                yield connection

        @asynccontextmanager
        async def watched_write() -> AsyncIterator[Transaction]:
            await self.point("write")
            async with write() as tx:
                yield tx
                callbacks = [*tx.callbacks]
                tx.callbacks.clear()
            self.after()
            await self.point("committed")
            for callback in callbacks:
                callback()

        database.read = watched_read
        database.write = watched_write

    def close(self) -> None:
        self.loop.close()
