"""The gate: one transaction that asks the rules once more and records the intent to send."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.api import Message, ModelError, Reply
from plugins.followup.braking import Turnstile, at_gate, spend
from plugins.followup.chain import composer_failed, postponed, skipped, stopped
from plugins.followup.claims import Claim, hold, still_ours
from plugins.followup.model import Reason, Silence, State, Step
from plugins.followup.planning import NAME
from plugins.followup.ports import Ports
from plugins.followup.restraint import Hold
from plugins.followup.sheet import Sheet
from plugins.followup.verdicts import Decision, Verdict

Passing = tuple[Claim, Verdict | ModelError]
"""A claim with what the composer said, or why it failed."""


async def gate(ports: Ports, wishes: Sequence[Passing]) -> Sequence[Message | None]:
    """Act on the verdicts where nothing changed since the claim; messages are to be delivered.

    Many pass in one transaction, each judged by itself.
    """
    async with ports.runtime.database.write() as tx:
        chats = await hold(ports, tx, [claimed.chat.id for claimed, _ in wishes])
        # Not before they are held: who waited for that may have waited until it is night.
        sheet = Sheet(ports.runtime.clock.now())
        rows = await ports.reminders.get(tx.connection, [each.reminder for each, _ in wishes])
        turnstile = Turnstile(ports, tx, strictly=True)
        sending: list[tuple[Claim, Verdict]] = []
        for claimed, verdict in wishes:
            found, row = chats.get(claimed.chat.id), rows.get(claimed.reminder)
            if found is None or row is None:
                continue
            ours = still_ours(ports, sheet, claimed, (found, row))
            if ours is None:
                continue
            if isinstance(verdict, ModelError) or verdict.decision is not Decision.SEND:
                _end(sheet, ours, _outcome(ours, verdict, sheet.now))
            elif hold_back := await at_gate(turnstile, ours.found):
                _end(sheet, ours, _postponed(ours, verdict, hold_back))
            else:
                sending.append((ours, verdict))
            await spend(ports, tx, ours.found, verdict.tokens)
        replies = [(each.chat, Reply(said.text, said.tokens)) for each, said in sending]
        posted = await ports.runtime.outbox.post_all(tx, replies, sheet.now, NAME)
        for (each, verdict), message in zip(sending, posted, strict=True):
            sheet.changes[each.reminder] = _intent(message, verdict)
        await sheet.write(ports, tx)
    passed = {message.chat: message for message in posted}
    return [passed.get(claimed.chat.id) for claimed, _ in wishes]


def _intent(message: Message, verdict: Verdict) -> dict[str, object]:
    """The intent to send, with the message and the reminder in one."""
    return {
        "state": State.SENDING,
        "intent_at": message.at,
        "message_id": message.id,
        "spent": verdict.tokens,
        "prompt": verdict.prompt or None,
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A claim that ends without a message."""

    state: State
    silence: Silence
    verdict: Verdict


def _outcome(ours: Claim, verdict: Verdict | ModelError, now: datetime) -> Outcome:
    silence = ours.held.record.silence
    if isinstance(verdict, ModelError):
        return _not_composed(silence, ours.step, verdict, now)
    return _held_back(silence, ours.step, verdict, now)


def _postponed(ours: Claim, verdict: Verdict, hold_back: Hold) -> Outcome:
    """A limit keeps it from going out now."""
    until, reason, limit = hold_back.until, hold_back.reason, hold_back.limit
    silence = postponed(ours.held.record.silence, until, reason, limit)
    waits = replace(verdict, decision=Decision.POSTPONE, reason=hold_back.reason)
    return Outcome(State.SCHEDULED, silence, replace(waits, until=hold_back.until))


def _not_composed(silence: Silence, step: Step, error: ModelError, now: datetime) -> Outcome:
    """The composer failed: the step waits for another try, or is skipped at last."""
    after = composer_failed(silence, step, now)
    state = State.SKIPPED if step.id in after.passed else State.SCHEDULED
    verdict = Verdict(Decision.SKIP, reason=Reason.COMPOSER_FAILED, tokens=error.tokens)
    return Outcome(state, after, verdict)


def _held_back(silence: Silence, step: Step, verdict: Verdict, now: datetime) -> Outcome:
    """The composer's other verdicts."""
    match verdict.decision:
        case Decision.SKIP:
            state, after = State.SKIPPED, skipped(silence, step.id, now)
        case Decision.POSTPONE:
            busy = Reason.RATE_LIMITED if verdict.reason is Reason.RATE_LIMITED else None
            state, after = State.SCHEDULED, postponed(silence, verdict.until or now, busy)
        case _:
            state, after = State.CANCELLED, stopped(silence, verdict.reason)
    return Outcome(state, after, verdict)


def _end(sheet: Sheet, ours: Claim, outcome: Outcome) -> None:
    verdict = outcome.verdict
    sheet.changes[ours.reminder] = {
        "state": outcome.state,
        "reason": verdict.reason,
        "spent": verdict.tokens,
        "until": verdict.until,
        "said": verdict.said or None,
        "fault": verdict.fault or None,
        "prompt": verdict.prompt or None,
        "token": None,
        "lease": None,
        "settled_at": sheet.now,
    }
    sheet.records.append(ours.held.stands(outcome.silence).record)
