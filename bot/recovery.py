"""What is done about answers that somebody began and nobody finished, from SQL alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answer import Answers
from bot.inbox import ANSWER
from bot.managers import SqlManagers
from bot.model import Author, Delivery, Message
from bot.outbox import SEND_TIMEOUT
from bot.plugin import Runtime
from bot.ports import turn
from bot.store.chats import change_chat, free_answers, unfinished_answers
from bot.store.tables import chats

_BATCH = 1000
_DUE = (
    select(chats.c.id, chats.c.answer_at, chats.c.answer_lease, chats.c.paused_since)
    .where(chats.c.answer_at <= bindparam("now"))
    .order_by(chats.c.answer_at)
    .limit(_BATCH)
    .offset(bindparam("seen"))
)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Takes up answers after a crash, a lost wake-up, or an emptied Redis."""

    runtime: Runtime
    answers: Answers
    managers: SqlManagers

    async def release(self) -> None:
        """Take back what a dead predecessor of this process had claimed."""
        async with self.runtime.database.write() as tx:
            await free_answers(tx.connection, self.runtime.worker)

    async def sweep(self) -> None:
        """Wake the chats that wait for an answer, and settle what was being sent."""
        now = self.runtime.clock.now()
        async with self.runtime.database.read() as connection:
            waiting = await waiting_for_answers(connection, now)
            unfinished = await unfinished_answers(connection, now - 2 * SEND_TIMEOUT)
        for key, at in waiting:
            self.runtime.jobs.wake(ANSWER, key, at, turn(now - at))
        for message in unfinished:
            await self._finish(message)

    async def _finish(self, message: Message) -> None:
        async with self.runtime.database.read() as connection:
            chat = await self.runtime.directory.chat(connection, message.chat)
        if chat is None:
            return
        arrived = await self.runtime.inquiry.was_sent(chat, message)
        if message.author is Author.MANAGER:
            await self.managers.finish(message, arrived=arrived)
        elif arrived is False:
            await self._answer_again(message)
        else:
            await self.answers.settle(message, Delivery.SENT if arrived else Delivery.UNCERTAIN)

    async def _answer_again(self, message: Message) -> None:
        """The channel says that it never got it: the client waits, if nobody wrote meanwhile."""
        now = self.runtime.clock.now()
        async with self.runtime.database.write() as tx:
            chat = await self.runtime.directory.lock_chat(tx, message.chat)
            await self.runtime.outbox.settle(tx, message, Delivery.FAILED)
            if chat is not None and chat.last_n == message.n:
                waits = {"waiting_since": now, "answer_at": now}
                await change_chat(tx.connection, chat.id, waits)
                tx.after_commit(partial(self.runtime.jobs.wake, ANSWER, chat.id, now))


async def waiting_for_answers(
    connection: AsyncConnection, now: datetime
) -> Sequence[tuple[int, datetime]]:
    """Chats that nobody answers and nobody holds, the longest waiting first, and since when.

    Asked by the moment alone: with more in the question, PostgreSQL reads all chats for it as long
    as nobody has counted them, as after a restore.
    """
    found: list[tuple[int, datetime]] = []
    for page in count():
        seen = {"now": now, "seen": page * _BATCH}
        rows = (await connection.execute(_DUE, seen)).all()
        found += [
            (key, at)
            for key, at, lease, paused in rows
            if paused is None and (lease is None or lease <= now)
        ]
        if len(rows) < _BATCH or len(found) >= _BATCH:
            break
    return found
