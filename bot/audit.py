"""What the doctor and the tests look at, and what they find: stored chats without their texts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import Arrival, Author, Chat, ChatRef, Delivery

LATE = timedelta(days=2)
"""No network brings a message later than that; retention goes by the moment it was written."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise that is kept at every moment, and what to do when it is found broken."""

    id: str
    promise: str
    advice: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise; the text names ids, states and moments, and nothing that was said."""

    invariant: str
    chat: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A message without its text."""

    id: int
    n: int
    author: Author
    at: datetime
    delivery: Delivery
    plugin: str | None
    tokens: int | None
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """An entry of a channel's own log: the message with that id really went out there."""

    ref: ChatRef
    message: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """How the answer to a chat's client stands: when it is tried, until when it is claimed."""

    at: datetime | None = None
    lease: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat as stored, its messages in order; `delivered` is None without a channel's log."""

    chat: Chat
    lines: Sequence[Line] = ()
    answering: Answering = field(default_factory=Answering)
    delivered: Sequence[Delivered] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The chats with ids above `after` and up to `upto`; without it, all that are left.

    `strays` are ids in that range under which messages are stored, but no chat.
    """

    after: int
    upto: int | None
    talks: Sequence[Conversation]
    strays: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """How to judge.

    What is older than `kept_since` may have been deleted. `clock` is how far clocks may disagree,
    or have jumped. `patience` is how long the system may take to do what is due; without it,
    nothing is called late.
    """

    now: datetime
    kept_since: datetime
    clock: timedelta = timedelta()
    patience: timedelta | None = None

    def keeps(self, at: datetime) -> bool:
        """Whether what happened at that moment must still be stored."""
        return at >= self.kept_since + LATE

    def is_late(self, since: datetime) -> bool:
        """Whether what was to be done then should long be done."""
        return self.patience is not None and since + self.patience < self.now
