"""The list of chats with a scheduled reminder, and of those that need attention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import Response

from bot.api import Ailment, Chat, Employee, phrase
from plugins.followup.chain import due
from plugins.followup.dashboard.asked import Asked, wants_part
from plugins.followup.dashboard.cursor import place_in, written
from plugins.followup.dashboard.finding import Place, Slice, Wish, find
from plugins.followup.dashboard.queries import Matter, Trouble, matters, records
from plugins.followup.model import Due, Reason
from plugins.followup.ports import Plan, Ports, Record
from plugins.followup.words import WHY, Wait, wait_of

PAGE = 50
COUNTED = 1000

_UNANSWERED = phrase("The client waits for an answer.")
# What is the matter, and what to do.
_ADVICE: Mapping[str, tuple[str, str]] = {
    Trouble.UNCERTAIN: (
        phrase("A reminder was perhaps sent: the channel gave no answer."),
        phrase("It is not sent again. Look in the channel whether it arrived."),
    ),
    Trouble.UNANSWERED: (
        _UNANSWERED,
        phrase("Answer in the channel, or look whether the model works: followup check."),
    ),
    Reason.COMPOSER_FAILED: (
        phrase("The model failed three times, so a step was skipped."),
        phrase("Look whether the model works: followup check."),
    ),
    Reason.UNREACHABLE: (
        phrase("The client cannot be reached: they blocked us, or are gone."),
        phrase("Nothing more is sent there until the client writes."),
    ),
    Reason.WINDOW_CLOSED: (
        phrase("The channel's time window is closed."),
        phrase("Set an approved template for the account, or wait until the client writes."),
    ),
    Reason.CHANNEL_FAILED: (
        phrase("The channel did not take a reminder."),
        phrase("Look at the channel account: followup check."),
    ),
    Reason.RATE_LIMITED: (
        phrase("The network let nothing through for too long."),
        phrase("Nothing more is sent in this silence. The client's next message starts over."),
    ),
    Reason.NEVER_OPENS: (
        phrase("The employee's working hours never open."),
        phrase("Give the employee working hours with an opening."),
    ),
}
_AILMENTS: Mapping[Ailment, str] = {
    Ailment.NO_REDIS: phrase(
        "Redis cannot be reached, so nothing is sent now. Nothing is lost: what is due goes out "
        "when it is back. Look at it with: followup check"
    ),
    Ailment.NO_WORKER: phrase(
        "No worker is running, so nothing is sent now. Nothing is lost: what is due goes out when "
        "there is one. Start it with: followup worker"
    ),
}
_HELD = (_UNANSWERED, phrase("A colleague has the chat: answer, or hand it back."))


@dataclass(frozen=True, slots=True)
class Row:
    """A chat in the table; `opens` when it waits for the hours, `why` if nothing is due.

    `wait` is what its reminder waits for.
    """

    chat: Chat
    employee: str
    place: int = 0
    of: int = 0
    at: datetime | None = None
    opens: bool = False
    reason: Reason = Reason.OFF
    wait: Wait | None = None

    @property
    def why(self) -> str:
        """Why nothing is due, in words."""
        return WHY[self.reason] if self.at is None else ""


@dataclass(frozen=True, slots=True)
class Concern:
    """A chat that needs attention."""

    chat: Chat
    employee: str
    since: datetime
    code: str
    why: str
    advice: str


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A page of the list; `total` counts up to one more than COUNTED, `more` is the next page."""

    rows: Sequence[Row]
    total: int
    more: str


class Table:
    """The page at /followup, in its two views."""

    def __init__(self, ports: Ports, environment: Environment) -> None:
        self._ports = ports
        self._environment = environment

    async def page(self, request: Request) -> Response:
        """The view that is asked for; nothing is changed here."""
        runtime = self._ports.runtime
        async with runtime.database.read() as connection:
            people = list(await runtime.lists.people(connection))
        wanted = Asked.of(request, "attention").known(people)
        if wanted.view:
            return await self._attention(request, wanted, people)
        return await self._scheduled(request, wanted, people)

    async def _scheduled(self, request: Request, wanted: Asked, people: list[Employee]) -> Response:
        """Exactly the chats that have a reminder scheduled, the earliest first."""
        found = await scheduled(self._ports, wanted.wish, people, place_in(wanted.start))
        async with self._ports.runtime.database.read() as connection:
            held = await self._ports.runtime.lists.held_count(connection, COUNTED + 1)
        return await self._show(
            request,
            wanted,
            people,
            rows=found.rows,
            total=found.total,
            held=held,
            more=found.more,
            enabled=await self._anybody_on(people) if not found.total else True,
        )

    async def _attention(self, request: Request, wanted: Asked, people: list[Employee]) -> Response:
        """Uncertain, failed, blocked and unanswered chats, the latest first."""
        rows, more = await concerns(self._ports, wanted.wish, people, place_in(wanted.start))
        return await self._show(request, wanted, people, rows=rows, more=more)

    async def _show(
        self, request: Request, wanted: Asked, people: Sequence[Employee], **values: Any
    ) -> Response:
        view = "attention" if wanted.view else "scheduled"
        part = wants_part(request)
        return self._ports.runtime.site.html(
            request,
            self._environment,
            f"{view}_part.html" if part else "list.html",
            asked=wanted,
            part=f"{view}_part.html",
            people=people,
            counted=COUNTED,
            ailment=await self._ailment(),
            now=self._ports.runtime.clock.now(),
            **values,
        )

    async def _ailment(self) -> str:
        """What keeps everything from being sent, in a sentence."""
        found = await self._ports.runtime.pulse.ailment()
        return _AILMENTS[found] if found is not None else ""

    async def _anybody_on(self, people: Sequence[Employee]) -> bool:
        """Whether anybody follows up at all: an empty list then has another reason."""
        async with self._ports.runtime.database.read() as connection:
            for person in people:
                plan = await self._ports.chains.load(connection, person.id)
                if plan is not None and plan.chain.enabled and plan.chain.steps:
                    return True
        return False


async def scheduled(
    ports: Ports, wish: Wish, people: Sequence[Employee], start: Place | None
) -> Scheduled:
    """The chats that have a reminder scheduled, the earliest first."""
    async with ports.runtime.database.read() as connection:
        first = await find(connection, wish, people, Slice(COUNTED + 1))
        places = first[: PAGE + 1]
        if start is not None:
            places = await find(connection, wish, people, Slice(PAGE + 1, start))
    rows = await _rows(ports, places[:PAGE], people)
    more = written(places[PAGE - 1]) if len(places) > PAGE else ""
    return Scheduled(rows, len(first), more)


async def concerns(
    ports: Ports, wish: Wish, people: Sequence[Employee], start: Place | None
) -> tuple[Sequence[Concern], str]:
    """A page of the chats that need attention, the latest first, and where the next one begins."""
    runtime = ports.runtime
    now = runtime.clock.now()
    async with runtime.database.read() as connection:
        found = await matters(connection, wish, people, now, limit=PAGE + 1, before=start)
        chats = await runtime.lists.chats(connection, [each.chat for each in found])
    names = {person.id: person.name for person in people}
    rows = [_concern(each, chats[each.chat], names) for each in found if each.chat in chats]
    return rows[:PAGE], written(found[PAGE - 1].place) if len(found) > PAGE else ""


async def _rows(ports: Ports, places: Sequence[Place], people: Sequence[Employee]) -> list[Row]:
    runtime = ports.runtime
    keys = [chat for _, chat in places]
    plans: dict[str, Plan | None] = {}
    async with runtime.database.read() as connection:
        chats = await runtime.lists.chats(connection, keys)
        known = await records(connection, keys)
        for key in {record.employee for record in known.values()}:
            plans[key] = await ports.chains.load(connection, key)
    names = {person.id: person.name for person in people}
    now = runtime.clock.now()
    rows = [
        (Row(chats[key], names.get(known[key].employee, known[key].employee)), known[key])
        for key in keys
        if key in chats and key in known
    ]
    return [_planned(row, record, plans.get(record.employee), now) for row, record in rows]


def _planned(row: Row, record: Record, plan: Plan | None, now: datetime) -> Row:
    """The row with what comes next there."""
    if plan is None:
        return row
    found = due(record.silence, plan.chain, plan.hours)
    if not isinstance(found, Due):
        return replace(row, reason=found.reason)
    return replace(
        row,
        place=plan.chain.steps.index(found.step) + 1,
        of=len(plan.chain.steps),
        at=found.at,
        opens=found.at > found.wanted,
        reason=found.why(now),
        wait=wait_of(found, now),
    )


def _concern(matter: Matter, chat: Chat, names: Mapping[str, str]) -> Concern:
    why, advice = _ADVICE[matter.why]
    if matter.why == Trouble.UNANSWERED and chat.paused_since is not None:
        why, advice = _HELD
    name = names.get(chat.employee, chat.employee)
    return Concern(chat, name, matter.since, code=matter.why, why=why, advice=advice)
