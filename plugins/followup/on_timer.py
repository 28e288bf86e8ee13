"""What happens when a timer fires.

Claim what is due, compose outside of any transaction, then pass the gate: one transaction that
asks the rules once more and records the intent to send. Only then the channel is called, once. A
crash before the gate costs nothing but time; a crash after it leaves the reminder uncertain.

When working hours open, thousands are due in one second: they are claimed, pass the gate and are
settled hundreds at a time, each judged by itself.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.api import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    Delivery,
    Message,
    ModelError,
    Together,
    UnknownDeliveryError,
    WindowClosedError,
)
from plugins.followup.claims import Claim, claim
from plugins.followup.gate import Passing, gate
from plugins.followup.model import Reason
from plugins.followup.occasions import occasions
from plugins.followup.planning import wake
from plugins.followup.ports import Ports
from plugins.followup.room import MOST, Place
from plugins.followup.settling import Fate, reason_of, settle
from plugins.followup.stopping import watch
from plugins.followup.verdicts import Decision, Occasion, Verdict

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LONG = timedelta(minutes=1)
"""After so long a job takes up nothing more: what it has begun is to end before its time is up."""
LOOKS = timedelta(seconds=5)
"""So often an account that has enough under way is looked at again."""


async def on_timer(ports: Ports, chat: int) -> None:
    """Send what is due in this chat now, if anything is; may be called at any time, twice too."""
    await watch(ports)
    async with ports.runtime.database.read() as connection:
        at = await ports.silences.due(connection, chat)
    # Most timers of a chat fire in vain, because the client wrote again.
    if at is not None and at <= ports.runtime.clock.now():
        await _together(await Wave(ports).begin([chat]))


async def on_due(ports: Ports, wave: "Wave") -> None:
    """Send whatever is due now, the longest due first; may be called at any time, twice too."""
    await watch(ports)
    begun, left = ports.runtime.clock.now(), ports.room.left
    place: Place | None = None
    under_way: list[asyncio.Task[None]] = []
    try:
        while ports.runtime.clock.now() - begun < LONG:
            found, tasks = await _next(ports, wave, place)
            under_way += tasks
            if len(found) < MOST:
                break
            if place is None:
                # Other workers may help; whoever is the last finds nothing.
                wake(ports, ports.runtime.clock.now(), turn=1)
            place = found[-1]
        if ports.room.left > left:
            wake(ports, _next_look(ports.runtime.clock.now()), turn=1)
        await _together(under_way)
    finally:
        for task in under_way:
            task.cancel()


def _next_look(now: datetime) -> datetime:
    """A moment that is the same for whoever asks about now: their jobs are one."""
    return now + LOOKS - (now - _EPOCH) % LOOKS


async def _next(
    ports: Ports, wave: "Wave", after: Place | None
) -> tuple[Sequence[Place], Sequence[asyncio.Task[None]]]:
    """Claim the next of those that are due, and begin with them.

    Whoever waited for a turn while another look began and ended has been looked for by that.
    """
    room, asked = ports.room, ports.room.begun
    async with room.turn():
        if after is None:
            if room.seen > asked:
                return (), ()
            room.begun += 1
        async with ports.runtime.database.read() as connection:
            now = ports.runtime.clock.now()
            found = await ports.search.ready(connection, now, after, MOST)
        tasks: Sequence[asyncio.Task[None]] = ()
        if found:
            chats = room.picked(found, now)
            tasks = await wave.begin(chats, wait=False) if chats else ()
        if after is None:
            room.seen = room.begun
        return found, tasks


async def _together(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait for all. What went wrong is raised when the others are through; the sweep sees to it."""
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    faults = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for fault in faults[:1]:
        raise fault if len(faults) == 1 else BaseExceptionGroup("reminders failed", faults)


class Wave:
    """Reminders that go out at the same time; what can be done for all is done at once."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._gate = Together[Passing, Message | None](partial(gate, ports))
        self._settle = Together[Fate, None](partial(settle, ports))

    async def begin(
        self, chats: Sequence[int], *, wait: bool = True
    ) -> Sequence[asyncio.Task[None]]:
        """Claim what is due in those chats, see `claim`; a task for each."""
        async with self._ports.runtime.database.write() as tx:
            claims = await claim(self._ports, tx, chats, wait=wait)
            # In the same transaction: to read it in one of its own takes as long again.
            told = await occasions(self._ports, tx.connection, claims) if claims else {}
        tasks = {
            asyncio.create_task(self._remind(each, told[each.chat.id])): each.chat.ref.account
            for each in claims
            if each.chat.id in told
        }
        self._ports.room.fill(tasks)
        return list(tasks)

    async def _remind(self, claimed: Claim, occasion: Occasion) -> None:
        message = await self._gate.ask((claimed, await self._said(claimed, occasion)))
        fate = message and await self._deliver(claimed, message)
        if fate:
            await self._settle.ask(fate)

    async def _said(self, claimed: Claim, occasion: Occasion) -> Verdict | ModelError:
        """What the composer says, or why it cannot."""
        try:
            return await self._verdict(claimed, occasion)
        except ModelError as error:
            log.warning("chat %d: no reminder from the model: %s", claimed.chat.id, error)
            return error

    async def _verdict(self, claimed: Claim, occasion: Occasion) -> Verdict:
        """What the composer says, with the right to send it now; or to wait for the network."""
        outbox = self._ports.runtime.outbox
        if wait := await outbox.held(claimed.chat):
            return self._busy(wait)
        verdict = await self._ports.composer.compose(occasion)
        if verdict.decision is Decision.SEND and (wait := await outbox.slot(claimed.chat)):
            return replace(self._busy(wait), tokens=verdict.tokens, prompt=verdict.prompt)
        return verdict

    def _busy(self, wait: timedelta) -> Verdict:
        until = self._ports.runtime.clock.now() + wait
        return Verdict(Decision.POSTPONE, reason=Reason.RATE_LIMITED, until=until)

    async def _still(self, claimed: Claim) -> bool:
        """Whether nobody switched off, or stopped, everything since it passed the gate."""
        employee = claimed.held.record.employee
        async with self._ports.runtime.database.read() as connection:
            plan = await self._ports.chains.load(connection, employee)
        return plan is not None and plan.chain.enabled and not plan.latched

    async def _deliver(self, claimed: Claim, message: Message) -> Fate | None:
        """Call the channel; from here on nothing is tried again blindly.

        None where the channel is asked later what became of it.
        """
        chat = claimed.chat
        fate = partial(Fate, claimed.reminder, chat=chat.id)
        try:
            still = partial(self._still, claimed)
            external_id = await self._ports.runtime.outbox.deliver(chat, message, still)
        except UnknownDeliveryError as error:
            log.warning("chat %d: the fate of a reminder is unknown: %s", chat.id, error)
            if self._ports.runtime.outbox.can_ask(chat):
                return None
            return fate(Delivery.UNCERTAIN, at=message.at)
        except (ChatUnreachableError, WindowClosedError) as error:
            return fate(Delivery.FAILED, reason=reason_of(error))
        except ChannelBusyError as error:
            return fate(Delivery.FAILED, wait=error.wait)
        except ChannelError as error:
            log.warning("chat %d: the channel did not take a reminder: %s", chat.id, error)
            return fate(Delivery.FAILED)
        return fate(Delivery.SENT, external_id)
