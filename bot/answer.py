"""What happens when an employee answers.

Claim the chat (token and lease), ask the voice outside of any transaction, then pass the gate:
one transaction that checks that nothing changed meanwhile and records the intent to send. A
client who wrote again gets one answer to both messages. A crash before the gate is answered
after the lease; a crash after it is never answered twice.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, bindparam, select, update

from bot.errors import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ModelError,
    UnknownDeliveryError,
    WindowClosedError,
)
from bot.hooks import Hooks
from bot.inbox import ANSWER, Account
from bot.model import Author, Chat, Delivery, Message, Reply
from bot.networks import Typist
from bot.optout import Wish, farewell, wish_in
from bot.outbox import LONGEST_WAIT, SEND_TIMEOUT
from bot.plugin import Runtime
from bot.ports import Responder, Transaction
from bot.store.chats import change_chat
from bot.store.rows import chat_of
from bot.store.tables import chats
from bot.typing import typing

log = logging.getLogger(__name__)

HISTORY = 60
_FREE: dict[str, Any] = {"answer_token": None, "answer_lease": None}
# The time has come to answer, and nobody else does it.
_CLAIMED = (
    update(chats)
    .where(
        chats.c.id == bindparam("key"),
        chats.c.answer_at <= bindparam("now"),
        chats.c.paused_since.is_(None),
        chats.c.answer_lease.is_(None) | (chats.c.answer_lease <= bindparam("now")),
    )
    .returning(chats)
)
_HELD = select(chats).where(chats.c.id == bindparam("key")).with_for_update()
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800))


@dataclass(frozen=True, slots=True)
class Claim:
    """A chat that this worker alone may answer until the lease ends."""

    chat: Chat
    token: str
    failures: int

    def failed(self) -> "Claim":
        """The same after one more failure."""
        return replace(self, failures=self.failures + 1)


@dataclass(frozen=True, slots=True)
class Answers:
    """Has employees answer; `job` is where a wake-up of the kind `answer` arrives."""

    runtime: Runtime
    responder: Responder
    hooks: Hooks
    typists: Mapping[str, Typist] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)

    async def job(self, key: int) -> None:
        """Answer the chat's latest client message, if it still waits for that."""
        claim = await self._claim(key)
        if claim is None:
            return
        outbox = self.runtime.outbox
        try:
            if wait := await outbox.held(claim.chat):
                await self._later(claim, wait)
                return
            async with typing(self.typists.get(claim.chat.ref.account), claim.chat):
                reply = await self._compose(claim.chat)
        except ModelError as error:
            log.warning("chat %d: no answer from the model: %s", key, error)
            await self._not_composed(claim)
            return
        if wait := await outbox.slot(claim.chat):
            await self._later(claim, wait)
            return
        async with self.runtime.database.write() as tx:
            chat = await self._still_wanted(tx, claim)
            if chat is None:
                return
            await self._over(tx, chat)
            message = await outbox.post(tx, chat, reply)
        await self._deliver(claim, message)

    async def _over(self, tx: Transaction, chat: Chat) -> None:
        """Nobody waits any more, except who wrote again before a wish was confirmed."""
        done: dict[str, Any] = {"farewell_n": None, **_FREE}
        again = chat.farewell_n is not None and chat.farewell_n < chat.client_n
        if not again:
            done |= {"waiting_since": None, "answer_at": None}
        await change_chat(tx.connection, chat.id, done)
        if again:
            self._wake(tx, chat.id, self.runtime.clock.now(), turn=1)

    async def _compose(self, chat: Chat) -> Reply:
        async with self.runtime.database.read() as connection:
            employee = await self.runtime.directory.employee(connection, chat.employee)
        if employee is None:
            raise LookupError(f"employee {chat.employee} is gone")
        history = await self.runtime.chats.latest(chat.id, HISTORY)
        wish = _wish_in(chat, history)
        return wish or await self.responder.answer(employee, history)

    async def _claim(self, key: int) -> Claim | None:
        now = self.runtime.clock.now()
        token = f"{self.runtime.worker}:{uuid4().hex}"
        lease = now + self.runtime.model_timeout + LONGEST_WAIT + 2 * SEND_TIMEOUT
        claimed = {"answer_token": token, "answer_lease": lease}
        async with self.runtime.database.write() as tx:
            found = await tx.connection.execute(_CLAIMED, {"key": key, "now": now, **claimed})
            row = found.mappings().one_or_none()
            if row is None:
                return None
            if self._is_foreign(row["account"]):
                await change_chat(tx.connection, key, {"answer_at": None, **_FREE})
                return None
            return Claim(chat_of(row), token, row["answer_failures"])

    def _is_foreign(self, account: str) -> bool:
        """Whether other code answers there, be it since a moment ago."""
        known = self.accounts.get(account)
        return known is not None and not known.answers

    async def _still_wanted(self, tx: Transaction, claim: Claim) -> Chat | None:
        """The held chat if this claim's answer is still to be given; otherwise it ends here.

        Not if the client wrote once more, or if somebody else answered or took the chat.
        """
        row = await _held(tx, claim.chat.id)
        if row is None or row["answer_token"] != claim.token:
            return None
        chat = chat_of(row)
        if chat.client_n == claim.chat.client_n and _is_wanted(row):
            return chat
        await change_chat(tx.connection, chat.id, _FREE)
        if _is_wanted(row):
            self._wake(tx, chat.id, row["answer_at"], turn=1)
        return None

    async def _later(self, claim: Claim, wait: timedelta) -> None:
        """The network's limits want it later; that is nobody's failure."""
        async with self.runtime.database.write() as tx:
            chat = await self._still_wanted(tx, claim)
            if chat is not None:
                await self._put_off(tx, chat, claim, self.runtime.clock.now() + wait)

    async def _not_composed(self, claim: Claim) -> None:
        async with self.runtime.database.write() as tx:
            chat = await self._still_wanted(tx, claim)
            if chat is not None:
                await self._put_off(tx, chat, claim.failed(), self._next_try(claim, PAUSES))

    async def _deliver(self, claim: Claim, message: Message) -> None:
        try:
            external_id = await self.runtime.outbox.deliver(claim.chat, message)
        except UnknownDeliveryError as error:
            log.warning("chat %d: the fate of an answer is unknown: %s", message.chat, error)
            if not self.runtime.outbox.can_ask(claim.chat):
                await self.settle(message, Delivery.UNCERTAIN)
        except (ChatUnreachableError, WindowClosedError) as error:
            await self._failed(claim, message, error, pauses=())
        except ChannelError as error:
            await self._failed(claim, message, error, pauses=PAUSES)
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
            if await self.runtime.outbox.settle(tx, message, delivery, external_id):
                await self.hooks.tell(tx, lambda plugin: plugin.employee_wrote(tx, chat, message))

    async def _failed(
        self, claim: Claim, message: Message, error: ChannelError, pauses: tuple[timedelta, ...]
    ) -> None:
        """Surely not sent: the client waits again, unless somebody wrote meanwhile."""
        log.warning("chat %d: the channel did not take the answer: %s", claim.chat.id, error)
        wait = error.wait if isinstance(error, ChannelBusyError) else timedelta()
        async with self.runtime.database.write() as tx:
            chat = await self.runtime.directory.lock_chat(tx, message.chat)
            await self.runtime.outbox.settle(tx, message, Delivery.FAILED)
            if chat is not None and chat.last_n == message.n:
                again = self._next_try(claim, pauses, wait)
                await self._put_off(tx, chat, claim.failed(), again)

    def _next_try(
        self, claim: Claim, pauses: tuple[timedelta, ...], wait: timedelta = timedelta()
    ) -> datetime | None:
        """Longer after each failure; at last never, until the client writes again."""
        if claim.failures >= len(pauses):
            return None
        return self.runtime.clock.now() + max(pauses[claim.failures], wait)

    async def _put_off(
        self, tx: Transaction, chat: Chat, claim: Claim, again: datetime | None
    ) -> None:
        """Wait until then; in a paused chat until the employee has it again."""
        values = {
            "waiting_since": claim.chat.waiting_since,
            "answer_at": again if chat.paused_since is None else None,
            "answer_failures": claim.failures,
            "farewell_n": claim.chat.farewell_n,
            **_FREE,
        }
        await change_chat(tx.connection, chat.id, values)
        if values["answer_at"] is not None:
            self._wake(tx, chat.id, values["answer_at"])

    def _wake(self, tx: Transaction, key: int, at: datetime, turn: int = 0) -> None:
        tx.after_commit(lambda: self.runtime.jobs.wake(ANSWER, key, at, turn))


def _is_wanted(row: RowMapping) -> bool:
    return row["answer_at"] is not None and row["paused_since"] is None


async def _held(tx: Transaction, chat: int) -> RowMapping | None:
    return (await tx.connection.execute(_HELD, {"key": chat})).mappings().one_or_none()


def _wish_in(chat: Chat, history: Sequence[Message]) -> Reply | None:
    """The confirmation, where the message to answer is a wish for no more; no model is asked."""
    said = [each for each in history if each.author is Author.CLIENT]
    owed = [each for each in said if each.n == (chat.farewell_n or chat.client_n)]
    if not owed or (chat.farewell_n is None and not _is_wish(chat, owed[0])):
        return None
    earlier = [each.text for each in said if each.n < owed[0].n]
    others = [each.text for each in history if each.author is not Author.CLIENT]
    return Reply(farewell(owed[0].text, earlier or others))


def _is_wish(chat: Chat, message: Message) -> bool:
    """After a crash, or when a colleague's answer failed, the chat itself knows no more of it."""
    if chat.opted_out_at is None:
        return False
    return message.at == chat.opted_out_at or wish_in(message.text) is Wish.OUT
