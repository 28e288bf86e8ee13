"""What happens when a timer fires.

Claim the step, compose outside of any transaction, then pass the gate: one transaction that asks
the rules once more and records the intent to send. Only then the channel is called, once. A crash
before the gate costs nothing but time; a crash after it leaves the reminder uncertain.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.api import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    Delivery,
    Message,
    ModelError,
    Reply,
    Transaction,
    UnknownDeliveryError,
    WindowClosedError,
)
from plugins.followup.braking import at_gate, spend
from plugins.followup.chain import composer_failed, postponed, skipped, stopped
from plugins.followup.claims import Claim, claim, still_ours
from plugins.followup.model import Reason, Silence, State, Step
from plugins.followup.occasions import occasion
from plugins.followup.planning import NAME, save
from plugins.followup.ports import Ports
from plugins.followup.settling import not_sent, reason_of, was_sent
from plugins.followup.stopping import watch
from plugins.followup.verdicts import Decision, Verdict

log = logging.getLogger(__name__)


async def on_timer(ports: Ports, chat: int) -> None:
    """Send what is due in this chat now, if anything is; may be called at any time, twice too."""
    await watch(ports)
    claimed = await claim(ports, chat)
    if claimed is None:
        return
    try:
        verdict = await _verdict(ports, claimed)
    except ModelError as error:
        log.warning("chat %d: no reminder from the model: %s", chat, error)
        await _give_back(ports, claimed, error.tokens)
        return
    message = await _gate(ports, claimed, verdict)
    if message is not None:
        await _deliver(ports, claimed, message)


async def _verdict(ports: Ports, claimed: Claim) -> Verdict:
    """What the composer says, with the right to send it now; or to wait, as the network wants."""
    outbox = ports.runtime.outbox
    if wait := await outbox.held(claimed.chat):
        return _busy(ports, wait)
    told = await occasion(ports, claimed.record, claimed.plan, claimed.step)
    verdict = await ports.composer.compose(told)
    if verdict.decision is Decision.SEND and (wait := await outbox.slot(claimed.chat)):
        return replace(_busy(ports, wait), tokens=verdict.tokens, prompt=verdict.prompt)
    return verdict


def _busy(ports: Ports, wait: timedelta) -> Verdict:
    until = ports.runtime.clock.now() + wait
    return Verdict(Decision.POSTPONE, reason=Reason.RATE_LIMITED, until=until)


async def _give_back(ports: Ports, claimed: Claim, tokens: int | None) -> None:
    """The composer failed: the step waits for another try, or is skipped at last."""
    now = ports.runtime.clock.now()
    async with ports.runtime.database.write() as tx:
        ours = await still_ours(ports, tx, claimed)
        if ours is None:
            return
        silence = composer_failed(ours.record.silence, ours.step, now)
        over = ours.step.id in silence.passed
        state = State.SKIPPED if over else State.SCHEDULED
        verdict = Verdict(Decision.SKIP, reason=Reason.COMPOSER_FAILED, tokens=tokens)
        await _end(ports, tx, ours, Outcome(state, silence, verdict))


async def _gate(ports: Ports, claimed: Claim, verdict: Verdict) -> Message | None:
    """Act on the verdict if nothing changed since the claim; the message is to be delivered."""
    async with ports.runtime.database.write() as tx:
        ours = await still_ours(ports, tx, claimed)
        if ours is None:
            return None
        if verdict.decision is not Decision.SEND:
            now = ports.runtime.clock.now()
            outcome = _held_back(ours.record.silence, ours.step, verdict, now)
            await _end(ports, tx, ours, outcome)
            return None
        hold = await at_gate(ports, tx, ours.what)
        if hold is not None:
            silence = postponed(ours.record.silence, hold.until, hold.reason)
            held = Verdict(
                Decision.POSTPONE,
                reason=hold.reason,
                until=hold.until,
                tokens=verdict.tokens,
                prompt=verdict.prompt,
            )
            outcome = Outcome(State.SCHEDULED, silence, held)
            await _end(ports, tx, ours, outcome)
            return None
        return await _intend(ports, tx, ours, verdict)


async def _intend(ports: Ports, tx: Transaction, claimed: Claim, verdict: Verdict) -> Message:
    """Record the intent to send, with the message and the reminder in one."""
    await spend(ports, tx, claimed.what, verdict.tokens)
    reply = Reply(verdict.text, verdict.tokens)
    message = await ports.runtime.outbox.post(tx, claimed.chat, reply, NAME)
    await ports.reminders.change(
        tx,
        claimed.reminder,
        state=State.SENDING,
        intent_at=message.at,
        message_id=message.id,
        spent=verdict.tokens,
        prompt=verdict.prompt or None,
    )
    return message


@dataclass(frozen=True, slots=True)
class Outcome:
    """A claim that ends without a message."""

    state: State
    silence: Silence
    verdict: Verdict


def _held_back(silence: Silence, step: Step, verdict: Verdict, now: datetime) -> Outcome:
    """The composer's other verdicts."""
    match verdict.decision:
        case Decision.SKIP:
            state, after = State.SKIPPED, skipped(silence, step.id, now)
        case Decision.POSTPONE:
            state, after = State.SCHEDULED, postponed(silence, verdict.until or now)
        case _:
            state, after = State.CANCELLED, stopped(silence, verdict.reason)
    return Outcome(state, after, verdict)


async def _end(ports: Ports, tx: Transaction, claimed: Claim, outcome: Outcome) -> None:
    verdict = outcome.verdict
    await spend(ports, tx, claimed.what, verdict.tokens)
    await ports.reminders.change(
        tx,
        claimed.reminder,
        state=outcome.state,
        reason=verdict.reason,
        spent=verdict.tokens,
        until=verdict.until,
        said=verdict.said or None,
        fault=verdict.fault or None,
        prompt=verdict.prompt or None,
        token=None,
        lease=None,
        settled_at=ports.runtime.clock.now(),
    )
    await save(ports, tx, replace(claimed.record, silence=outcome.silence))


async def _deliver(ports: Ports, claimed: Claim, message: Message) -> None:
    """Call the channel; from here on nothing is tried again blindly."""
    reminder = claimed.reminder
    try:
        external_id = await ports.runtime.outbox.deliver(claimed.chat, message)
    except UnknownDeliveryError as error:
        log.warning("chat %d: the fate of a reminder is unknown: %s", claimed.chat.id, error)
        if not ports.runtime.outbox.can_ask(claimed.chat):
            await was_sent(ports, reminder, Delivery.UNCERTAIN, at=message.at)
    except (ChatUnreachableError, WindowClosedError) as error:
        await not_sent(ports, reminder, reason_of(error))
    except ChannelBusyError as error:
        await not_sent(ports, reminder, None, error.wait)
    except ChannelError as error:
        log.warning("chat %d: the channel did not take a reminder: %s", claimed.chat.id, error)
        await not_sent(ports, reminder, None)
    else:
        await was_sent(ports, reminder, Delivery.SENT, external_id)
