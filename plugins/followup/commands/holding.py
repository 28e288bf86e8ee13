"""The hold-out by command: a share of chats without reminders, to compare with."""

from dataclasses import replace

from bot.api import Screen
from plugins.followup.commands.replies import RefusedError, button, home, screen
from plugins.followup.commands.request import Request, number
from plugins.followup.commands.saving import Wish, change
from plugins.followup.model import Chain
from plugins.followup.options import LARGEST_HOLD_OUT
from plugins.followup.ports import Ports


async def holdout(ports: Ports, request: Request) -> Screen:
    """How many of a hundred chats get no reminders; with a number, from now on so many."""
    said = request.rest.strip().removesuffix("%").strip()
    if not said:
        return await _told(ports, request)
    share = number(said)
    if share is None or share > LARGEST_HOLD_OUT:
        raise RefusedError(
            f"Say a whole number from 0 to {LARGEST_HOLD_OUT}:"
            f" /followup holdout{request.of(request.employee)} 10",
            home(),
        )

    def wish(chain: Chain) -> Wish:
        if chain.terms.hold_out == share:
            raise RefusedError(f"The hold-out is {share} % already.", home())
        return replace(Wish.of(chain), terms=replace(chain.terms, hold_out=share))

    await change(ports, request, wish)
    name = request.employee.name
    return screen(
        [
            f"{name}: {share} of a hundred chats get no reminders, drawn by lot."
            if share
            else f"{name}: every chat gets reminders; silences held out so far stay without.",
            "The dashboard's Numbers compare them with the others.",
        ],
        [button("Undo", "undo", request.tag), *home()],
    )


async def _told(ports: Ports, request: Request) -> Screen:
    async with ports.runtime.database.read() as connection:
        plan = await ports.chains.load(connection, request.employee.id)
    share = plan.chain.terms.hold_out if plan is not None else 0
    return screen(
        [
            f"{request.employee.name}: {share} of a hundred chats get no reminders.",
            f"To change it: /followup holdout{request.of(request.employee)} 10",
        ],
        home(),
    )
