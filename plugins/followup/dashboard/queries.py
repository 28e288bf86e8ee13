"""What the pages show, straight from SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Employee, Id, Moment
from plugins.followup.adapters.store_sql import record_of
from plugins.followup.adapters.tables import BLOCKED, reminders, silences
from plugins.followup.dashboard.finding import Place, Wish, groups, has_word
from plugins.followup.model import Reason, State
from plugins.followup.owed import PATIENCE
from plugins.followup.ports import Record


class Trouble(StrEnum):
    """Why a chat needs attention, besides the reasons of a silence."""

    UNCERTAIN = "uncertain"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Matter:
    """A chat that somebody should look at: since when, and why."""

    since: datetime
    chat: int
    why: str

    @property
    def place(self) -> Place:
        """Where it stands in the list of them."""
        return self.since, self.chat


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reminder as the conversation shows it."""

    silence: int
    step: str
    instruction: str
    state: State
    reason: Reason | None
    message: int | None
    tokens: int | None
    at: datetime | None
    until: datetime | None = None
    said: str = ""
    fault: str = ""
    variant: str | None = None


async def records(connection: AsyncConnection, chats: Sequence[int]) -> Mapping[int, Record]:
    """Where those chats stand."""
    query = select(silences).where(silences.c.chat_id.in_(chats))
    rows = (await connection.execute(query)).mappings()
    return {row["chat_id"]: record_of(row) for row in rows}


async def matters(
    connection: AsyncConnection,
    wish: Wish,
    people: Sequence[Employee],
    now: datetime,
    *,
    limit: int,
    before: Place | None,
) -> Sequence[Matter]:
    """What needs attention, the latest first; what stands before a place."""
    wanted = _wanted(wish, people)
    found: list[Matter] = []
    for query in (_troubled(), _blocked(), _unanswered(now - PATIENCE)):
        since, chat, _ = query.selected_columns
        mine = query.where(wanted).order_by(since.desc(), chat.desc()).limit(limit)
        if before is not None:
            place = tuple_(literal(before[0], Moment), literal(before[1], Id))
            mine = mine.where(tuple_(since, chat) < place)
        found += [Matter(*row) for row in (await connection.execute(mine)).all()]
    return sorted(found, key=lambda each: each.place, reverse=True)[:limit]


def _wanted(wish: Wish, people: Sequence[Employee]) -> ColumnElement[bool]:
    if not wish.words and wish.employee is None:
        return literal(1) == literal(1)
    ways = [
        and_(
            silences.c.employee_id.in_(ids),
            *(has_word(silences.c.chat_id, word) for word in rest),
        )
        for rest, ids in groups(wish, people).items()
    ]
    return or_(false(), *ways)


# Literals are written into the statements: SQLite takes a partial index only for what it can read.


def _troubled() -> Select[Any]:
    """Reminders of the present silence of unknown fate, or given up because the model failed."""
    this = (silences.c.chat_id == reminders.c.chat_id) & (silences.c.number == reminders.c.silence)
    uncertain = reminders.c.state == literal(State.UNCERTAIN.value, literal_execute=True)
    failed = reminders.c.reason == literal(Reason.COMPOSER_FAILED.value, literal_execute=True)
    why = case((uncertain, Trouble.UNCERTAIN.value), else_=Reason.COMPOSER_FAILED.value)
    query = select(reminders.c.settled_at, reminders.c.chat_id, why)
    query = query.select_from(reminders.join(silences, this))
    over = reminders.c.state.in_((State.UNCERTAIN, State.SKIPPED))
    return query.where(or_(uncertain, failed), over)


def _blocked() -> Select[Any]:
    known = [literal(reason, literal_execute=True) for reason in BLOCKED]
    query = select(silences.c.began, silences.c.chat_id, silences.c.reason)
    return query.where(silences.c.reason.in_(known))


def _unanswered(before: datetime) -> Select[Any]:
    query = select(silences.c.began, silences.c.chat_id, literal(Trouble.UNANSWERED.value))
    return query.where(
        silences.c.answered_at.is_(None),
        silences.c.began < before,
        silences.c.opted_out.is_(False),
        silences.c.stopped.is_(None),
    )


async def attempts(connection: AsyncConnection, chat: int) -> Sequence[Attempt]:
    """The reminders of a chat, in the order in which they were taken up."""
    query = select(reminders).where(reminders.c.chat_id == chat).order_by(reminders.c.id)
    return [
        Attempt(
            silence=row["silence"],
            step=row["step_id"],
            instruction=row["instruction"],
            state=State(row["state"]),
            reason=Reason(row["reason"]) if row["reason"] else None,
            message=row["message_id"],
            tokens=row["tokens"],
            at=row["settled_at"] or row["intent_at"] or row["claimed_at"],
            until=row["until"],
            said=row["said"] or "",
            fault=row["fault"] or "",
            variant=row["variant"],
        )
        for row in (await connection.execute(query)).mappings()
    ]
