"""What happens when an employee answers.

Claim the chat (token and lease), ask the voice outside of any transaction, then pass the gate:
one transaction that checks that nothing changed meanwhile and records the intent to send. A
client who wrote again gets one answer to both messages. A crash before the gate is answered
after the lease; a crash after it is never answered twice.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, select

from bot.errors import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ModelError,
    UnknownDeliveryError,
    WindowClosedError,
)
from bot.hooks import Hooks
from bot.inbox import ANSWER
from bot.model import Chat, Delivery, Message, Reply
from bot.outbox import SEND_TIMEOUT
from bot.plugin import Runtime
from bot.ports import Responder, Transaction
from bot.store.chats import change_chat, chat_of
from bot.store.tables import chats

log = logging.getLogger(__name__)

HISTORY = 60
_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800))


@dataclass(frozen=True, slots=True)
class Claim:
    """A chat that this worker alone may answer until the lease ends."""

    chat: Chat
    token: str
    failures: int


@dataclass(frozen=True, slots=True)
class Answers:
    """Has employees answer; `job` is where a wake-up of the kind `answer` arrives."""

    runtime: Runtime
    responder: Responder
    hooks: Hooks

    async def job(self, key: int) -> None:
        """Answer the chat's latest client message, if it still waits for that."""
        claim = await self._claim(key)
        if claim is None:
            return
        try:
            reply = await self._compose(claim.chat)
        except ModelError as error:
            log.warning("chat %d: no answer from the model: %s", key, error)
            await self._try_later(claim, _PAUSES)
            return
        async with self.runtime.database.write() as tx:
            chat = await self._gate(tx, claim)
            if chat is None:
                return
            message = await self.runtime.outbox.post(tx, chat, reply)
        await self._deliver(claim, message)

    async def _compose(self, chat: Chat) -> Reply:
        async with self.runtime.database.read() as connection:
            employee = await self.runtime.directory.employee(connection, chat.employee)
        if employee is None:
            raise LookupError(f"employee {chat.employee} is gone")
        history = await self.runtime.chats.latest(chat.id, HISTORY)
        return await self.responder.answer(employee, history)

    async def _claim(self, key: int) -> Claim | None:
        now = self.runtime.clock.now()
        async with self.runtime.database.write() as tx:
            row = await _held(tx, key)
            if row is None or row["answer_at"] is None or row["answer_at"] > now:
                return None
            if row["answer_lease"] is not None and row["answer_lease"] > now:
                return None
            token = f"{self.runtime.worker}:{uuid4().hex}"
            lease = now + self.runtime.model_timeout + 2 * SEND_TIMEOUT
            await change_chat(tx.connection, key, {"answer_token": token, "answer_lease": lease})
            return Claim(chat_of(row), token, row["answer_failures"])

    async def _gate(self, tx: Transaction, claim: Claim) -> Chat | None:
        """The held chat if this answer may be sent; otherwise whoever changed it is next."""
        row = await _held(tx, claim.chat.id)
        if row is None or row["answer_token"] != claim.token:
            return None
        free: dict[str, Any] = {"answer_token": None, "answer_lease": None}
        chat = chat_of(row)
        if chat.client_n != claim.chat.client_n or chat.paused_since is not None:
            await change_chat(tx.connection, chat.id, free)
            if row["answer_at"] is not None:
                self._wake(tx, chat.id, row["answer_at"], turn=1)
            return None
        await change_chat(tx.connection, chat.id, free | {"waiting_since": None, "answer_at": None})
        return chat

    async def _deliver(self, claim: Claim, message: Message) -> None:
        try:
            external_id = await self.runtime.outbox.deliver(claim.chat, message)
        except UnknownDeliveryError:
            await self.settle(message, Delivery.UNCERTAIN)
        except (ChatUnreachableError, WindowClosedError) as error:
            await self._failed(claim, message, error, pauses=())
        except ChannelError as error:
            await self._failed(claim, message, error, pauses=_PAUSES)
        else:
            await self.settle(message, Delivery.SENT, external_id)

    async def settle(
        self, message: Message, delivery: Delivery, external_id: str | None = None
    ) -> None:
        """The answer is out, or may be; tell the plugins."""
        async with self.runtime.database.write() as tx:
            chat = await self.runtime.directory.lock_chat(tx, message.chat)
            if chat is None:
                return
            await self.runtime.outbox.settle(tx, message, delivery, external_id)
            await self.hooks.tell(tx, lambda plugin: plugin.employee_wrote(tx, chat, message))

    async def _failed(
        self, claim: Claim, message: Message, error: ChannelError, pauses: tuple[timedelta, ...]
    ) -> None:
        log.warning("chat %d: the channel did not take the answer: %s", claim.chat.id, error)
        async with self.runtime.database.write() as tx:
            await self.runtime.outbox.settle(tx, message, Delivery.FAILED)
        wait = error.wait if isinstance(error, ChannelBusyError) else timedelta()
        await self._try_later(claim, pauses, wait)

    async def _try_later(
        self, claim: Claim, pauses: tuple[timedelta, ...], wait: timedelta = timedelta()
    ) -> None:
        """Wait longer each time; at last give up until the client writes again."""
        now = self.runtime.clock.now()
        again: datetime | None = None
        if claim.failures < len(pauses):
            again = now + max(pauses[claim.failures], wait)
        async with self.runtime.database.write() as tx:
            chat = await self.runtime.directory.lock_chat(tx, claim.chat.id)
            if chat is None or chat.client_n != claim.chat.client_n:
                return
            values = {
                "waiting_since": claim.chat.waiting_since,
                "answer_at": again,
                "answer_token": None,
                "answer_lease": None,
                "answer_failures": claim.failures + 1,
            }
            await change_chat(tx.connection, chat.id, values)
            if again is not None:
                self._wake(tx, chat.id, again)

    def _wake(self, tx: Transaction, key: int, at: datetime, turn: int = 0) -> None:
        tx.after_commit(lambda: self.runtime.jobs.wake(ANSWER, key, at, turn))


async def _held(tx: Transaction, chat: int) -> RowMapping | None:
    query = select(chats).where(chats.c.id == chat).with_for_update()
    return (await tx.connection.execute(query)).mappings().one_or_none()
