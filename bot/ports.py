"""What the runtime needs of the outside and offers to channels and plugins, as shapes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    Change,
    Chat,
    ChatRef,
    Delivery,
    Employee,
    Message,
    Recorded,
    Reply,
    Said,
    Settled,
)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One write transaction; all of it happens or nothing.

    `after_commit` takes quick, plain functions that run once the transaction is on disk, and
    never if it is rolled back. They must not raise.
    """

    connection: AsyncConnection
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` once everything here is on disk."""
        self.callbacks.append(callback)


class Database(Protocol):
    """The truth. All raise SQLAlchemy's errors; a write that raises leaves nothing behind."""

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for queries."""
        ...

    def look_up(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """The same for the little that an index finds at once."""
        ...

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction, committed at the end of the block."""
        ...

    def write_long(self) -> AbstractAsyncContextManager[Transaction]:
        """The same for statements that take long: nobody but other writers is held up."""
        ...


class Chats(Protocol):
    """Reads chats and what was said in them."""

    async def find(self, ref: ChatRef) -> Chat | None:
        """The chat at that address."""
        ...

    async def messages(self, chat: int, after: int = 0, limit: int = 200) -> Sequence[Message]:
        """Messages numbered above `after`, in order; those that failed to be sent are left out."""
        ...

    async def latest(self, chat: int, limit: int) -> Sequence[Message]:
        """The last `limit` messages, in order; those that failed are left out."""
        ...


EVERY_CHAT = 0
"""Whoever follows this hears of every chat; they are numbered from 1."""


class News(Protocol):
    """Tells every process that something new was said in a chat. A hint: it may get lost."""

    def publish(self, chat: int) -> None:
        """Tell; returns at once and never raises."""
        ...

    def follow(self, chat: int) -> AbstractContextManager[asyncio.Event]:
        """An event that is set at each news of this chat; clear it before looking."""
        ...


class Jobs(Protocol):
    """Wakes work later, here or on another machine. A wake-up may come late, twice or never."""

    def wake(self, kind: str, key: int, at: datetime, turn: int = 0) -> None:
        """Have `kind` (a plugin's name, or the runtime's own) look at `key` from `at` on.

        The same (kind, key, at, turn) while it still waits or runs is the same job; another
        turn is another job. Returns at once and never raises.
        """
        ...


class Ailment(StrEnum):
    """Why nothing is sent at the moment, to nobody; it is sent when that is over."""

    NO_REDIS = "no_redis"
    NO_WORKER = "no_worker"


class Pulse(Protocol):
    """Knows whether somebody is there to do what is due."""

    async def ailment(self) -> Ailment | None:
        """What is the matter, or nothing; quick, and never raises."""
        ...


def turn(late: timedelta) -> int:
    """Which turn a sweep should wake so late a job with: a new one each time the lateness doubles.

    A job that waits in a long queue is then not piled up, and one that died is soon tried again.
    """
    return (late // timedelta(seconds=30)).bit_length()


class Responder(Protocol):
    """Gives the employee a voice for answers."""

    async def answer(self, employee: Employee, history: Sequence[Message]) -> Reply:
        """The answer to the client's latest message. Raises ModelError."""
        ...


class Model(Protocol):
    """A language model behind the chat completions API."""

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        """The completion of (role, text) pairs; with a JSON schema, a JSON text. Raises ModelError.

        Returns or raises within the model's timeout, all its own retries included.
        """
        ...


class Outbox(Protocol):
    """Sends what employees say, by the channel that the chat came from; intent first."""

    async def post(
        self,
        tx: Transaction,
        chat: Chat,
        reply: Reply,
        plugin: str | None = None,
        *,
        by: str | None = None,
    ) -> Message:
        """Record the intent to send, in the caller's transaction; `by` is a manager who says it."""
        ...

    async def post_all(
        self, tx: Transaction, replies: Sequence[tuple[Chat, Reply]], at: datetime, plugin: str
    ) -> Sequence[Message]:
        """The same for many chats, one message each; `at` is the moment that was judged."""
        ...

    async def held(self, chat: Chat) -> timedelta:
        """As `Throttle.held`: what is composed before that would only wait."""
        ...

    def pace(self, chat: Chat) -> float:
        """How many messages a second its account takes at most; infinite without a limit."""
        ...

    async def slot(self, chat: Chat) -> timedelta:
        """Wait for the right to send once, before the gate: zero, or how long it takes yet."""
        ...

    async def deliver(
        self, chat: Chat, message: Message, still: Callable[[], Awaitable[bool]] | None = None
    ) -> str | None:
        """Call the channel, after that transaction; raises as `Sender.send` does.

        If it had to wait in a crowd first and is not `still` to go, it raises ChannelError.
        """
        ...

    def can_ask(self, chat: Chat) -> bool:
        """Whether the channel can tell the sweep what became of a send of unknown fate."""
        ...

    async def settle(
        self, tx: Transaction, message: Message, delivery: Delivery, external_id: str | None = None
    ) -> bool:
        """Record what became of it; false if it had failed: that is never taken back."""
        ...

    async def settle_all(self, tx: Transaction, settled: Sequence[Settled]) -> None:
        """The same for many messages."""
        ...

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """As `Sender.is_open`."""
        ...


class Handover(Protocol):
    """Gives chats to humans and back; each is a transaction of its own.

    `change` goes into the audit log with it, unless nothing changes.
    """

    async def pause(self, chat: int, change: Change | None = None, by: str | None = None) -> bool:
        """A human has the chat, `by` or whoever makes the change; false if there is no such chat.

        Who takes a chat that somebody else has, has it then.
        """
        ...

    async def resume(self, chat: int, change: Change | None = None) -> bool:
        """The employee has it back; false if there is none with that id."""
        ...


class Managers(Protocol):
    """Lets human colleagues write to clients, each message at most once."""

    async def answer(self, chat: int, said: Said) -> Message | None:
        """Send it by the chat's own channel; the manager has the chat from that moment on.

        The message as it is stored, of an earlier try if that had the same key; None if there is
        no such chat. Raises ChannelError if it surely was not sent.
        """
        ...


class Consent(Protocol):
    """What clients allow."""

    async def allow(self, tx: Transaction, chat: Chat) -> None:
        """A manager takes back that the client of this held chat said no."""
        ...


class Journal(Protocol):
    """The audit log."""

    async def record(self, tx: Transaction, change: Change) -> None:
        """Keep it, in the transaction that makes the change."""
        ...

    async def history(
        self,
        connection: AsyncConnection,
        employee: str,
        *,
        actions: str,
        limit: int,
        before: int = 0,
    ) -> Sequence[Recorded]:
        """Changes of an employee, not of single chats, whose action begins like that.

        The latest first; with `before` only those recorded earlier than the one with that id.
        """
        ...

    async def recorded(self, connection: AsyncConnection, change: int) -> Recorded | None:
        """The one with that id."""
        ...


class Alarm(Protocol):
    """Tells the admins of the settings something, by message on their own networks.

    It is for people: no client's words in it, and in `key`, which is logged, no names either. A
    paragraph that is about one chat ends with the address of its page, and is erased with it.
    """

    async def ring(self, tx: Transaction, key: str, text: str, employee: str | None = None) -> None:
        """Tell each admin once per key (at most 200 characters), after the commit.

        They hear it from an account of that employee, if one is on their network.
        """
        ...


class Inquiry(Protocol):
    """Finds out what became of messages whose sending nobody finished."""

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """As `Sender.was_sent`."""
        ...
