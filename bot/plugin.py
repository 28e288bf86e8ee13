"""The whole contract with plugins on one page.

A plugin is a factory, found by the entry point group `followup_bot.plugins`, that is called
once with the Runtime and gives a Plugin. A channel is a factory in the group
`followup_bot.channels`, called once per account with its name, its table of the settings and
the ChannelHost, and gives a Channel.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.routing import BaseRoute

from bot.audit import Audit, Invariant, Page, Violation
from bot.clock import Clock
from bot.directory import Crowd, Directory, Eraser, Lists
from bot.errors import ChannelError
from bot.measures import Measure
from bot.model import ChannelAccount, Chat, Command, Employee, Message, Rate, Screen
from bot.networks import Console, Desk, Listener, Receiver, Reports, Sender, Typist
from bot.operations import Operations
from bot.ports import (
    Alarm,
    Chats,
    Consent,
    Database,
    Handover,
    Inquiry,
    Jobs,
    Journal,
    Managers,
    Model,
    News,
    Outbox,
    Pulse,
    Transaction,
)
from bot.site import Notice, Site


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a plugin is given. `model` is None when none is configured (the demo voice).

    `worker` names this process; whatever is claimed under it at the start was claimed by a
    predecessor that is dead. `accounts` are the channel accounts of the settings, by name, and
    `options` the tables `[plugins.NAME]`, by plugin, which nobody has checked. `public_url` is
    where people reach the dashboard.
    """

    worker: str

    clock: Clock
    database: Database
    directory: Directory
    crowd: Crowd
    lists: Lists
    chats: Chats
    news: News
    outbox: Outbox
    inquiry: Inquiry
    jobs: Jobs
    pulse: Pulse
    handover: Handover
    managers: Managers
    eraser: Eraser
    journal: Journal
    consent: Consent
    alarm: Alarm
    accounts: Mapping[str, ChannelAccount]
    options: Mapping[str, Mapping[str, object]]
    model: Model | None
    model_timeout: timedelta
    public_url: str
    site: Site


class Plugin:
    """Hooks of a plugin; override what you need. `commands`: what admins may type, and what it is.

    Hooks with a `tx` run inside the runtime's transaction, each in a savepoint of its own: one
    that raises is logged and undone alone. They must be quick and call nothing outside.
    """

    name: ClassVar[str]
    migrations: ClassVar[Path | None] = None
    employee_options: ClassVar[type[BaseModel] | None] = None
    invariants: ClassVar[Sequence[Invariant]] = ()
    commands: ClassVar[Mapping[str, str]] = {}

    async def started(self) -> None:
        """The process starts to work; called once, before any job."""

    async def client_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        """A client's new message was stored."""

    async def clients_wrote(self, tx: Transaction, said: Sequence[tuple[Chat, Message]]) -> None:
        """Messages of different clients were stored; override it to do for all what each needs."""
        for chat, message in said:
            await self.client_wrote(tx, chat, message)

    async def employee_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        """The employee's answer was accepted by the channel, or that is uncertain."""

    async def manager_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        """A human colleague wrote to the client."""

    async def message_confirmed(self, tx: Transaction, chat: Chat, message: Message) -> None:
        """An outgoing message, uncertain perhaps until now, did arrive."""

    async def message_refused(
        self, tx: Transaction, chat: Chat, message: Message, error: ChannelError
    ) -> None:
        """An outgoing message that the channel had accepted was not delivered after all."""

    async def chat_unreachable(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """The client blocked us, or is gone."""

    async def client_opted(self, tx: Transaction, chat: Chat, at: datetime, *, out: bool) -> None:
        """The client clearly wants no more messages, or takes that back."""

    async def chat_paused(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """A human has the chat from now on."""

    async def chat_resumed(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """The employee has the chat again."""

    async def chat_erased(self, tx: Transaction, chat: Chat) -> None:
        """The chat's messages and name were deleted for good: delete what you know of it."""

    async def employee_created(
        self, tx: Transaction, employee: Employee, options: BaseModel | None
    ) -> None:
        """An employee was read from the settings; `options` is the plugin's own table of it."""

    async def employee_edited(
        self, tx: Transaction, employee: Employee, options: BaseModel | None
    ) -> None:
        """An employee was saved with new values; no `options`: the plugin's stay as they are."""

    async def employee_exported(
        self, connection: AsyncConnection, employee: str
    ) -> Mapping[str, object] | None:
        """The plugin's table of that employee, as the settings file would have it."""

    async def job(self, key: int) -> None:
        """A wake-up of this plugin's (`Jobs.wake` with its name); may come twice, late, early."""

    async def command(self, command: Command) -> Screen | None:
        """Do what an admin asks for, and tell; called once for each, outside of a transaction."""
        return None

    async def sweep(self) -> None:
        """Called every few seconds by one process: find what was lost, and wake it."""

    async def forget(self, tx: Transaction, before: datetime) -> None:
        """Called daily: delete what was finished before that moment."""

    async def measures(
        self, connection: AsyncConnection, since: datetime, until: datetime
    ) -> Sequence[Measure]:
        """What there is to measure; those that count tell what was added from `since` on.

        Not what was added at `until` or later. Asked every few seconds: look up, do not scan.
        """
        return ()

    async def examine(
        self, connection: AsyncConnection, page: Page, audit: Audit
    ) -> Sequence[Violation]:
        """The doctor looks at a page of chats: tell what of your `invariants` is broken there."""
        return ()

    def routes(self) -> Sequence[BaseRoute]:
        """Pages of the plugin, mounted at the root of the dashboard."""
        return ()

    def operations(self) -> Operations:
        """What programs may ask of the plugin, below /api/v1."""
        return ()

    async def employee_state(
        self, connection: AsyncConnection, employee: Employee
    ) -> Mapping[str, bool | int | datetime | None]:
        """How it stands with an employee, for the list of them: label to value.

        A moment says when something begins; a past one that it has begun, none that it never does.
        """
        return {}

    async def notices(self) -> Sequence[Notice]:
        """What everybody has to know, on top of every page of the dashboard; asked each time."""
        return ()

    def tabs(self) -> Mapping[str, str]:
        """Label to the last part of the path, of the pages that it serves below an employee's."""
        return {}

    def menu(self) -> Mapping[str, str]:
        """Label to path of the pages that people start from."""
        return {}


PluginFactory = Callable[[Runtime], Plugin]


@dataclass(frozen=True, slots=True)
class ChannelHost:
    """What a channel account is given. `public_url` is where the outside reaches the web app.

    `public` tells whether the settings name it: without, nobody outside can reach a webhook.
    `admins` are ids on this kind of channel, `commands` what they may type, with descriptions.
    `address` tells where a request comes from; None: from this machine, so from anybody.
    """

    employee: str
    clock: Clock
    receiver: Receiver
    desk: Desk
    reports: Reports
    chats: Chats
    news: News
    public_url: str
    public: bool = False
    admins: Collection[str] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    address: Callable[[Request], str | None] = lambda _request: None


@dataclass(frozen=True, slots=True)
class Channel:
    """One account on one network: how to send, and how to hear (`listener`, or `routes`).

    `routes` are mounted at the root of the web app; `links` are pages worth printing at start.
    `rates` are the network's limits. `remembers`: a minute after a send of unknown fate, `was_sent`
    can tell what became of it. Free texts go out within `window` of the client's latest message,
    later only by a template; None: always. `answers` is false where other code answers the clients.
    `person` gives the part of an address that names the same person at each of our accounts.
    `probe` asks the network whether the account works and gives a line, in plain words, for each
    thing to mend; it changes nothing. `close` ends what the channel holds open.
    """

    sender: Sender
    listener: Listener | None = None
    routes: Sequence[BaseRoute] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    typist: Typist | None = None
    console: Console | None = None
    rates: Sequence[Rate] = ()
    remembers: bool = False
    window: timedelta | None = None
    answers: bool = True
    person: Callable[[str], str] | None = None
    probe: Callable[[], Awaitable[Sequence[str]]] | None = None
    close: Callable[[], Awaitable[None]] | None = None


ChannelFactory = Callable[[str, Mapping[str, object], ChannelHost], Channel]
