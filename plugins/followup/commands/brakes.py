"""What concerns everybody at once: stop and release, and follow-ups of all employees on or off."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Screen
from plugins.followup.commands.replies import RefusedError, button, clock, counted, home, screen
from plugins.followup.commands.request import Request
from plugins.followup.commands.saving import Hand, Wish, keep
from plugins.followup.commands.steps import nothing_more
from plugins.followup.ports import Ports
from plugins.followup.stopping import BY_HAND, release, stop


async def stop_all(ports: Ports, request: Request) -> Screen:
    """No reminder goes out any more, of nobody, until somebody types release."""
    nothing_more(request, request.rest)
    if not await stop(ports, BY_HAND, request.command.by):
        raise RefusedError(
            "Everything is stopped already.", [button("Release", "release"), *home()]
        )
    return screen(
        ["All reminders of everybody are stopped.", "Type /followup release to let them go on."],
        [button("Release", "release"), *home()],
    )


async def release_all(ports: Ports, request: Request) -> Screen:
    """Reminders go out again, without a burst."""
    nothing_more(request, request.rest)
    if not await release(ports, request.command.by):
        raise RefusedError("Nothing is stopped.", home())
    return screen(
        [
            "Reminders go out again.",
            "What would be due by now waits a few minutes more; nothing goes out in a burst.",
        ],
        [button("Chats", "chats"), *home()],
    )


async def switch_all(ports: Ports, request: Request) -> Screen:
    """On or off, for all employees in one transaction."""
    on, changed = request.word == "on", 0
    async with ports.runtime.database.write() as tx:
        for employee in request.staff.people:
            held = await ports.chains.hold(tx, employee.id)
            if held is None or held.chain.enabled == on:
                continue
            hand = Hand(request.command.by, request.word, employee.id)
            await keep(ports, tx, hand, (held.chain, Wish(held.chain.steps, on)))
            changed += 1
    if not changed:
        raise RefusedError(f"Follow-ups of everybody are {request.word} already.", home())
    effect = "Only chats whose client writes from now on are followed up." if on else ""
    return screen(
        [f"Follow-ups of {counted(changed, 'employee')} are {request.word} now.", effect], home()
    )


async def standstill(ports: Ports, connection: AsyncConnection) -> list[str]:
    """What the status says first, if everything is stopped."""
    latch = await ports.breaker.latched(connection)
    if latch is None:
        return []
    since = clock(latch.at, latch.at.tzinfo) if latch.at.tzinfo is not None else ""
    return [
        f"ALL REMINDERS ARE STOPPED since {since} UTC: {latch.why}.",
        "Type /followup release to let them go on.",
        "",
    ]
