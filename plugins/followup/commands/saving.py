"""Saves a chain that a person changed, with its line of the audit log, and its way back."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.api import Change, SettingsError, Transaction, validated
from plugins.followup.commands.replies import RefusedError, counted, home
from plugins.followup.commands.request import Request
from plugins.followup.model import Chain, Step, Terms
from plugins.followup.options import FollowupOptions, StepOptions, as_table
from plugins.followup.planning import edit
from plugins.followup.ports import Plan, Ports
from plugins.followup.undos import ANYBODY, Undo

_FILE = "settings file"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person makes of a chain; without terms those stay as they are."""

    steps: tuple[Step, ...]
    enabled: bool
    terms: Terms | None = None

    @classmethod
    def of(cls, chain: Chain) -> "Wish":
        """All of that chain."""
        return cls(chain.steps, chain.enabled, chain.terms)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes whose chain, and what the audit log calls that."""

    by: str
    action: str
    employee: str


@dataclass(frozen=True, slots=True)
class Saved:
    """The chain that now holds, and how many chats wait by it."""

    chain: Chain
    waiting: int

    @property
    def effect(self) -> str:
        """What the save means for chats that wait already."""
        if not self.waiting:
            return ""
        chats, follow = counted(self.waiting, "chat"), "follows" if self.waiting == 1 else "follow"
        return f"{chats} in mid-chain {follow} at once; what this makes due waits a few minutes."


async def change(ports: Ports, request: Request, wish: Callable[[Chain], Wish]) -> Saved:
    """Save what `wish` makes of the chain as it is now; it may refuse, then nothing changes."""
    employee = request.employee
    async with ports.runtime.database.write() as tx:
        held = await ports.chains.hold(tx, employee.id)
        if held is None:
            raise RefusedError("That employee is gone.", home())
        wanted = wish(held.chain)
        return await _keep(ports, tx, request, (held.chain, wanted))


async def take_back(ports: Ports, request: Request) -> Saved:
    """Restore the chain before this admin's latest change, unless somebody saved since."""
    employee = request.employee
    async with ports.runtime.database.write() as tx:
        held = await ports.chains.hold(tx, employee.id)
        undo = await ports.undos.find(tx.connection, employee.id)
        if held is None or undo is None or undo.by not in {request.command.by, ANYBODY}:
            raise RefusedError(f"There is no change of yours to undo for {employee.name}.", home())
        if undo.version != held.version:
            raise RefusedError(
                f"{employee.name}'s follow-ups were saved since your change, so it stays."
                f"\n/followup steps{request.of(employee)} shows them.",
                home(),
            )
        before = Wish.of(undo.chain)
        return await _keep(ports, tx, request, (held.chain, before))


def checked(delay: object, instruction: str, **more: object) -> Step:
    """A step that the settings file could have. Refuses what it could not, in plain words."""
    table = {"delay": delay, "instruction": instruction, **more}
    try:
        options = validated(StepOptions, table)
    except SettingsError as error:
        raise RefusedError(f"That cannot be saved. {error}", home()) from None
    return options.step(options.id or "")


async def keep(ports: Ports, tx: Transaction, hand: Hand, what: tuple[Chain, Wish]) -> Plan:
    """Save what is wanted over what was held; the audit log is part of the same transaction."""
    before, wanted = what
    plan = await edit(
        ports, tx, hand.employee, wanted.steps, enabled=wanted.enabled, terms=wanted.terms
    )
    await ports.runtime.journal.record(
        tx,
        Change(
            by=hand.by,
            action=f"followup.{hand.action}",
            employee=hand.employee,
            before=as_table(before),
            after=as_table(plan.chain),
        ),
    )
    return plan


async def imported(ports: Ports, tx: Transaction, employee: str, options: FollowupOptions) -> None:
    """Save what a settings file says, while everything runs."""
    held = await ports.chains.hold(tx, employee)
    before = held.chain if held is not None else Chain(enabled=False)
    wanted = Wish.of(options.chain)
    await keep(ports, tx, Hand(_FILE, "import", employee), (before, wanted))


async def _keep(ports: Ports, tx: Transaction, request: Request, what: tuple[Chain, Wish]) -> Saved:
    """Save, with the way back for who typed the command."""
    employee, by = request.employee.id, request.command.by
    plan = await keep(ports, tx, Hand(by, request.word, employee), what)
    await ports.undos.keep(tx, Undo(employee, by, plan.version, what[0]))
    waiting, _ = await ports.overview.waiting(tx.connection, employee)
    return Saved(plan.chain, waiting if plan.chain.enabled else 0)
