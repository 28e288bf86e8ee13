"""The page of one conversation: its history, what comes next, and what admins can do about it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bot.api import Change, ChannelError, Chat, Employee, Erasure, phrase
from plugins.followup.chain import due
from plugins.followup.dashboard.answering import (
    LONGEST,
    Draft,
    fault_of,
    not_as_asked,
    obstacle,
    refusal_of,
    said_in,
)
from plugins.followup.dashboard.asked import wants_part
from plugins.followup.dashboard.cursor import number
from plugins.followup.dashboard.export import exported
from plugins.followup.dashboard.queries import attempts
from plugins.followup.dashboard.timeline import Label, Span, entries, label
from plugins.followup.model import Due
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.words import WHY, why_none

PAGE = 50
_HANDS = ("pause", "resume")
_ERRORS = {
    Erasure.BUSY: phrase("A message is being sent in this chat right now. Try again in a minute."),
    Erasure.UNKNOWN: phrase("There is no such chat."),
}
_OTHER_NAME = phrase("That is not the name of this chat, so nothing was erased.")


@dataclass(frozen=True, slots=True)
class Talk:
    """A chat with all that its page goes by."""

    chat: Chat
    employee: Employee
    plan: Plan
    record: Record | None


@dataclass(frozen=True, slots=True)
class Next:
    """The reminder that comes next, and what it waits for."""

    reminder: Label
    at: datetime
    opens: bool
    why: str


class Conversation:
    """The pages below /followup/chats/<number>."""

    def __init__(self, ports: Ports, environment: Environment) -> None:
        self._ports = ports
        self._environment = environment

    async def page(self, request: Request) -> Response:
        """The history, its end first; `before` leads further up."""
        return await self._shown(request)

    async def hand_over(self, request: Request) -> Response:
        """A colleague takes the chat, or the employee gets it back."""
        site, handover = self._ports.runtime.site, self._ports.runtime.handover
        person = site.require_admin(request)
        wish = str((await site.form(request)).get("hand", ""))
        if wish not in _HANDS:
            raise HTTPException(400, "A chat can be paused, or handed back.")
        chat = (await self._talk(request)).chat
        paused = wish == "pause"
        change = Change(
            person.name,
            f"followup.{wish}",
            chat.employee,
            chat.id,
            {"paused": chat.paused_since is not None},
            {"paused": paused},
        )
        await (handover.pause(chat.id, change) if paused else handover.resume(chat.id, change))
        return RedirectResponse(f"/followup/chats/{chat.id}", 303)

    async def answer(self, request: Request) -> Response:
        """A manager writes to the client, and has the chat from then on."""
        runtime = self._ports.runtime
        person = runtime.site.require_admin(request)
        said = said_in(await runtime.site.form(request), person.name)
        talk = await self._talk(request)
        if said is None:
            raise HTTPException(400, "This form is not from this page.")
        if fault := fault_of(said):
            return await self._shown(request, 422, draft=Draft(said.text, said.key, fault))
        if fault := obstacle(talk.chat, talk.record, runtime.accounts, runtime.clock):
            return await self._shown(request, 409, draft=Draft(said.text, said.key, fault))
        try:
            message = await runtime.managers.answer(talk.chat.id, said)
        except ChannelError as error:
            draft = Draft.blank(said.text, refusal_of(error))
            return await self._shown(request, 409, draft=draft)
        if message is not None and (fault := not_as_asked(message, said)):
            return await self._shown(request, 409, draft=Draft.blank(said.text, fault))
        return RedirectResponse(f"/followup/chats/{talk.chat.id}#answer", 303)

    async def erase(self, request: Request) -> Response:
        """All of it is deleted, if the chat's name, or its number, is typed."""
        runtime = self._ports.runtime
        person = runtime.site.require_admin(request)
        typed = str((await runtime.site.form(request)).get("name", ""))
        chat = (await self._talk(request)).chat
        if _plain(typed) not in {_plain(chat.title), str(chat.id)}:
            return await self._shown(request, 422, error=_OTHER_NAME)
        outcome = await runtime.eraser.erase(chat.id, person.name)
        if outcome is not Erasure.DONE:
            return await self._shown(request, 409, error=_ERRORS[outcome])
        return RedirectResponse("/chats?erased", 303)

    async def download(self, request: Request) -> Response:
        """The same as JSON, whole."""
        talk = await self._talk(request)
        headers = {
            "Content-Disposition": f'attachment; filename="chat-{talk.chat.id}.json"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        lines = exported(self._ports, talk.chat, talk.employee, talk.record)
        return StreamingResponse(lines, headers=headers, media_type="application/json")

    async def _shown(
        self, request: Request, status: int = 200, error: str = "", draft: Draft | None = None
    ) -> Response:
        runtime = self._ports.runtime
        talk = await self._talk(request)
        before = number(request.query_params.get("before", ""))
        shown = await self._part(talk, before)
        return runtime.site.html(
            request,
            self._environment,
            "chat_part.html" if wants_part(request) else "chat.html",
            status=status,
            chat=talk.chat,
            employee=talk.employee,
            now=runtime.clock.now(),
            before=before,
            error=error,
            draft=draft or Draft.blank(),
            obstacle=obstacle(talk.chat, talk.record, runtime.accounts, runtime.clock),
            longest=LONGEST,
            **shown,
        )

    async def _part(self, talk: Talk, before: int | None) -> dict[str, Any]:
        """A page of the history, with what comes next if it is the last."""
        lists = self._ports.runtime.lists
        async with self._ports.runtime.database.read() as connection:
            said = await lists.history(connection, talk.chat.id, before, PAGE + 1)
            after = (
                []
                if before is None
                else await lists.history(connection, talk.chat.id, before + 1, 1)
            )
            tried = await attempts(connection, talk.chat.id)
        more = len(said) > PAGE
        said = said[-PAGE:]
        span = Span(
            said[0].at if more else None, after[-1].at if after and before is not None else None
        )
        upcoming, waiting = (None, "") if before is not None else self._next(talk)
        return {
            "entries": entries(said, tried, talk.plan.chain, span),
            "earlier": said[0].n if more else None,
            "next": upcoming,
            "waiting": waiting,
        }

    def _next(self, talk: Talk) -> tuple[Next | None, str]:
        """What the rules say comes next, or why nothing does."""
        if talk.record is None:
            return None, phrase("the client never wrote")
        found = due(talk.record.silence, talk.plan.chain, talk.plan.hours)
        if not isinstance(found, Due):
            return None, why_none(found)
        step = label(found.step.id, found.step.instruction, talk.plan.chain)
        why = WHY[found.why(self._ports.runtime.clock.now())]
        return Next(step, found.at, found.at > found.wanted, why), ""

    async def _talk(self, request: Request) -> Talk:
        """Raises HTTPException 404."""
        runtime, key = self._ports.runtime, number(request.path_params["chat"])
        async with runtime.database.read() as connection:
            chat = await runtime.directory.chat(connection, key) if key else None
            if chat is None or chat.last_n == 0:
                raise HTTPException(404, "There is no such chat.")
            employee = await runtime.directory.employee(connection, chat.employee)
            plan = await self._ports.chains.load(connection, chat.employee)
            record = await self._ports.silences.load(connection, chat.id)
        if employee is None or plan is None:
            raise HTTPException(404, "The employee of this chat is gone.")
        return Talk(chat, employee, plan, record)


def _plain(name: str) -> str:
    """A name as somebody types it from what they see."""
    seen = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", seen)).strip().casefold()
