"""What a step would say: composed for a real chat, shown to the admin alone."""

from bot.api import Button, Chat, ModelError, Screen
from plugins.followup.commands.replies import RefusedError, button, clock, home, screen
from plugins.followup.commands.request import Request
from plugins.followup.commands.steps import Found, chain_of, nothing_more, short_id, step_in
from plugins.followup.model import Reason
from plugins.followup.occasions import occasion
from plugins.followup.ports import Ports
from plugins.followup.verdicts import Decision, Occasion, Verdict
from plugins.followup.words import FAULTS, NAMED, WHY

_VERDICTS = {
    Decision.SKIP: "It would leave this step out",
    Decision.POSTPONE: "It would wait",
    Decision.STOP: "It would write nothing more in this silence",
}


async def preview(ports: Ports, request: Request) -> Screen:
    """Compose a step for the employee's latest chat; nothing is sent, nothing changes."""
    found, left = step_in(request, await chain_of(ports, request), request.rest)
    nothing_more(request, left)
    chat, told = await _occasion(ports, request, found)
    try:
        verdict = await ports.composer.compose(told)
    except ModelError as error:
        raise RefusedError(
            f"The model gave no usable text: {error}.\nNothing was sent.",
            [_again(request, found), button("All steps", "steps", request.tag)],
            home(),
        ) from None
    return screen(
        [
            f"Step {found.place} for {chat.title} (chat {chat.id}), if it went out now:",
            "",
            *_said(verdict, told),
            "",
            f"Nothing was sent. {_cost(ports, verdict)}",
        ],
        [_again(request, found), button("All steps", "steps", request.tag)],
        home(),
    )


async def _occasion(ports: Ports, request: Request, found: Found) -> tuple[Chat, Occasion]:
    employee = request.employee
    async with ports.runtime.database.read() as connection:
        chat = await ports.overview.latest(connection, employee.id)
        record = await ports.silences.load(connection, chat.id) if chat is not None else None
        plan = await ports.chains.load(connection, employee.id)
    if chat is None or record is None or plan is None or found.step not in plan.chain.steps:
        raise RefusedError(
            f"{employee.name} has no chat yet, and a preview needs one: write as a client first.",
            [button("All steps", "steps", request.tag), *home()],
        )
    return chat, await occasion(ports, record, plan, found.step)


def _said(verdict: Verdict, told: Occasion) -> list[str]:
    if verdict.decision is Decision.SEND:
        return [f"“{verdict.text}”"]
    zone = told.local.tzinfo
    until = ""
    if verdict.until is not None and zone is not None:
        until = f" until {clock(verdict.until, zone)}"
    why = NAMED if verdict.reason is Reason.WAITING_FOR_DELAY else WHY[verdict.reason]
    fault = f"; {FAULTS[verdict.fault]}, twice" if verdict.fault else ""
    quote = f" The client said “{verdict.said}”." if verdict.said else ""
    return [f"{_VERDICTS[verdict.decision]}{until}: {why}{fault}.{quote}"]


def _cost(ports: Ports, verdict: Verdict) -> str:
    if ports.runtime.model is None:
        return "The demo voice costs nothing."
    if verdict.tokens is None:
        return "The model did not say how many tokens it took."
    return f"It took {verdict.tokens} tokens."


def _again(request: Request, found: Found) -> Button | None:
    return button("Once more", "preview", request.tag, found.place, short_id(found.step))
