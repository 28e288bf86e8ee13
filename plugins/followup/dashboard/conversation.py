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

from bot.api import Change, Chat, Employee, Erasure, phrase
from plugins.followup.chain import due
from plugins.followup.dashboard.answering import (
    LONGEST,
    Draft,
    Refusal,
    answer,
    obstacle,
    said_in,
)
from plugins.followup.dashboard.asked import wants_part
from plugins.followup.dashboard.cursor import number
from plugins.followup.dashboard.export import exported
from plugins.followup.dashboard.queries import attempts
from plugins.followup.dashboard.quietly import Quietly
from plugins.followup.dashboard.timeline import Label, Span, entries, label
from plugins.followup.lots import chosen, variant
from plugins.followup.model import Due, Reason, Waiting
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.words import Wait, wait_of, why_none

PAGE = 50
HANDS = ("pause", "resume")
ERRORS = {
    Erasure.BUSY: phrase("A message is being sent in this chat right now. Try again in a minute."),
    Erasure.UNKNOWN: phrase("There is no such chat."),
}
NEVER_WROTE = phrase("the client never wrote")
OTHER_NAME = phrase("That is not the name of this chat, so nothing was erased.")


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
    reason: Reason
    wait: Wait


class Conversation:
    """The pages below /followup/chats/<number>."""

    def __init__(self, ports: Ports, environment: Environment) -> None:
        self._ports = ports
        self._environment = environment
        self._quietly = Quietly(ports)

    async def page(self, request: Request) -> Response:
        """The history, its end first; `before` leads further up."""
        return await self._shown(request)

    async def hand_over(self, request: Request) -> Response:
        """A colleague takes the chat, or the employee gets it back."""
        site = self._ports.runtime.site
        person = site.require_admin(request)
        wish = str((await site.form(request)).get("hand", ""))
        if wish not in HANDS:
            raise HTTPException(400, "A chat can be paused, or handed back.")
        chat = (await self._talk(request)).chat
        await hand_over(self._ports, chat, person.name, wish)
        return RedirectResponse(f"/followup/chats/{chat.id}", 303)

    async def answer(self, request: Request) -> Response:
        """A manager writes to the client, and has the chat from then on."""
        runtime = self._ports.runtime
        person = runtime.site.require_admin(request)
        said = said_in(await runtime.site.form(request), person.name)
        talk = await self._talk(request)
        if said is None:
            raise HTTPException(400, "This form is not from this page.")
        found = await answer(runtime, talk.chat, talk.record, said)
        if isinstance(found, Refusal):
            key = Draft.blank().key if found.spent else said.key
            draft = Draft(said.text, key, found.why)
            return await self._shown(request, 422 if found.bad else 409, draft=draft)
        return RedirectResponse(f"/followup/chats/{talk.chat.id}#answer", 303)

    async def erase(self, request: Request) -> Response:
        """All of it is deleted, if the chat's name, or its number, is typed."""
        runtime = self._ports.runtime
        person = runtime.site.require_admin(request)
        typed = str((await runtime.site.form(request)).get("name", ""))
        chat = (await self._talk(request)).chat
        if not is_named(chat, typed):
            return await self._shown(request, 422, error=OTHER_NAME)
        outcome = await runtime.eraser.erase(chat.id, person.name)
        if outcome is not Erasure.DONE:
            return await self._shown(request, 409, error=ERRORS[outcome])
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
        shown = await self.part(talk, before)
        return runtime.site.html(
            request,
            self._environment,
            "chat_part.html" if wants_part(request) else "chat.html",
            status=status,
            chat=talk.chat,
            employee=talk.employee,
            now=runtime.clock.now(),
            quiet=self._quietly.shown(request, talk.record, talk.plan),
            before=before,
            error=error,
            draft=draft or Draft.blank(),
            obstacle=obstacle(talk.chat, talk.record, runtime.accounts, runtime.clock),
            longest=LONGEST,
            **shown,
        )

    async def part(self, talk: Talk, before: int | None) -> dict[str, Any]:
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
        upcoming = None if before is not None else next_of(self._ports, talk)
        waiting = ""
        if before is None and not isinstance(upcoming, Next):
            waiting = NEVER_WROTE if upcoming is None else why_none(upcoming)
        return {
            "entries": entries(said, tried, talk.plan.chain, span),
            "earlier": said[0].n if more else None,
            "next": upcoming if isinstance(upcoming, Next) else None,
            "waiting": waiting,
        }

    async def _talk(self, request: Request) -> Talk:
        """Raises HTTPException 404."""
        key = number(request.path_params["chat"])
        talk = await talk_of(self._ports, key) if key else None
        if talk is None:
            raise HTTPException(404, "There is no such chat.")
        return talk


async def talk_of(ports: Ports, key: int) -> Talk | None:
    """The chat with that number, unless nothing was said there, or its employee is gone."""
    async with ports.runtime.database.read() as connection:
        chat = await ports.runtime.directory.chat(connection, key)
        if chat is None or chat.last_n == 0:
            return None
        employee = await ports.runtime.directory.employee(connection, chat.employee)
        plan = await ports.chains.load(connection, chat.employee)
        record = await ports.silences.load(connection, chat.id)
    return None if employee is None or plan is None else Talk(chat, employee, plan, record)


def next_of(ports: Ports, talk: Talk) -> Next | Waiting | None:
    """What the rules say comes next, or why nothing does; None: the client never wrote."""
    if talk.record is None:
        return None
    found = due(talk.record.silence, talk.plan.chain, talk.plan.hours)
    if not isinstance(found, Due):
        return found
    its, which = chosen(found.step, talk.chat.id), variant(found.step, talk.chat.id)
    step = label(its.id, its.instruction, talk.plan.chain, which)
    now = ports.runtime.clock.now()
    opens = found.at > found.wanted
    return Next(step, found.at, opens, found.why(now), wait_of(found, now))


async def hand_over(ports: Ports, chat: Chat, by: str, wish: str) -> None:
    """A colleague takes the chat ("pause"), or the employee gets it back."""
    handover, paused = ports.runtime.handover, wish == "pause"
    before, after = ({"paused": each} for each in (chat.paused_since is not None, paused))
    change = Change(by, f"followup.{wish}", chat.employee, chat.id, before, after)
    await (handover.pause(chat.id, change) if paused else handover.resume(chat.id, change))


def is_named(chat: Chat, typed: str) -> bool:
    """Whether that is the chat's name, or its number, as somebody types it."""
    return _plain(typed) in {_plain(chat.title), str(chat.id)}


def _plain(name: str) -> str:
    """A name as somebody types it from what they see."""
    seen = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", seen)).strip().casefold()
