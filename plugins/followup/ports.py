"""What follow-ups need of the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Employee, Message, Runtime, Transaction
from plugins.followup.brakes import Breaker, Spendings, Watch
from plugins.followup.figures.tallies import Ledger
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Reason, Silence, State, Step, Waiting
from plugins.followup.verdicts import Composer


@dataclass(frozen=True, slots=True)
class Record:
    """A chat's follow-up state as stored; `client_n` is the message that began the silence.

    `held_at` is when a chat of the hold-out is due, were it not in that.
    """

    chat: int
    employee: str
    client_n: int
    silence: Silence
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """An employee's live settings; `version` grows with every save.

    `latched`: whatever they say, nothing goes out at all.
    """

    chain: Chain
    hours: Hours
    version: int
    latched: bool = False


@dataclass(frozen=True, slots=True)
class Reminder:
    """One attempt at one step in one silence of a chat: the row that is claimed and settled."""

    id: int
    chat: int
    silence: int
    step: str
    state: State
    token: str | None = None
    lease: datetime | None = None
    intent_at: datetime | None = None
    message: int | None = None
    reason: Reason | None = None
    until: datetime | None = None
    said: str = ""
    fault: str = ""


class Silences(Protocol):
    """Where chats stand."""

    async def load(self, connection: AsyncConnection, chat: int) -> Record | None:
        """The chat's state; None if its client never wrote."""
        ...

    async def due(self, connection: AsyncConnection, chat: int) -> datetime | None:
        """When its reminder is due, as that was computed last; None if there is none."""
        ...

    async def save(
        self, tx: Transaction, record: Record, found: Due | Waiting, version: int
    ) -> None:
        """Store it, with the due moment as a cache that lists and wakes are made from."""
        ...


class Chains(Protocol):
    """What the employees are to do."""

    async def load(self, connection: AsyncConnection, employee: str) -> Plan | None:
        """The employee's live settings; None if nobody by that id is known."""
        ...

    async def hold(self, tx: Transaction, employee: str) -> Plan | None:
        """The same, and nobody else saves them until the transaction ends."""
        ...

    async def save(self, tx: Transaction, employee: str, chain: Chain) -> None:
        """Store a new version."""
        ...


class Reminders(Protocol):
    """The reminders of all chats, one row for each (chat, silence, step)."""

    async def busy(self, tx: Transaction, chat: int, now: datetime) -> bool:
        """Whether one of this chat is being sent, or is claimed under a lease that runs."""
        ...

    async def get(self, connection: AsyncConnection, reminder: int) -> Reminder | None:
        """The reminder with that id."""
        ...

    async def latest(self, connection: AsyncConnection, record: Record) -> Reminder | None:
        """The one of the present silence that was taken up last."""
        ...

    async def of_message(self, connection: AsyncConnection, message: Message) -> Reminder | None:
        """The reminder that the message is."""
        ...

    async def was_used(self, tx: Transaction, chat: int, step: str) -> bool:
        """Whether that step ever went out in this chat, or may have."""
        ...

    async def put(self, tx: Transaction, record: Record, step: Step, **values: object) -> int:
        """Make or change the row of that step in the present silence, and give its id."""
        ...

    async def change(self, tx: Transaction, reminder: int, **values: object) -> None:
        """Set columns of a row; `spent` tokens are added to what it took before."""
        ...

    async def cancel(self, tx: Transaction, chat: int, reason: Reason, now: datetime) -> None:
        """Drop what is scheduled or claimed in this chat; what is being sent stays."""
        ...


class Outcomes(Protocol):
    """What clients do after their reminders."""

    async def replied(self, tx: Transaction, record: Record, at: datetime, now: datetime) -> None:
        """The client wrote at that moment: drop what waits, put down that the others led to it."""
        ...

    async def opted(self, tx: Transaction, chat: int, since: datetime, now: datetime) -> None:
        """The client wants no more reminders: put that down with the latest one sent since then."""
        ...


class Search(Protocol):
    """What the sweep looks for; every query is an index look-up."""

    async def expired(
        self, connection: AsyncConnection, now: datetime, limit: int
    ) -> Sequence[Reminder]:
        """Reminders under way whose lease has ended."""
        ...

    async def held_by(self, connection: AsyncConnection, worker: str) -> Sequence[Reminder]:
        """Reminders that the worker of that name has under way."""
        ...

    async def due(
        self, connection: AsyncConnection, before: datetime, limit: int
    ) -> Sequence[tuple[int, datetime]]:
        """Chats with the moment of their reminder, if it is before that, the earliest first."""
        ...

    async def crowd(
        self, connection: AsyncConnection, employee: str, at: datetime, most: int
    ) -> int:
        """How many chats of that employee are due at that very moment; at most that many."""
        ...

    async def stale(self, connection: AsyncConnection, limit: int) -> Sequence[int]:
        """Chats that were planned by an older version of their employee's settings."""
        ...


class Overview(Protocol):
    """What admins are told of many chats at once."""

    async def employees(self, connection: AsyncConnection) -> Sequence[Employee]:
        """Everyone, by id."""
        ...

    async def waiting(
        self, connection: AsyncConnection, employee: str
    ) -> tuple[int, datetime | None]:
        """How many chats of theirs have a reminder scheduled, and when the first is due."""
        ...

    async def scheduled(
        self, connection: AsyncConnection, employee: str, first: int, limit: int
    ) -> Sequence[Chat]:
        """A page of those chats, the earliest due first."""
        ...

    async def latest(self, connection: AsyncConnection, employee: str) -> Chat | None:
        """The chat in which a client wrote last."""
        ...

    async def standing(
        self, connection: AsyncConnection, employee: str, limit: int
    ) -> Sequence[Silence]:
        """Silences that a save may change, those with a reminder scheduled first."""
        ...


@dataclass(frozen=True, slots=True)
class Undo:
    """The chain before an admin's change by a command, and the version that the change made."""

    employee: str
    by: str
    version: int
    chain: Chain


class Undos(Protocol):
    """What can be undone: for each employee the latest change by a command."""

    async def keep(self, tx: Transaction, undo: Undo) -> None:
        """Remember it instead of what was remembered."""
        ...

    async def find(self, connection: AsyncConnection, employee: str) -> Undo | None:
        """What is remembered of that employee."""
        ...


class Index(Protocol):
    """The words by which chats are found."""

    async def name(self, tx: Transaction, chat: Chat) -> None:
        """Keep the words of the chat's name, if they are others than before."""
        ...

    async def forget(self, tx: Transaction, chat: int) -> None:
        """Nobody finds the chat by its name any more."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that the happenings use."""

    runtime: Runtime
    silences: Silences
    chains: Chains
    reminders: Reminders
    outcomes: Outcomes
    search: Search
    overview: Overview
    undos: Undos
    index: Index
    ledger: Ledger
    composer: Composer
    spendings: Spendings
    breaker: Breaker
    watch: Watch
