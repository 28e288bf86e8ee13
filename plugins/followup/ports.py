"""What follow-ups need of the outside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Message, Runtime, Transaction
from plugins.followup.brakes import Breaker, Spendings, Watch
from plugins.followup.figures.tallies import Ledger
from plugins.followup.hours import Hours
from plugins.followup.model import Chain, Due, Reason, Silence, State, Step, Waiting
from plugins.followup.opting import OptOuts
from plugins.followup.overview import Overview
from plugins.followup.room import Place, Room
from plugins.followup.undos import Undos
from plugins.followup.verdicts import Composer


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list of a chat went by when it was saved last."""

    employee: str
    due_at: datetime | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Record:
    """A chat's follow-up state as stored; `client_n` is the message that began the silence.

    `held_at` is when a chat of the hold-out is due, were it not in that; `name` is the line of
    folded words by which the chat is found; `listed` is not known of a chat that is new.
    """

    chat: int
    employee: str
    client_n: int
    silence: Silence
    held_at: datetime | None = None
    name: str | None = None
    listed: Listed | None = field(default=None, compare=False)


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a chat stands from now on: what is due is a cache that lists and wakes are made from.

    `version` is that of the settings by which it was computed.
    """

    record: Record
    found: Due | Waiting
    version: int


@dataclass(frozen=True, slots=True)
class Put:
    """Columns to set in the row of that step in the present silence of a chat."""

    record: Record
    step: Step
    values: Mapping[str, object]


class Silences(Protocol):
    """Where chats stand."""

    async def load(self, connection: AsyncConnection, chat: int) -> Record | None:
        """The chat's state; None if its client never wrote."""
        ...

    async def load_all(
        self, connection: AsyncConnection, chats: Sequence[int]
    ) -> Mapping[int, Record]:
        """The same of many chats."""
        ...

    async def due(self, connection: AsyncConnection, chat: int) -> datetime | None:
        """When its reminder is due, as that was computed last; None if there is none."""
        ...

    async def save(self, tx: Transaction, standings: Sequence[Standing]) -> None:
        """Store them, one for each chat."""
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

    async def busy(self, tx: Transaction, chats: Sequence[int], now: datetime) -> Collection[int]:
        """Those of the chats of which one is being sent, or is claimed under a lease that runs."""
        ...

    async def get(
        self, connection: AsyncConnection, reminders: Sequence[int]
    ) -> Mapping[int, Reminder]:
        """The reminders with those ids."""
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

    async def put(self, tx: Transaction, puts: Sequence[Put]) -> Mapping[int, int]:
        """Make or change rows, one for each chat; gives their ids by chat."""
        ...

    async def change(self, tx: Transaction, changes: Mapping[int, Mapping[str, object]]) -> None:
        """Set columns of rows, by their ids; `spent` tokens are added to what they took before."""
        ...

    async def cancel(self, tx: Transaction, chat: int, reason: Reason, now: datetime) -> None:
        """Drop what is scheduled or claimed in this chat; what is being sent stays."""
        ...


class Outcomes(Protocol):
    """What clients do after their reminders."""

    async def replied(
        self, tx: Transaction, ended: Sequence[tuple[Record, datetime]], now: datetime
    ) -> None:
        """Clients wrote, each then: drop what waits, put down that the others led to it."""
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

    async def moments(
        self, connection: AsyncConnection, after: datetime, until: datetime, limit: int
    ) -> Sequence[datetime]:
        """The moments in that time at which reminders are due, the earliest first."""
        ...

    async def ready(
        self, connection: AsyncConnection, now: datetime, after: Place | None, limit: int
    ) -> Sequence[Place]:
        """Chats whose reminder is due and that nobody works on, the longest due first.

        Only those behind the place `after`.
        """
        ...

    async def crowd(
        self, connection: AsyncConnection, employee: str, at: datetime, most: int
    ) -> int:
        """How many chats of that employee are due at that very moment; at most that many."""
        ...

    async def stale(self, connection: AsyncConnection, limit: int) -> Sequence[int]:
        """Chats that were planned by an older version of their employee's settings."""
        ...


class Index(Protocol):
    """The words by which chats are found."""

    async def rename(self, tx: Transaction, chats: Sequence[Chat]) -> None:
        """Keep the words of the chats' present names, and no others."""
        ...

    async def unlist(self, tx: Transaction, chats: Sequence[int]) -> None:
        """Take them out of the way of those who search what is scheduled."""
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
    opt_outs: OptOuts
    composer: Composer
    spendings: Spendings
    breaker: Breaker
    watch: Watch
    room: Room = field(default_factory=Room)
