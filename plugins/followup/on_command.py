"""What happens when an admin types /followup."""

from collections.abc import Awaitable, Callable, Mapping

from bot.api import Command, Screen
from plugins.followup.commands.acting import hand_over, now, skip
from plugins.followup.commands.brakes import release_all, stop_all
from plugins.followup.commands.chats import chats, why
from plugins.followup.commands.editing import add, edit, move, once, remove, switch, undo
from plugins.followup.commands.holding import holdout
from plugins.followup.commands.preview import preview
from plugins.followup.commands.quiet import quiet, snooze
from plugins.followup.commands.replies import RefusedError
from plugins.followup.commands.request import Request, request_of, staff_of
from plugins.followup.commands.showing import help_, hours, status
from plugins.followup.commands.steps import steps
from plugins.followup.ports import Ports

WAYS: Mapping[str, Callable[[Ports, Request], Awaitable[Screen]]] = {
    "status": status,
    "on": switch,
    "off": switch,
    "steps": steps,
    "add": add,
    "edit": edit,
    "once": once,
    "move": move,
    "remove": remove,
    "undo": undo,
    "preview": preview,
    "chats": chats,
    "why": why,
    "now": now,
    "skip": skip,
    "pause": hand_over,
    "resume": hand_over,
    "mute": quiet,
    "snooze": snooze,
    "unmute": quiet,
    "never": quiet,
    "allow": quiet,
    "hours": hours,
    "holdout": holdout,
    "stop": stop_all,
    "release": release_all,
    "help": help_,
}


async def on_command(ports: Ports, command: Command) -> Screen:
    """Take it apart, do it, and tell what was done, or why not."""
    try:
        request = request_of(command, await staff_of(ports, command))
        return await WAYS[request.word](ports, request)
    except RefusedError as refused:
        return refused.screen
