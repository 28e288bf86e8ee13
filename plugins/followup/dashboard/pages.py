"""The pages at /followup: the table of scheduled chats, and one conversation each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.api import Author, Delivery, Message
from plugins.followup.chain import due
from plugins.followup.dashboard.queries import Attempt, attempts, count_scheduled, scheduled
from plugins.followup.model import Due, State
from plugins.followup.ports import Plan, Ports
from plugins.followup.words import WHY, left, moment

PAGE = 50
HISTORY = 500
_DIGITS = 9
# These have a message in the conversation; that of a failed one is left out there.
_SHOWN = {State.SENDING, State.SENT, State.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next in a chat and why, in words."""

    step: str
    instruction: str
    when: str
    exact: str
    why: str


class Pages:
    """Server-rendered pages that read and change nothing."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._environment = ports.runtime.site.environment("plugins.followup.dashboard")

    def routes(self) -> Sequence[BaseRoute]:
        """Where the pages are."""
        static = StaticFiles(directory=Path(__file__).parent / "static")
        return (
            Route("/followup", self.chats),
            Route("/followup/chats/{chat}", self.chat),
            Mount("/followup/static", static),
        )

    async def chats(self, request: Request) -> Response:
        """Exactly the chats that have a reminder scheduled, the earliest first."""
        runtime = self._ports.runtime
        now = runtime.clock.now()
        async with runtime.database.read() as connection:
            total = await count_scheduled(connection)
            pages = max(1, -(-total // PAGE))
            page = min(_page(request), pages)
            first = (page - 1) * PAGE
            rows = await scheduled(connection, runtime.directory, first, PAGE)
        chats = [
            {"chat": row.chat, "employee": row.employee, "when": left(row.due_at - now)}
            for row in rows
        ]
        return self._html(request, "chats.html", chats=chats, total=total, page=page, pages=pages)

    async def chat(self, request: Request) -> Response:
        """The conversation, its reminders, and what comes next."""
        runtime = self._ports.runtime
        key = _number(request.path_params["chat"])
        async with runtime.database.read() as connection:
            chat = await runtime.directory.chat(connection, key)
            if chat is None:
                raise HTTPException(404, "There is no such chat.")
            employee = await runtime.directory.employee(connection, chat.employee)
            plan = await self._ports.chains.load(connection, chat.employee)
            record = await self._ports.silences.load(connection, key)
            tried = await attempts(connection, key)
        history = await runtime.chats.latest(key, HISTORY)
        if employee is None or plan is None:
            raise HTTPException(404, "The employee of this chat is gone.")
        found = due(record.silence, plan.chain, plan.hours) if record is not None else None
        now = runtime.clock.now()
        upcoming = _next(found, plan, now) if isinstance(found, Due) else None
        waiting = None if found is None or isinstance(found, Due) else WHY[found.reason]
        return self._html(
            request,
            "chat.html",
            chat=chat,
            employee=employee,
            entries=[_entry(message, plan, tried) for message in history],
            unsent=[_attempt(attempt, plan) for attempt in tried if attempt.state not in _SHOWN],
            next=upcoming,
            waiting=waiting,
        )

    def _html(self, request: Request, template: str, **values: Any) -> Response:
        return self._ports.runtime.site.html(request, self._environment, template, **values)


def _page(request: Request) -> int:
    return max(_number(request.query_params.get("page", "1")), 1)


def _number(text: str) -> int:
    """A number that a database can count with; 0 for whatever is none."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0


def _next(found: Due, plan: Plan, now: datetime) -> Next:
    return Next(
        step=found.step.id,
        instruction=found.step.instruction,
        when=left(found.at - now),
        exact=moment(found.at, plan.hours.zone),
        why=WHY[found.why(now)],
    )


def _entry(message: Message, plan: Plan, tried: Sequence[Attempt]) -> dict[str, Any]:
    attempt = next((each for each in tried if each.message == message.id), None)
    notes: list[str] = []
    if attempt is not None:
        notes.append(f"Reminder, step {attempt.step}: {attempt.instruction}")
    if message.delivery is not Delivery.SENT:
        notes.append({Delivery.UNCERTAIN: "perhaps sent"}.get(message.delivery, "being sent"))
    if message.tokens is not None:
        notes.append(f"{message.tokens} tokens")
    return {
        "who": message.author.value,
        "mine": message.author is not Author.CLIENT,
        "text": message.text,
        "at": message.at.isoformat(),
        "exact": moment(message.at, plan.hours.zone),
        "notes": notes,
        "reminder": attempt is not None,
    }


def _attempt(attempt: Attempt, plan: Plan) -> dict[str, Any]:
    return {
        "step": attempt.step,
        "state": attempt.state.value,
        "why": WHY[attempt.reason] if attempt.reason is not None else "",
        "exact": moment(attempt.at, plan.hours.zone) if attempt.at is not None else "",
    }
