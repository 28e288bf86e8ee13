"""SQLite has one writer at a time; those who wait for their turn are committed together."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncTransaction

from bot.ports import Transaction

_MOST = 50
"""So many are committed together at most: more would gain little, and wait for one another."""
_LOST = "the transaction was rolled back when another turn in it failed"


class Turns:
    """Writers in the order in which they came; the disk is synced once for all who were waiting.

    Whoever is alone is committed at once. Who waits goes on in the transaction of the one before,
    in a savepoint: a fault undoes its own turn alone. Nobody returns before all of it is on disk.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._open: _Group | None = None

    @asynccontextmanager
    async def write(self, *, inline: bool) -> AsyncIterator[Transaction]:
        """As `Database.write`; `inline` where no statement takes long."""
        async with self._next():
            group = self._open or await _begun(self._engine)
            tx = Transaction(group.connection)
            async with self._part(group, inline=inline):
                yield tx
            alone = group.size == 1 and not self._waiting
            if alone:
                await group.commit()
                group.done.set_result(None)
            else:
                # They are called in this task's context, also if it is cancelled meanwhile.
                group.done.add_done_callback(partial(_tell, tx.callbacks))
                await self._leave_open(group)
        if alone:
            _tell(tx.callbacks, group.done)
        else:
            # Who gives up here takes nothing from the others.
            await asyncio.shield(group.done)

    @asynccontextmanager
    async def _next(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    @asynccontextmanager
    async def _part(self, group: "_Group", *, inline: bool) -> AsyncIterator[None]:
        """A turn in that transaction: all of it or nothing."""
        whole = False
        try:
            await group.enter(inline=inline)
            yield
            await group.leave()
            whole = True
        finally:
            if not whole:
                await self._undo(group)

    async def _undo(self, group: "_Group") -> None:
        alone = False
        try:
            alone = await group.undo()
        finally:
            if not alone:
                self._open = None
                await group.lose()

    async def _leave_open(self, group: "_Group") -> None:
        """To those who wait now; whoever comes later finds it closed."""
        if self._open is None:
            self._open = group
            group.closing = asyncio.create_task(self._close(group))
        elif group.size == _MOST:
            self._open = None
            await asyncio.shield(asyncio.create_task(group.end()))

    async def _close(self, group: "_Group") -> None:
        async with self._turn:
            if self._open is group:
                self._open = None
                await group.end()


class _Group:
    """One transaction of the database, in which several have their turns.

    `done` once it is on disk, or with the fault for which it never will be.
    """

    def __init__(self, transaction: AsyncTransaction, driver: Any, stack: AsyncExitStack) -> None:
        self.connection = transaction.connection
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.size = 0
        self.closing: asyncio.Task[None] | None = None
        self._transaction = transaction
        self._driver = driver
        self._stack = stack

    async def enter(self, *, inline: bool) -> None:
        """The first one needs no savepoint: nothing else is lost with it."""
        self._driver.inline = inline
        if self.size:
            await self._driver.execute("SAVEPOINT turn")

    async def leave(self) -> None:
        """What was done since `enter` belongs to the transaction."""
        if self.size:
            await self._driver.execute("RELEASE turn")
        self.size += 1

    async def undo(self) -> bool:
        """Undo what was done since `enter`, unless that is all, or all is lost already.

        On some faults, a full disk for one, SQLite rolls back the whole transaction by itself.
        """
        if not self.size or not self._driver.in_transaction:
            return False
        self._driver.inline = True
        await self._driver.execute("ROLLBACK TO turn")
        await self._driver.execute("RELEASE turn")
        return True

    async def lose(self) -> None:
        """Undo everything; those who had their turns before hear of it."""
        self._driver.inline = False
        await self._transaction.rollback()
        await self._stack.aclose()
        if self.size:
            self.done.set_exception(OperationalError("COMMIT", {}, sqlite3.OperationalError(_LOST)))

    async def commit(self) -> None:
        """Put it on disk, which is worth a thread."""
        self._driver.inline = False
        await self._stack.aclose()

    async def end(self) -> None:
        """The same, and tell everybody who waits for it."""
        try:
            await self.commit()
        except SQLAlchemyError as error:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


async def _begun(engine: AsyncEngine) -> _Group:
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(engine.connect())
        transaction = await stack.enter_async_context(connection.begin())
        # At once: a reader that becomes a writer would fail without waiting.
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        driver = (await connection.get_raw_connection()).driver_connection
        return _Group(transaction, driver, stack.pop_all())


def _tell(callbacks: Sequence[Callable[[], None]], done: asyncio.Future[None]) -> None:
    if not done.cancelled() and done.exception() is None:
        for callback in callbacks:
            callback()
