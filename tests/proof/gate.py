"""The rules of sending, each asked of what was true when the intent was recorded."""

from collections.abc import Iterator
from datetime import datetime

from plugins.followup.model import Chain, Silence, Step
from tests.proof.books import Books, Row, sure
from tests.proof.owed import DAY, hindrances, owed, peace, waited, wall_clock


def gate_faults(before: Books, now: Books, reminder: Row, message: Row) -> Iterator[str]:
    """Everything that should have kept that reminder back."""
    chat, at = message["chat_id"], sure(message["at"])
    said = [each for each in now.of(chat) if each["n"] < message["n"]]
    written = sum(each["author"] == "client" for each in said)
    if written != reminder["silence"]:
        yield f"the client has written {written} times, it is of silence {reminder['silence']}"
    if before.chats[chat]["paused_since"] is not None:
        yield "a human has the chat"
    if not wall_clock(now).is_open(at):
        yield "outside of the hours"
    silence = before.standings[chat].silence
    step = next((each for each in now.chain.steps if each.id == reminder["step_id"]), None)
    if step is None:
        yield "its step is not in the chain any more"
        return
    yield from hindrances(silence, now.chain)
    yield from _too_often(silence, step)
    yield from _too_early(silence, step, now.chain, at)
    due = owed(silence, now)
    if due.at is not None and at - due.at > DAY:
        yield "more than a day late"


def _too_often(silence: Silence, step: Step) -> Iterator[str]:
    if step.id in silence.passed:
        yield f"{step.id} is passed already"
    if step.once and step.id in silence.used:
        yield f"{step.id} is used up"


def _too_early(silence: Silence, step: Step, chain: Chain, at: datetime) -> Iterator[str]:
    answered, until, edited = silence.answered_at, silence.postponed_until, chain.saved_at
    if answered is None:
        yield "the client waits for an answer"
    elif at < answered + peace(step):
        yield "on the heels of the answer"
    if at < waited(silence, step):
        yield "before its delay was over"
    if until is not None and at < until:
        yield "before the moment to which it was postponed"
    snoozed = silence.snoozed_until
    if snoozed is not None and at < snoozed:
        yield "before the end of its snooze"
    if edited is not None and edited <= at < edited + peace(step):
        fallen = [waited(silence, step), until, answered and answered + peace(step)]
        if all(moment is None or moment < edited for moment in fallen):
            yield "fired by an edit"
