"""Makes one chat quiet, or lets it be reminded again."""

from dataclasses import replace

from bot.api import Chat, Screen
from plugins.followup.commands.chats import find, told
from plugins.followup.commands.replies import RefusedError, button, clock, home
from plugins.followup.commands.request import Request
from plugins.followup.ports import Ports
from plugins.followup.quieting import Quieting, quieted
from plugins.followup.until import until_of

_SAID = {
    "mute": "Muted: no reminders until you type /followup unmute {key}.",
    "unmute": "Neither muted nor snoozed any more.",
    "never": "This client gets no reminders any more. /followup allow {key} takes that back.",
    "allow": "Reminders are allowed again.",
}


async def quiet(ports: Ports, request: Request) -> Screen:
    """Mute, unmute, never, allow."""
    chat = await find(ports, request)
    await _done(ports, request, chat, Quieting(request.command.by, request.word))
    return await told(ports, request, chat, _SAID[request.word].format(key=chat.id))


async def snooze(ports: Ports, request: Request) -> Screen:
    """No reminder before a moment, on the employee's clock."""
    name, when = _split(request)
    chat = await find(ports, replace(request, rest=name))
    form = f"/followup snooze {chat.id}"
    row = [
        button("For 1 day", "snooze", chat.id, "1d"),
        button("For 7 days", "snooze", chat.id, "7d"),
    ]
    if not when:
        raise RefusedError(
            f"Until when? Type {form} 3d, {form} monday 10:00 or a date.", row, home()
        )
    async with ports.runtime.database.read() as connection:
        plan = await ports.chains.load(connection, chat.employee)
    if plan is None:
        raise RefusedError("The employee of this chat is gone.", home())
    zone = plan.hours.zone
    try:
        until = until_of(when, ports.runtime.clock.now(), zone)
    except ValueError as error:
        raise RefusedError(f"{error}.\nLike this: {form} 3d", row, home()) from None
    await _done(ports, request, chat, Quieting(request.command.by, "snooze", until))
    return await told(ports, request, chat, f"Snoozed until {clock(until, zone)}.")


async def _done(ports: Ports, request: Request, chat: Chat, wish: Quieting) -> None:
    if not await quieted(ports, chat.id, wish):
        raise RefusedError(f"{chat.title} gets no reminder: the client never wrote.", home())


def _split(request: Request) -> tuple[str, str]:
    """The chat, and the moment behind it: a number is one word, a name goes up to the moment."""
    words = request.rest.split()
    if words and words[0].removeprefix("#").isdecimal():
        return words[0], " ".join(words[1:])
    last = 2 if words[2:] and ":" in words[-1] else 1
    return " ".join(words[:-last]) or request.rest, " ".join(words[-last:] if words[1:] else [])
