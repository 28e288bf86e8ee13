"""What happens to a chain when somebody writes, and when a human takes or returns the chat."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.api import Chat, Message, Transaction
from plugins.followup.chain import answered, client_wrote, frozen, resumed, stopped
from plugins.followup.folding import name_of
from plugins.followup.model import Reason, Silence
from plugins.followup.planning import plan_of, save, save_all
from plugins.followup.ports import Ports, Record
from plugins.followup.quiet import opted, remembered


async def on_clients(ports: Ports, tx: Transaction, said: Sequence[tuple[Chat, Message]]) -> None:
    """A client's message ends the silence: what was pending is dropped, a new one begins."""
    chats = [chat for chat, _ in said]
    before = await ports.silences.load_all(tx.connection, [chat.id for chat in chats])
    new = [chat for chat in chats if chat.id not in before]
    refusing = await ports.opt_outs.held(tx, new)
    ended = [(before[chat.id], message.at) for chat, message in said if chat.id in before]
    await ports.outcomes.replied(tx, ended, ports.runtime.clock.now())
    records = []
    for chat, message in said:
        silence = _begun(chat, before.get(chat.id), message.at)
        if chat.id in refusing:
            silence = remembered(silence)
        listed = before[chat.id].listed if chat.id in before else None
        records.append(
            Record(
                chat.id,
                chat.employee,
                chat.client_n,
                silence,
                name=name_of(chat.title),
                listed=listed,
            )
        )
    await save_all(ports, tx, records)
    await _rename(ports, tx, chats, before)


async def _rename(
    ports: Ports, tx: Transaction, chats: Sequence[Chat], before: Mapping[int, Record]
) -> None:
    """Keep words anew where the name is another; after the rest, as everybody who changes both."""
    known = {key: record.name for key, record in before.items()}
    renamed = [chat for chat in chats if known.get(chat.id) != name_of(chat.title)]
    if renamed:
        await ports.index.rename(tx, renamed)


def _begun(chat: Chat, before: Record | None, at: datetime) -> Silence:
    silence = client_wrote(before.silence if before is not None else None, at)
    if silence.zone != chat.zone:
        silence = replace(silence, zone=chat.zone)
    return silence if chat.paused_since is None else frozen(silence, chat.paused_since)


async def on_employee(ports: Ports, tx: Transaction, chat: Chat, message: Message) -> None:
    """The employee answered; an answer to an earlier message than the latest starts nothing."""
    if message.n > chat.client_n:
        await _change(ports, tx, chat, lambda silence: answered(silence, message.at))


async def on_manager(ports: Ports, tx: Transaction, chat: Chat, message: Message) -> None:
    """A manager's message answers the client too."""
    await _change(ports, tx, chat, lambda silence: answered(silence, message.at))


async def on_pause(ports: Ports, tx: Transaction, chat: Chat, at: datetime) -> None:
    """A human has the chat: nothing is sent until the employee has it again."""
    await ports.reminders.cancel(tx, chat.id, Reason.HUMAN_ACTIVE, ports.runtime.clock.now())
    await _change(ports, tx, chat, lambda silence: frozen(silence, at))


async def on_resume(ports: Ports, tx: Transaction, chat: Chat, at: datetime) -> None:
    """The employee has the chat again; who wants no reminders still gets none."""
    record = await ports.silences.load(tx.connection, chat.id)
    plan = await plan_of(ports, tx, record) if record is not None else None
    if record is None or plan is None:
        return
    await save(ports, tx, replace(record, silence=resumed(record.silence, plan.chain, at)))


async def on_unreachable(ports: Ports, tx: Transaction, chat: Chat) -> None:
    """The client blocked us, or is gone: this silence ends here."""
    await _stop(ports, tx, chat, Reason.UNREACHABLE)


async def on_refused(
    ports: Ports, tx: Transaction, chat: Chat, message: Message, *, reason: Reason
) -> None:
    """An answer never arrived: nobody is reminded of what they got no answer to."""
    if message.n > chat.client_n:
        await _stop(ports, tx, chat, reason)


async def on_opted(ports: Ports, tx: Transaction, chat: Chat, *, out: bool) -> None:
    """The client clearly wants no more messages, or takes that back."""
    if not out:
        await ports.opt_outs.drop(tx, chat)
    if out:
        await ports.reminders.cancel(tx, chat.id, Reason.OPTED_OUT, ports.runtime.clock.now())
    await _change(ports, tx, chat, lambda silence: opted(silence, out=out))


async def _stop(ports: Ports, tx: Transaction, chat: Chat, reason: Reason) -> None:
    """This silence ends here; why it was stopped before stays: it says more."""
    await ports.reminders.cancel(tx, chat.id, reason, ports.runtime.clock.now())
    await _change(
        ports, tx, chat, lambda silence: silence if silence.stopped else stopped(silence, reason)
    )


async def _change(
    ports: Ports, tx: Transaction, chat: Chat, change: Callable[[Silence], Silence]
) -> None:
    record = await ports.silences.load(tx.connection, chat.id)
    known = {} if record is None else {chat.id: record}
    if record is not None:
        silence = change(record.silence)
        await save(ports, tx, replace(record, silence=silence, name=name_of(chat.title)))
    await _rename(ports, tx, [chat], known)
