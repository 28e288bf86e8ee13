"""Hooks to happenings: the plugin's own composition root."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.routing import BaseRoute

from bot.api import (
    Audit,
    ChannelError,
    Chat,
    Command,
    Employee,
    Invariant,
    Measure,
    Message,
    Notice,
    Operations,
    Page,
    Plugin,
    Runtime,
    Screen,
    Transaction,
    Violation,
    phrase,
    validated,
)
from plugins.followup.adapters.brakes_sql import SqlBreaker, SqlSpendings
from plugins.followup.adapters.composer_demo import DemoComposer
from plugins.followup.adapters.composer_llm import ModelComposer
from plugins.followup.adapters.figures_sql import SqlLedger
from plugins.followup.adapters.index_sql import SqlIndex
from plugins.followup.adapters.invariants_sql import SqlExaminer
from plugins.followup.adapters.measures_sql import measures
from plugins.followup.adapters.opt_outs_sql import SqlOptOuts
from plugins.followup.adapters.outcomes_sql import SqlOutcomes
from plugins.followup.adapters.overview_sql import SqlOverview, SqlUndos
from plugins.followup.adapters.owed_sql import SqlDebts
from plugins.followup.adapters.reminders_sql import SqlReminders
from plugins.followup.adapters.search_sql import SqlSearch
from plugins.followup.adapters.store_sql import SqlChains, SqlSilences
from plugins.followup.adapters.tables import held, reminders, silences
from plugins.followup.brakes import Rates, Watch
from plugins.followup.commands.saving import imported
from plugins.followup.invariants.catalogue import INVARIANTS
from plugins.followup.model import Chain
from plugins.followup.on_command import on_command
from plugins.followup.on_message import (
    on_clients,
    on_employee,
    on_manager,
    on_opted,
    on_pause,
    on_refused,
    on_resume,
    on_unreachable,
)
from plugins.followup.on_timer import Wave, on_due, on_timer
from plugins.followup.options import FollowupOptions, PluginOptions, as_table
from plugins.followup.owed import owed
from plugins.followup.planning import ALL_CHATS, DUE, NAME, edit
from plugins.followup.ports import Ports
from plugins.followup.settling import reason_of, was_confirmed, was_refused
from plugins.followup.sweep import refresh, release, sweep
from plugins.followup.verdicts import Composer


class Followup(Plugin):
    """When a client goes silent, the employee reaches out."""

    name: ClassVar[str] = NAME
    migrations: ClassVar[Path | None] = Path(__file__).parent / "migrations"
    employee_options: ClassVar[type[BaseModel] | None] = FollowupOptions
    invariants: ClassVar[Sequence[Invariant]] = INVARIANTS
    commands: ClassVar[Mapping[str, str]] = {NAME: "Follow-up reminders"}

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        self.wave = Wave(ports)
        self.debts = SqlDebts()

    async def started(self) -> None:
        """Take back what a dead predecessor had under way, and look for what is due."""
        await release(self.ports)
        await sweep(self.ports)

    async def clients_wrote(self, tx: Transaction, said: Sequence[tuple[Chat, Message]]) -> None:
        """In each of those chats a new silence begins."""
        await on_clients(self.ports, tx, said)

    async def employee_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        """The client is answered."""
        await on_employee(self.ports, tx, chat, message)

    async def manager_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        """The client is answered, by a human."""
        await on_manager(self.ports, tx, chat, message)

    async def message_confirmed(self, tx: Transaction, chat: Chat, message: Message) -> None:
        """A reminder that was uncertain did arrive."""
        if message.plugin == NAME:
            await was_confirmed(self.ports, tx, message)

    async def message_refused(
        self, tx: Transaction, chat: Chat, message: Message, error: ChannelError
    ) -> None:
        """A reminder, or an answer, that was accepted never arrived."""
        if message.plugin == NAME:
            await was_refused(self.ports, tx, message, reason_of(error))
        elif message.plugin is None:
            await on_refused(self.ports, tx, chat, message, reason=reason_of(error))

    async def chat_unreachable(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """Nothing more, until the client writes."""
        await on_unreachable(self.ports, tx, chat)

    async def client_opted(self, tx: Transaction, chat: Chat, at: datetime, *, out: bool) -> None:
        """No reminders for this client, or again."""
        await on_opted(self.ports, tx, chat, out=out)

    async def chat_paused(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """The chain freezes."""
        await on_pause(self.ports, tx, chat, at)

    async def chat_resumed(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """The chain goes on where it was."""
        await on_resume(self.ports, tx, chat, at)

    async def chat_erased(self, tx: Transaction, chat: Chat) -> None:
        """Nothing is kept of an erased chat but a wish for no reminders, as a salted hash."""
        record = await self.ports.silences.load(tx.connection, chat.id)
        if chat.opted_out_at is not None or (record is not None and record.silence.opted_out):
            await self.ports.opt_outs.keep(tx, chat, self.ports.runtime.clock.now())
        await self.ports.index.forget(tx, chat.id)
        for table in (silences, reminders, held):
            await tx.connection.execute(delete(table).where(table.c.chat_id == chat.id))

    async def employee_created(
        self, tx: Transaction, employee: Employee, options: BaseModel | None
    ) -> None:
        """The settings that a system starts with are no edit."""
        chain = Chain(enabled=False)
        if isinstance(options, FollowupOptions):
            chain = options.chain
        await self.ports.chains.save(tx, employee.id, chain)

    async def employee_edited(
        self, tx: Transaction, employee: Employee, options: BaseModel | None
    ) -> None:
        """A save, of hours as well as of steps, applies at once."""
        if isinstance(options, FollowupOptions):
            await imported(self.ports, tx, employee.id, options)
        else:
            await edit(self.ports, tx, employee.id)

    async def employee_exported(
        self, connection: AsyncConnection, employee: str
    ) -> Mapping[str, object] | None:
        """The chain as the settings file would have it."""
        plan = await self.ports.chains.load(connection, employee)
        return as_table(plan.chain) if plan is not None and plan.version else None

    async def employee_state(
        self, connection: AsyncConnection, employee: Employee
    ) -> Mapping[str, bool | int | datetime | None]:
        """Whether follow-ups are on, how many steps and waiting chats, when it opens."""
        from plugins.followup.front import standing  # noqa: PLC0415  as above

        return await standing(self.ports, connection, employee.id)

    async def job(self, key: int) -> None:
        """A timer fired, or settings were saved."""
        if key == ALL_CHATS:
            await refresh(self.ports)
        elif key == DUE:
            await on_due(self.ports, self.wave)
        else:
            await on_timer(self.ports, key)

    async def command(self, command: Command) -> Screen | None:
        """An admin typed /followup."""
        return await on_command(self.ports, command)

    async def sweep(self) -> None:
        """Find what is due, stale or lost, and who waits for us."""
        await sweep(self.ports)
        await owed(self.ports, self.debts)

    async def measures(
        self, connection: AsyncConnection, since: datetime, until: datetime
    ) -> Sequence[Measure]:
        """How much is due and how late, what is under way, what was settled."""
        now = self.ports.runtime.clock.now()
        return await measures(connection, now, since=since, until=until)

    async def examine(
        self, connection: AsyncConnection, page: Page, audit: Audit
    ) -> Sequence[Violation]:
        """Look whether those chats keep what is promised."""
        return await SqlExaminer(self.ports.chains).examine(connection, page, audit)

    async def forget(self, tx: Transaction, before: datetime) -> None:
        """Delete reminders that were settled before that."""
        await self.debts.forget(tx, before)
        await tx.connection.execute(delete(reminders).where(reminders.c.settled_at < before))
        await tx.connection.execute(delete(held).where(held.c.replied_at < before))

    def routes(self) -> Sequence[BaseRoute]:
        """The pages at /followup, and the tab of each employee."""
        from plugins.followup.front import routes  # noqa: PLC0415  workers have no pages

        return routes(self.ports)

    def operations(self) -> Operations:
        """The same for programs."""
        from plugins.followup.front import operations  # noqa: PLC0415  as above

        return operations(self.ports)

    async def notices(self) -> Sequence[Notice]:
        """That everything is stopped, while it is."""
        from plugins.followup.front import notices  # noqa: PLC0415  as above

        return await notices(self.ports)

    def tabs(self) -> Mapping[str, str]:
        """The employee's follow-ups."""
        return {phrase("Auto Follow-up"): NAME}

    def menu(self) -> Mapping[str, str]:
        """Where people start."""
        return {
            phrase("Auto Follow-up"): "/followup",
            phrase("Chats"): "/chats",
            phrase("Numbers"): "/followup/numbers",
        }


def plugin(runtime: Runtime) -> Plugin:
    """The plugin, with a model's voice if one is connected, else with the demo voice."""
    table = runtime.options.get(NAME, {})
    options = validated(PluginOptions, table, f"plugins.{NAME}")
    composer: Composer = DemoComposer() if runtime.model is None else ModelComposer(runtime.model)
    return Followup(
        Ports(
            runtime=runtime,
            silences=SqlSilences(),
            chains=SqlChains(runtime.directory),
            reminders=SqlReminders(),
            outcomes=SqlOutcomes(),
            search=SqlSearch(),
            overview=SqlOverview(runtime.directory),
            undos=SqlUndos(),
            index=SqlIndex(),
            ledger=SqlLedger(),
            opt_outs=SqlOptOuts(runtime.accounts),
            composer=composer,
            spendings=SqlSpendings(),
            breaker=SqlBreaker(),
            watch=Watch(Rates(options.rush, options.bad)),
        )
    )
