"""The values that the runtime, its channels and its plugins share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Author(StrEnum):
    """Who said something in a chat."""

    CLIENT = "client"
    EMPLOYEE = "employee"
    MANAGER = "manager"


class Delivery(StrEnum):
    """What is known about a message; only the employee's can be anything but sent."""

    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ChatRef:
    """Where a chat can be reached by any process: channel account + address on that channel."""

    account: str
    address: str


@dataclass(frozen=True, slots=True)
class Employee:
    """The AI agent with a persona that answers.

    Working hours are kept as they were written: weekday (`mon` … `sun`) to intervals like
    "09:00-18:00"; special days are ISO dates. An empty schedule is always open.
    """

    id: str
    name: str
    persona: str
    timezone: str = "UTC"
    working_hours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    special_days: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chat:
    """One client with one employee on one channel account.

    `last_n` is the number of the latest message, `client_n` that of the client's latest
    (0: never wrote). `waiting_since` is set while the client's last message is unanswered,
    `paused_since` while a manager has the chat.
    """

    id: int
    ref: ChatRef
    employee: str
    name: str | None = None
    last_n: int = 0
    client_n: int = 0
    waiting_since: datetime | None = None
    paused_since: datetime | None = None

    @property
    def title(self) -> str:
        """What people call the chat; a nameless visitor has a readable title too."""
        return self.name or f"Visitor {self.id}, {self.ref.account}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something said in a chat, as its channel tells it.

    `id` is the channel's (or the client's) own and unique within the chat: the same id again
    is the same message. `at` has a time zone.
    """

    ref: ChatRef
    id: str
    author: Author
    text: str
    at: datetime
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a chat; `n` numbers a chat's messages from 1 without a gap.

    `plugin` names the plugin that had it sent (a reminder); None is an answer.
    """

    id: int
    chat: int
    n: int
    author: Author
    text: str
    at: datetime
    external_id: str | None = None
    delivery: Delivery = Delivery.SENT
    plugin: str | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an incoming message; `new` is false when it was known already."""

    chat: Chat
    message: Message
    new: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What a voice says, and the tokens it took if the model told."""

    text: str
    tokens: int | None = None
