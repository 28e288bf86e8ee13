"""Composition root: settings in, an application out. The one file that knows every class."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from uuid import uuid4

from starlette.types import ASGIApp

from bot.accounts import told_of
from bot.alarms import SqlAlarm
from bot.answer import Answers
from bot.clock import Clock, SystemClock
from bot.consent import SqlConsent
from bot.desk import AdminDesk
from bot.erasing import SqlEraser
from bot.errors import SettingsError
from bot.findings import Look
from bot.hooks import Hooks
from bot.inbox import Inbox
from bot.journal import SqlJournal
from bot.keys import Keys
from bot.loader import ConnectedModel, connected_model, plugin_factories
from bot.managers import SqlManagers
from bot.model import ChannelAccount
from bot.networks import Sender, Throttle
from bot.outbox import SqlOutbox
from bot.pause import SqlHandover
from bot.plugin import Channel, ChannelHost, Plugin, Runtime
from bot.ports import Jobs, Model, News, Pulse
from bot.pulse import SoundPulse
from bot.recovery import Recovery
from bot.redis_link import OUTAGE
from bot.reports import NetworkReports
from bot.responders import DemoResponder, ModelResponder
from bot.staff import Described, Staff, described
from bot.store.chats import SqlChats, forget_messages
from bot.store.crowd import SqlCrowd
from bot.store.database import SqlDatabase
from bot.store.lists import SqlLists
from bot.store.migrate import migrate
from bot.switchboard import Switchboard, channels_of
from bot.telemetry.meters import Meters
from bot.telemetry.model import MeasuredModel
from bot.telemetry.readings import Readings
from bot.telemetry.vitals import NoVitals, Vitals
from bot.throttle import FreeThrottle
from bot.web.addresses import far_address
from bot.web.cookies import Cookies
from bot.web.health import Health
from bot.web.site import WebSite
from config.settings import Settings, check_references, unknown_tables


@dataclass(frozen=True, slots=True)
class Outside:
    """What an application needs of the outside; tests give their own.

    `worker` names the process, see `Runtime`. `senders` replace those of the channels.
    `look` tells how the settings are, where they are known by more than their values.
    """

    database_url: str
    jobs: Jobs
    news: News
    clock: Clock = field(default_factory=SystemClock)
    worker: str = field(default_factory=lambda: uuid4().hex)
    model: Model | None = None
    senders: Mapping[str, Sender] = field(default_factory=dict)
    public_url: str = "http://127.0.0.1:8080"
    throttle: Throttle = field(default_factory=FreeThrottle)
    pulse: Pulse = field(default_factory=SoundPulse)
    vitals: Vitals = field(default_factory=NoVitals)
    look: Look | None = None


@dataclass(frozen=True)
class App:
    """Everything, connected; nothing is done yet. `broken`: the accounts left out, and why."""

    settings: Settings
    outside: Outside
    runtime: Runtime
    database: SqlDatabase
    hooks: Hooks
    inbox: Inbox
    answers: Answers
    desk: AdminDesk
    alarm: SqlAlarm
    reports: NetworkReports
    recovery: Recovery
    staff: Staff
    people: Sequence[Described]
    channels: Mapping[str, Channel]
    broken: Mapping[str, str]
    keys: Keys
    health: Health
    site: WebSite

    @cached_property
    def web(self) -> ASGIApp:
        """What answers requests. Raises SettingsError where two operations are in one place."""
        # Loading and making all pages takes as long as all the rest, and workers need none.
        from bot.front import Front  # noqa: PLC0415

        front = Front(
            self.settings,
            self.outside.look,
            self.runtime,
            self.site,
            self.keys,
            self.staff,
            self.health,
        )
        return front.app(self.plugins, self.channels)

    @property
    def plugins(self) -> Sequence[Plugin]:
        """The loaded plugins."""
        return self.hooks.plugins

    async def prepare(self) -> None:
        """Bring the tables up to date, store new employees. Raises SettingsError."""
        folders = {each.name: each.migrations for each in self.plugins if each.migrations}
        await migrate(self.database, folders)
        await self.staff.create_missing(self.people)
        known = [employee.id for employee in await self.staff.known()]
        faults = check_references(self.settings, known)
        if faults:
            raise SettingsError("\n".join(faults))

    async def begin(self) -> None:
        """Take up what a predecessor left, before any job runs."""
        await self.recovery.release()
        await self.recovery.sweep()
        for plugin in self.plugins:
            await plugin.started()

    async def sweep(self) -> None:
        """Find what is lost, due or stale, and wake it."""
        await self.recovery.sweep()
        await self.desk.sweep()
        await self.alarm.sweep()
        for plugin in self.plugins:
            await plugin.sweep()
        with suppress(*OUTAGE):
            await self.outside.vitals.swept()

    async def forget(self) -> None:
        """Delete what is older than the retention allows."""
        before = self.runtime.clock.now() - timedelta(days=self.settings.retention.days)
        async with self.database.write_long() as tx:
            await forget_messages(tx.connection, before)
            await self.desk.forget(tx, before)
            await self.alarm.forget(tx, before)
            await self.keys.forget(tx)
            await self.hooks.tell(tx, lambda plugin: plugin.forget(tx, before))

    async def close(self) -> None:
        """Close what is open."""
        for channel in self.channels.values():
            if channel.close is not None:
                await channel.close()
        if isinstance(self.outside.model, ConnectedModel):
            await self.outside.model.close()
        await self.database.close()


def build(settings: Settings, outside: Outside) -> App:
    """An application from checked settings. Raises SettingsError.

    An account that cannot be used is left out, as long as another one can.
    """
    database = SqlDatabase(outside.database_url)
    chats = SqlChats(database)
    board = Switchboard.of(settings)
    outbox = SqlOutbox(
        board.senders, board.rates, outside.throttle, outside.news, outside.clock, board.remembering
    )
    hooks, journal, meters = Hooks(), SqlJournal(outside.clock), Meters()
    model = None if outside.model is None else MeasuredModel(outside.model, meters)
    known: dict[str, ChannelAccount] = {}
    alarm = SqlAlarm(database, outside.clock, board.accounts, board.consoles, known, outside.jobs)
    site = WebSite(outside.clock, Cookies(settings.web.public_url))
    managers = SqlManagers(
        database, chats, outbox, hooks, journal, outside.jobs, known, outside.clock
    )
    runtime = Runtime(
        worker=outside.worker,
        clock=outside.clock,
        database=database,
        directory=chats,
        crowd=SqlCrowd(),
        lists=SqlLists(),
        chats=chats,
        news=outside.news,
        outbox=outbox,
        inquiry=outbox,
        jobs=outside.jobs,
        pulse=outside.pulse,
        handover=SqlHandover(database, chats, hooks, journal, outside.news, outside.clock),
        managers=managers,
        eraser=SqlEraser(database, hooks, journal, outside.jobs, outside.clock),
        journal=journal,
        consent=SqlConsent(),
        alarm=alarm,
        accounts=known,
        options=settings.plugins,
        model=model,
        model_timeout=timedelta(seconds=settings.model.timeout),
        public_url=outside.public_url.rstrip("/"),
        site=site,
    )
    hooks.plugins = [make(runtime) for make in plugin_factories().values()]
    inbox = Inbox(database, board.accounts, hooks=hooks, jobs=outside.jobs, news=outside.news)
    desk = AdminDesk(database, outside.clock, board.accounts, board.consoles, hooks, outside.jobs)
    reports = NetworkReports(database, chats, outbox, hooks, outside.news)
    host = ChannelHost(
        employee="",
        clock=outside.clock,
        receiver=inbox,
        desk=desk,
        reports=reports,
        chats=chats,
        news=outside.news,
        public_url=outside.public_url,
        public=settings.web.public_url is not None,
        commands={name: text for each in hooks.plugins for name, text in each.commands.items()},
        address=far_address,
    )
    # Whoever reads the faults of a file reads its employees first.
    people, (channels, broken) = people_of(settings, hooks.plugins), channels_of(settings, host)
    board.connect(channels, outside.senders)
    known.update(told_of(board.accounts, channels, broken))
    voice = DemoResponder() if model is None else ModelResponder(model)
    answers = Answers(runtime, voice, hooks, board.typists, board.accounts)
    keys = Keys.of(database, outside.clock, journal)
    staff = Staff(database, hooks, journal)
    readings = Readings(database, hooks.plugins, outside.vitals, outside.clock, outside.clock.now())
    health = Health(readings, meters, settings.metrics.token)
    return App(
        settings=settings,
        outside=outside,
        runtime=runtime,
        database=database,
        hooks=hooks,
        inbox=inbox,
        answers=answers,
        desk=desk,
        alarm=alarm,
        reports=reports,
        recovery=Recovery(runtime, answers, managers),
        staff=staff,
        people=people,
        channels=channels,
        broken=broken,
        keys=keys,
        health=health,
        site=site,
    )


def model_of(settings: Settings) -> ConnectedModel | None:
    """The model that the settings name, or none: the demo voice."""
    model = settings.model
    if model.name is None:
        return None
    key = model.api_key.get_secret_value() if model.api_key is not None else None
    return connected_model(model.name, timedelta(seconds=model.timeout), model.base_url, key)


def people_of(settings: Settings, plugins: Sequence[Plugin]) -> Sequence[Described]:
    """The employees of the settings, with the plugins' tables. Raises SettingsError."""
    faults = unknown_tables(settings, [plugin.name for plugin in plugins])
    people: list[Described] = []
    for name, person in settings.employees.items():
        try:
            people.append(described(person.employee(name), person.plugin_tables, plugins))
        except SettingsError as error:
            faults.append(str(error))
    if faults:
        raise SettingsError("\n".join(faults))
    return people
