"""The values that the runtime, its channels and its plugins share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Author(StrEnum):
    """Who said something in a chat."""

    CLIENT = "client"
    EMPLOYEE = "employee"
    MANAGER = "manager"


class Delivery(StrEnum):
    """What is known about a message; the client's are sent, of course."""

    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


class Arrival(StrEnum):
    """What a network told later of a message that it had taken, in this order."""

    DELIVERED = "delivered"
    READ = "read"


class Erasure(StrEnum):
    """What became of the wish to erase a chat; `busy`: something is being sent there right now."""

    DONE = "done"
    BUSY = "busy"
    UNKNOWN = "unknown"


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
    (0: never wrote), sent at `client_at`. `waiting_since` is set while the client's last message
    is unanswered, `paused_since` while a manager has the chat, and `held_by` tells people who it
    is. `route` is the channel's own: what it needs besides the address to answer in the place
    where the client last wrote. `zone` is the client's time zone, where the channel ever told it.
    The client said at `opted_out_at` that no more is wanted; `farewell_n` is that message while it
    waits for its one confirmation.
    """

    id: int
    ref: ChatRef
    employee: str
    name: str | None = None
    last_n: int = 0
    client_n: int = 0
    waiting_since: datetime | None = None
    paused_since: datetime | None = None
    client_at: datetime | None = None
    route: str | None = None
    zone: str | None = None
    held_by: str | None = None
    opted_out_at: datetime | None = None
    farewell_n: int | None = None

    @property
    def title(self) -> str:
        """What people call the chat; a nameless visitor has a readable title too."""
        return self.name or f"Visitor {self.id}, {self.ref.account}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something said in a chat, as its channel tells it.

    `id` is the channel's (or the client's) own and unique within the chat: the same id again
    is the same message. `at` has a time zone. `sender` is who wrote, in a private chat, as the
    network vouches for it: admins are known by it. `route` is kept as `Chat.route`. `opt_out` is
    true for the network's own word for "no more of these", false for the one that takes it back;
    without it, the text is looked at. `told`: the network has confirmed the wish itself. `zone`
    is the client's time zone, a known one, where the channel tells it.
    `by` tells which manager wrote, in words for people. `opens`: a chat is made where none is.
    """

    ref: ChatRef
    id: str
    author: Author
    text: str
    at: datetime
    name: str | None = None
    sender: str | None = None
    route: str | None = None
    opt_out: bool | None = None
    zone: str | None = None
    by: str | None = None
    told: bool = False
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a chat; `n` numbers a chat's messages from 1 without a gap.

    `plugin` names the plugin that had it sent (a reminder); None is an answer. `by` is the manager
    who wrote it, if that is known.
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
    arrival: Arrival | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a manager writes to a client; the same `key` again, its form's, is the same message."""

    text: str
    by: str
    key: str


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


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an outgoing message of a chat, by the ids of both."""

    message: int
    chat: int
    delivery: Delivery
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What an admin asked for: "/followup add 4h Ask …", from a private chat of their own.

    `by` names the admin as the audit log keeps it: kind of channel and id there. `employee` is
    who has the channel account.
    """

    id: int
    ref: ChatRef
    by: str
    employee: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Button:
    """A label, and the command that pressing it gives; at most 64 bytes, as Telegram has it."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class Screen:
    """What an admin is shown: plain text, and rows of buttons where the channel has them.

    `ask` is the beginning of a command that the admin's reply to this screen completes.
    """

    text: str
    buttons: Sequence[Sequence[Button]] = ()
    ask: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelAccount:
    """A channel account of the settings. `fault`: why it is left out. `links` lead to its pages.

    Free texts go out within `window` of the client's latest message, later only by an approved
    template, if there is one; None: always. `answers` is false where other code does. `person`: as
    `Channel.person`.
    """

    name: str
    kind: str
    employee: str
    fault: str | None = None
    window: timedelta | None = None
    answers: bool = True
    person: Callable[[str], str] | None = None
    links: Mapping[str, str] = field(default_factory=dict)

    def takes(self, chat: Chat, at: datetime) -> bool:
        """Whether the network would take a free text into that chat then."""
        if self.window is None:
            return True
        return chat.client_at is not None and not self.is_late(at - chat.client_at)

    def is_late(self, silent_for: timedelta) -> bool:
        """Whether the network takes no free text any more, so long after the client's message."""
        return self.window is not None and silent_for >= self.window


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the audit log: who changed what, from what, to what (JSON values)."""

    by: str
    action: str
    employee: str | None = None
    chat: int | None = None
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A line of the audit log as it is kept."""

    id: int
    at: datetime
    change: Change


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages in `per`, for each chat or for the whole account."""

    count: int
    per: timedelta
    each_chat: bool = False
