"""What happens in one chat: its reminder goes now, is left out, or a colleague takes over."""

from dataclasses import replace

from bot.api import Change, Chat, Screen, Transaction
from plugins.followup.chain import due, hurried, next_step, skipped
from plugins.followup.claims import hold
from plugins.followup.commands.chats import find, told
from plugins.followup.commands.replies import RefusedError, button, home, when
from plugins.followup.commands.request import Request
from plugins.followup.model import Due, Reason, State, Step, Waiting
from plugins.followup.planning import save
from plugins.followup.ports import Plan, Ports, Put, Record
from plugins.followup.words import WHY, why_none


async def now(ports: Ports, request: Request) -> Screen:
    """The next reminder goes at once, as soon as every rule but the delay allows it."""
    chat = await find(ports, request)
    moment = ports.runtime.clock.now()
    async with ports.runtime.database.write() as tx:
        record, plan = await _free(ports, tx, chat)
        before = due(record.silence, plan.chain, plan.hours)
        if not ports.runtime.outbox.is_open(chat, moment):
            raise _refused(chat, f"{WHY[Reason.WINDOW_CLOSED]}; the client has to write first")
        after = await save(ports, tx, replace(record, silence=hurried(record.silence, moment)))
        change = _change(request, chat, _json(before), _json(after))
        await ports.runtime.journal.record(tx, change)
    return await told(ports, request, chat, _soon(ports, after, plan))


async def skip(ports: Ports, request: Request) -> Screen:
    """The next reminder is left out; the one after it counts from now."""
    chat = await find(ports, request)
    moment = ports.runtime.clock.now()
    async with ports.runtime.database.write() as tx:
        record, plan = await _free(ports, tx, chat)
        before = due(record.silence, plan.chain, plan.hours)
        step = next_step(record.silence, plan.chain)
        if step is None:
            raise _refused(chat, WHY[Reason.DONE])
        await _pass_over(ports, tx, record, step)
        after = await save(
            ports, tx, replace(record, silence=skipped(record.silence, step.id, moment))
        )
        change = _change(request, chat, _json(before), _json(after))
        await ports.runtime.journal.record(tx, change)
    place = plan.chain.steps.index(step) + 1
    return await told(ports, request, chat, f"Step {place} is left out in this silence.")


async def hand_over(ports: Ports, request: Request) -> Screen:
    """A colleague has the chat, or the employee has it again."""
    chat, pause = await find(ports, request), request.word == "pause"
    if (chat.paused_since is not None) == pause:
        raise RefusedError(
            f"{chat.title} is paused already." if pause else f"{chat.title} is not paused.",
            [button("Why", "why", chat.id), *home()],
        )
    handover = ports.runtime.handover
    change = _change(request, chat, {"paused": not pause}, {"paused": pause})
    by = f"{request.command.by}, by command"
    await (handover.pause(chat.id, change, by) if pause else handover.resume(chat.id, change))
    said = (
        "A colleague has the chat: the employee says nothing until you type"
        f" /followup resume {chat.id}."
        if pause
        else "The employee has the chat again."
    )
    return await told(ports, request, chat, said)


def _soon(ports: Ports, found: Due | Waiting, plan: Plan) -> str:
    """When a hurried reminder goes, and which rule still holds it."""
    if isinstance(found, Waiting):
        return "It goes a few minutes after the client is answered."
    moment, zone = ports.runtime.clock.now(), plan.hours.zone
    if found.at <= moment:
        return "The next reminder goes now."
    if found.why(moment) is Reason.WAITING_FOR_HOURS:
        return f"The next reminder goes when the hours open: {when(found.at, zone, moment)}."
    return f"It goes {when(found.at, zone, moment)}, not right on the heels of an answer or a save."


async def _free(ports: Ports, tx: Transaction, chat: Chat) -> tuple[Record, Plan]:
    """The chat, held. Refuses where no reminder is to come, or one is on its way."""
    found = (await hold(ports, tx, [chat.id])).get(chat.id)
    if found is None:
        raise _refused(chat, "the client never wrote")
    record, plan, now = found.record, found.plan, ports.runtime.clock.now()
    if found.late is not None:
        await ports.outcomes.replied(tx, [found.late], now)
    if await ports.reminders.busy(tx, [chat.id], now):
        raise RefusedError(
            f"A reminder to {chat.title} is being written or sent right now."
            " Look again in a minute; nothing was changed.",
            [button("Why", "why", chat.id), *home()],
        )
    waits = due(record.silence, plan.chain, plan.hours)
    if isinstance(waits, Waiting) and waits.reason is not Reason.WAITING_FOR_ANSWER:
        raise _refused(chat, why_none(waits))
    return record, plan


async def _pass_over(ports: Ports, tx: Transaction, record: Record, step: Step) -> None:
    end = {"token": None, "lease": None, "settled_at": ports.runtime.clock.now()}
    skipped_over = {"state": State.SKIPPED, "reason": Reason.MUTED, **end}
    await ports.reminders.put(tx, [Put(record, step, skipped_over)])


def _change(request: Request, chat: Chat, before: object, after: object) -> Change:
    action = f"followup.{request.word}"
    return Change(request.command.by, action, chat.employee, chat.id, before, after)


def _json(found: Due | Waiting) -> object:
    if isinstance(found, Waiting):
        return {"reason": found.reason.value}
    return {"step": found.step.id, "due": found.at.isoformat()}


def _refused(chat: Chat, why: str) -> RefusedError:
    return RefusedError(
        f"{chat.title} gets no reminder: {why}.", [button("Why", "why", chat.id), *home()]
    )
