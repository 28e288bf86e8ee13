"""What managers wish for one chat, done: one transaction, with its line in the audit log."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.api import Change, Chat, Transaction
from plugins.followup.model import Reason, Silence
from plugins.followup.planning import plan_of, save
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.quiet import allowed, muted, never, snoozed, unmuted

ACTIONS = ("mute", "snooze", "unmute", "never", "allow")


@dataclass(frozen=True, slots=True)
class Quieting:
    """Who wants which of the actions; `until` belongs to `snooze`."""

    by: str
    action: str
    until: datetime | None = None


async def quieted(ports: Ports, chat: int, wish: Quieting) -> bool:
    """Do it; false where the client never wrote, so that there is nothing to quiet.

    A reminder that is just being written is not sent any more; one on its way is.
    """
    async with ports.runtime.database.write() as tx:
        held = await ports.runtime.directory.lock_chat(tx, chat)
        record = await ports.silences.load(tx.connection, chat)
        plan = await plan_of(ports, tx, record) if record is not None else None
        if held is None or record is None or plan is None:
            return False
        after = _after(wish, record.silence, plan, ports.runtime.clock.now())
        if wish.action == "allow":
            await ports.opt_outs.drop(tx, held)
            await ports.runtime.consent.allow(tx, held)
        if after != record.silence:
            await _changed(ports, tx, (held, record), (wish, after))
        return True


def _after(wish: Quieting, silence: Silence, plan: Plan, now: datetime) -> Silence:
    ways: dict[str, Callable[[], Silence]] = {
        "mute": lambda: muted(silence, now),
        "snooze": lambda: snoozed(silence, wish.until or now),
        "unmute": lambda: unmuted(silence, plan.chain, now),
        "never": lambda: never(silence),
        "allow": lambda: allowed(silence, plan.chain, now),
    }
    return ways[wish.action]()


async def _changed(
    ports: Ports, tx: Transaction, before: tuple[Chat, Record], done: tuple[Quieting, Silence]
) -> None:
    (chat, record), (wish, after) = before, done
    if wish.action in {"mute", "never"}:
        reason = Reason.MUTED if wish.action == "mute" else Reason.OPTED_OUT
        await ports.reminders.cancel(tx, chat.id, reason, ports.runtime.clock.now())
    await save(ports, tx, replace(record, silence=after))
    line = Change(
        wish.by,
        f"followup.{wish.action}",
        chat.employee,
        chat.id,
        _told(record.silence),
        _told(after),
    )
    await ports.runtime.journal.record(tx, line)


def _told(silence: Silence) -> dict[str, str | bool | None]:
    """What the audit log keeps of it."""
    until = silence.snoozed_until
    return {
        "opted_out": silence.opted_out,
        "muted": silence.muted_since is not None,
        "snoozed_until": until.isoformat() if until is not None else None,
    }
