"""The part of a conversation's page where managers make it quiet, or take that back."""

from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.api import phrase
from plugins.followup.dashboard.cursor import number
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.quieting import ACTIONS, Quieting, quieted
from plugins.followup.until import until_of
from plugins.followup.words import BY

_BAD = phrase("That is no moment to come, so nothing was changed.")
_LONGEST = 40
"""More of what was typed comes back to nobody."""


class Quietly:
    """The forms below /followup/chats/<number>/quiet."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def change(self, request: Request) -> Response:
        """Mute, snooze, unmute, never or allow, and back to the page."""
        runtime, key = self._ports.runtime, number(request.path_params["chat"])
        person = runtime.site.require_admin(request)
        form = await runtime.site.form(request)
        action = str(form.get("action", ""))
        if action not in ACTIONS:
            raise HTTPException(400, "This form is not from this page.")
        async with runtime.database.read() as connection:
            chat = await runtime.directory.chat(connection, key) if key else None
            plan = await self._ports.chains.load(connection, chat.employee) if chat else None
        if chat is None or plan is None:
            raise HTTPException(404, "There is no such chat.")
        until = None
        if action == "snooze":
            try:
                until = until_of(str(form.get("until", "")), runtime.clock.now(), plan.hours.zone)
            except ValueError:
                typed = quote(str(form.get("until", ""))[:_LONGEST])
                return RedirectResponse(f"/followup/chats/{chat.id}?quiet={typed}#quiet", 303)
        await quieted(self._ports, chat.id, Quieting(person.name, action, until))
        return RedirectResponse(f"/followup/chats/{chat.id}#quiet", 303)

    def shown(self, request: Request, record: Record | None, plan: Plan) -> dict[str, Any]:
        """What the part tells; nothing where the client never wrote."""
        silence = record.silence if record is not None else None
        now = self._ports.runtime.clock.now()
        until = silence.snoozed_until if silence is not None else None
        return {
            "silence": silence,
            "snoozed_until": until if until is not None and until > now else None,
            "opted_by": BY.get(silence.opted_by) if silence and silence.opted_by else None,
            "zone": plan.hours.zone.key,
            "fault": _BAD if "quiet" in request.query_params else "",
            "typed": request.query_params.get("quiet", "")[:_LONGEST],
        }
